import { type AugmentationSettings, resolveAugmentation } from '../contract/augmentation.ts';
import type { MeasuredCost, ModelCost, PhaseCost, TrainingCost } from '../contract/cost.ts';
import { versionsOf } from './batches.ts';

/** Images that a training would look at. */
export interface ImageCounts {
  train: number;
  validation: number;
}

/** What was measured of single steps, reckoned up for a training on so many images. */
export function estimateCost(
  measured: MeasuredCost,
  { train, validation }: ImageCounts,
  augmentation: AugmentationSettings,
): ModelCost {
  const { headOnly, planned, memoryBytes, batch, height, width, measuredAt } = measured;
  const versions = versionsOf(resolveAugmentation(augmentation));
  const steps = Math.ceil(train / Math.min(batch, Math.max(1, train)));
  const reckoned = ({ frozenSeconds, stepSeconds, judgeSeconds }: PhaseCost): TrainingCost => ({
    onceSeconds: (train * versions + validation) * frozenSeconds,
    epochSeconds: steps * stepSeconds + validation * judgeSeconds,
  });
  return {
    headOnly: headOnly && reckoned(headOnly),
    planned: reckoned(planned),
    memoryBytes,
    batch,
    height,
    width,
    measuredAt,
    images: train,
  };
}
