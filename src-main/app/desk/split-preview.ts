import { createSplit } from '../../cohort/index.ts';
import type { SplitPreview } from '../../contract/calls/plans.ts';
import type { Split, SplitOptions } from '../../contract/dataset.ts';
import { transaction } from '../../store/index.ts';
import type { Desk } from './desk.ts';

class Seen<Result> extends Error {
  readonly result: Result;

  constructor(result: Result) {
    super('seen');
    this.result = result;
  }
}

/**
 * Deals patients, lets `look` read what came of it, and takes it back: the same code as for good, and nothing stored.
 *
 * @throws GraftError what `createSplit` throws
 */
export function withDealtSplit<Result>(
  { session: { project } }: Desk,
  options: SplitOptions,
  look: (split: Split) => Result,
): Result {
  try {
    transaction(project.db, () => {
      throw new Seen(look(createSplit(project, options)));
    });
  } catch (thrown) {
    if (thrown instanceof Seen) return thrown.result as Result;
    throw thrown;
  }
  throw new Error('The preview came to nothing.');
}

/** How patients would be dealt. */
export function previewSplit(desk: Desk, options: SplitOptions): SplitPreview {
  return withDealtSplit(desk, options, ({ classes, multiLabel = false, counts, leftOut }) => ({
    classes,
    multiLabel,
    counts,
    leftOut,
  }));
}
