import { basename } from 'node:path';
import type { Run } from '../contract/run.ts';
import type { TrainingConfig } from '../contract/training.ts';
import { modelCards } from '../models/index.ts';
import { addedModelIn } from './added-models.ts';

type Start = Pick<TrainingConfig, 'modelName' | 'initial'>;

/** What a run started from: a baseline from scratch stands under the settings of the others, and starts from random weights whatever they say. */
export const startOfRun = ({ approach, config }: Pick<Run, 'approach' | 'config'>): Start =>
  approach === 'scratch' ? { ...config, initial: 'random' } : config;

/** What a training starts from, in a person's words: the network, or weights that were added under their own title, whatever network they are of. */
export function titleOfStart({ modelName, initial }: Start): string {
  if (initial !== 'pretrained' && initial !== 'random') {
    return addedModelIn(initial)?.title ?? basename(initial);
  }
  // What stands behind a colon tells how the weights came to be that Graft ships.
  const title =
    modelCards()
      .find(({ name }) => name === modelName)
      ?.title.split(':')[0] ?? modelName;
  return initial === 'random' ? `${title}, random weights` : title;
}

/** The same as `--model` takes it: two trainings of one network are told apart by the weights that they started from. */
export function nameOfStart({ modelName, initial }: Start): string {
  if (initial === 'pretrained') return modelName;
  return initial === 'random' ? `${modelName} (random)` : basename(initial);
}
