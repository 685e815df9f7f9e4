import type { ScoredPrediction } from '../contract/evaluation.ts';
import { type Approach, methodOf } from '../contract/run.ts';

export interface ModelPredictions {
  name: string;
  approach: Approach;
  /** The same images in the same order for every model. */
  predictions: readonly ScoredPrediction[];
  /** Of findings: the threshold of each, chosen on validation images; null where there is none. */
  thresholds?: readonly (number | null)[];
}

export interface EvaluationOptions {
  classes: readonly string[];
  /** Whether an image may show any number of the classes. Default false. */
  multiLabel?: boolean;
  models: readonly ModelPredictions[];
  /** Default 0. */
  seed?: number;
  /** Bootstrap replicates; default 1,000. */
  replicates?: number;
  /** Pairs of model names to compare; default see `pairsOf`. */
  compare?: readonly (readonly [string, string])[];
}

/** Pairs of model names to compare: adapted models each against the one that they were adapted from, else the last against each before it. */
export function pairsOf({ compare, models }: EvaluationOptions): readonly (readonly [string, string])[] {
  if (compare) return compare;
  const adapted = models.filter(({ approach }) => methodOf(approach) !== null);
  const source = models.find(({ approach }) => approach === 'fine-tuned');
  if (source && adapted.length > 0) return adapted.map(({ name }): [string, string] => [name, source.name]);
  return models.slice(0, -1).map(({ name }): [string, string] => [models[models.length - 1].name, name]);
}
