import type { EpochMetrics } from '../contract/training.ts';

/** What the curves of a run say, each by a stated rule. */
export type CurveVerdict =
  'overfitting' | 'underfitting' | 'no-gain' | 'past-its-best' | 'still-improving' | 'healthy' | 'too-short';

export interface CurveDiagnosis {
  verdict: CurveVerdict;
  /** One or two sentences: what is seen, and what to change. */
  message: string;
}

/** One epoch, as far as the diagnosis needs it. */
export interface CurvePoint {
  trainLoss: number;
  valLoss: number;
  trainAccuracy: number;
  valAccuracy: number;
}

/**
 * What a diagnosis looks at: loss, and accuracy beside the largest class's share. Of findings, most of which are absent from most images, F1 takes
 * the place of accuracy, and guessing has none.
 */
export function curveOf(
  epochs: readonly EpochMetrics[],
  { images, classes }: { images: number; classes: readonly number[] },
  multiLabel = false,
): { points: CurvePoint[]; chance: number } {
  const points = epochs.flatMap((epoch): CurvePoint[] => {
    const { trainLoss, validationLoss: valLoss } = epoch;
    const valAccuracy = multiLabel ? epoch.validationF1 : epoch.validationAccuracy;
    if (valLoss === null || valAccuracy === null) return [];
    return [
      { trainLoss, valLoss, trainAccuracy: multiLabel ? epoch.trainF1 : epoch.trainAccuracy, valAccuracy },
    ];
  });
  return { points, chance: multiLabel ? 0 : Math.max(...classes) / images };
}

/** Rises of the validation loss below this share of its minimum are noise. */
const RISE = 0.1;
/** Validation losses within this share of the minimum are as good as it. */
const LEVEL = 0.03;
/** How far training accuracy may lead before it counts. */
const GAP = 0.15;

/**
 * Reads a run's curves:
 * - fewer than three epochs: too short to say
 * - overfitting: validation loss ended a tenth above its minimum while training loss fell on, and training accuracy
 *   leads by more than 0.15
 * - underfitting: training accuracy stayed within 0.1 of guessing (`chance`), the largest class's share
 * - no gain: validation loss was lowest after the first epoch, and ended more than 3 % above that
 * - still improving: the lowest validation loss is that of the last epoch
 * - past its best: validation loss ended more than 3 % above its minimum, without the other signs of overfitting
 * - healthy: none of these
 */
export function diagnoseCurves(epochs: readonly CurvePoint[], chance: number): CurveDiagnosis {
  if (epochs.length < 3)
    return { verdict: 'too-short', message: 'Too few epochs to judge the curves; train for at least three.' };
  const last = epochs[epochs.length - 1];
  const best = epochs.reduce((low, epoch, i) => (epoch.valLoss < epochs[low].valLoss ? i : low), 0);
  const lowest = epochs[best];
  if (last.trainAccuracy < chance + 0.1) {
    return {
      verdict: 'underfitting',
      message:
        'The model hardly learned its own training images: unfreeze more stages, raise the learning rate or train longer.',
    };
  }
  const rose = last.valLoss > lowest.valLoss * (1 + RISE) && last.trainLoss < lowest.trainLoss;
  if (rose && last.trainAccuracy - last.valAccuracy > GAP) {
    return {
      verdict: 'overfitting',
      message: `From epoch ${best + 1} on the model learned its training images by heart: freeze more stages, augment more, or add dropout and weight decay. The weights of epoch ${best + 1} were the best.`,
    };
  }
  const worse = last.valLoss > lowest.valLoss * (1 + LEVEL);
  if (best === 0 && worse) {
    return {
      verdict: 'no-gain',
      message:
        'Validation was best after the first epoch, and what came after did not help: lower the learning rate, or freeze more.',
    };
  }
  if (best === epochs.length - 1) {
    return {
      verdict: 'still-improving',
      message: 'Validation loss was still falling at the end: more epochs may help.',
    };
  }
  if (worse) {
    return {
      verdict: 'past-its-best',
      message: `Validation was best at epoch ${best + 1} and did not come back to it; the weights of that epoch are kept.`,
    };
  }
  return {
    verdict: 'healthy',
    message: 'Training and validation curves went down together; nothing needs to change.',
  };
}
