import type { TrainingConfig } from '../contract/training.ts';
import { GraftError } from '../contract/errors.ts';

/**
 * How a head answers:
 * - `softmax`: one class of several, one output for each
 * - `binary`: one of two classes by one sigmoid, the probability of the second
 * - `findings`: any number of findings, a sigmoid for each
 */
export type HeadKind = 'softmax' | 'binary' | 'findings';

/**
 * What a plan and its labels ask for.
 *
 * @throws GraftError `head-output`
 */
export function headKind(
  { head: { output } }: Pick<TrainingConfig, 'head'>,
  classes: readonly string[],
  multiLabel = false,
): HeadKind {
  if (multiLabel) {
    if (output !== 'softmax') return 'findings';
    throw new GraftError(
      'head-output',
      'Expected a sigmoid for each finding, as an image may show several of them; found softmax, which gives one answer. Set the output to sigmoid, or to auto.',
    );
  }
  if (output !== 'sigmoid') return 'softmax';
  if (classes.length === 2) return 'binary';
  throw new GraftError(
    'head-output',
    `Expected two classes for one sigmoid, found ${classes.length}, of which each image has one. Set the output to softmax, or label the images with findings (a multi-label set).`,
  );
}

/** Outputs of a head. */
export const unitsOf = (kind: HeadKind, classes: readonly string[]): number =>
  kind === 'binary' ? 1 : classes.length;
