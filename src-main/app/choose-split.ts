import { createSplit } from '../cohort/index.ts';
import type { Split, SplitOptionsInput } from '../contract/dataset.ts';
import { GraftError } from '../contract/errors.ts';
import { isFold } from '../store/cross-validations.ts';
import { getSplit, listSplits } from '../store/index.ts';
import type { Session } from './session.ts';

/** Which split to work on: a stored one by its number, or options for a new one. */
export interface SplitChoice {
  splitId?: number;
  /** Whether it may be a fold of a cross-validation; for what that itself does. Default false. */
  fold?: boolean;
  options?: SplitOptionsInput;
}

/**
 * The split asked for: the stored one that is named, else a new one with the options given, else the one made last,
 * else a new one with the defaults.
 *
 * @throws GraftError `split-missing`, and what `createSplit` throws
 */
export function chooseSplit({ project }: Session, { splitId, fold, options }: SplitChoice): Split {
  if (splitId !== undefined) {
    const split = getSplit(project.db, splitId);
    if (split && (fold || !isFold(project.db, splitId))) return split;
    const known = listSplits(project.db).map(({ id }) => id);
    throw new GraftError(
      'split-missing',
      `Expected a split of this project, found ${splitId}; there ${known.length === 0 ? 'is none yet: make one first' : `are ${known.join(', ')}`}.`,
    );
  }
  if (options) return createSplit(project, options);
  return listSplits(project.db)[0] ?? createSplit(project);
}
