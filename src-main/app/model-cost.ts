import type { ModelCost } from '../contract/cost.ts';
import type { Preprocessing } from '../contract/dataset.ts';
import { GraftError } from '../contract/errors.ts';
import type { TrainingConfig } from '../contract/training.ts';
import type { MeasureTask } from '../jobs/measure-worker.ts';
import { estimateCost, type ImageCounts } from '../training/index.ts';
import { knownCosts, measureCostOf } from './measured-costs.ts';
import type { Reporting } from './reporting.ts';

/** A model to start from, as settings name it. */
export interface StartChoice {
  modelName: string;
  initial: string;
}

/** Images and classes that a cost is reckoned for. */
export interface CostSubject extends ImageCounts {
  classes: number;
  multiLabel: boolean;
  images: Pick<Preprocessing, 'height' | 'width' | 'channels'>;
}

/** A plan with another model in it: what is said by names of stages and layers falls away, because another network has others. */
export function planWith(config: TrainingConfig, { modelName, initial }: StartChoice): TrainingConfig {
  if (config.modelName === modelName) return { ...config, initial };
  return {
    ...config,
    modelName,
    initial,
    freezeUntil: null,
    trainableLayers: null,
    stageRates: null,
    unfreeze: null,
  };
}

const taskOf = (
  config: TrainingConfig,
  start: StartChoice,
  { classes, multiLabel, images }: CostSubject,
): MeasureTask => ({
  config: planWith(config, start),
  classes,
  multiLabel,
  images: { height: images.height, width: images.width, channels: images.channels },
});

/** What models would cost under a plan, from what was measured before; null where nothing was. */
export function knownCostsUnder(
  config: TrainingConfig,
  subject: CostSubject,
): (start: StartChoice) => ModelCost | null {
  const known = knownCosts();
  return (start) => {
    const measured = known.of(taskOf(config, start, subject));
    return measured && estimateCost(measured, subject, config.augmentation);
  };
}

/** What a model would cost under a plan; measured now where that was not done before. */
export async function costUnder(
  config: TrainingConfig,
  start: StartChoice & { title: string },
  subject: CostSubject,
  reporting: Reporting,
): Promise<ModelCost> {
  const task = taskOf(config, start, subject);
  const measured = knownCosts().of(task) ?? (await measureCostOf(task, start.title, reporting));
  return estimateCost(measured, subject, config.augmentation);
}

/** The same, where a model that cannot be measured (too large for the memory, say) must not stop the others. */
export async function costOrReason(
  ...call: Parameters<typeof costUnder>
): Promise<{ cost: ModelCost; reason: null } | { cost: null; reason: string }> {
  try {
    return { cost: await costUnder(...call), reason: null };
  } catch (thrown) {
    const error = GraftError.from(thrown);
    if (error.kind !== 'expected') throw error;
    return { cost: null, reason: error.message };
  }
}
