import type { AugmentationChoice } from '../contract/augmentation-choice.ts';
import type { PlanWarning } from '../contract/calls/plans.ts';
import type { Split } from '../contract/dataset.ts';
import type { TrainingConfig } from '../contract/training.ts';
import { countImageKinds } from '../store/index.ts';
import { chooseAugmentation, explainAugmentation, warnOfAugmentation } from '../training/index.ts';
import type { Session } from './session.ts';

/** What a training's augmentation came to, in words for people. */
export interface ToldAugmentation extends AugmentationChoice {
  explanation: string[];
  warnings: PlanWarning[];
}

/**
 * A configuration whose augmentation is settled for the images that a split trains on: `auto` has become the preset that suits them, and
 * every setting is written out, so that a run says for good what its images went through.
 */
export function withChosenAugmentation(
  { project }: Pick<Session, 'project'>,
  config: TrainingConfig,
  split: Split,
): { config: TrainingConfig; told: ToldAugmentation } {
  const kinds = countImageKinds(project.db, { trainingOf: split.id });
  const choice = chooseAugmentation(config.augmentation, { kinds, classes: split.classes });
  const told = {
    ...choice,
    explanation: explainAugmentation(choice),
    warnings: warnOfAugmentation(choice, null),
  };
  return { config: { ...config, augmentation: { preset: choice.preset, ...choice.config } }, told };
}
