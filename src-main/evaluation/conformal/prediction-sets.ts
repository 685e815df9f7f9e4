import { GraftError } from '../../contract/errors.ts';
import { type ConformalScore, leastAmbiguous } from './scores.ts';

export interface ConformalOptions {
  /** How often a set may miss the true class, such as 0.1. */
  miss: number;
  /** Default `leastAmbiguous`. */
  score?: ConformalScore;
  /** A threshold for each class, so that each is missed no more often (Vovk 2012); default one for all. */
  byClass?: boolean;
  /** For each case a draw from [0, 1) as the score's share; default 1 for all, which covers a little more than asked for. */
  shares?: ArrayLike<number>;
}

export interface ConformalPredictor {
  /** Of each class; Infinity where there are too few cases to leave it out: it is in every set. */
  thresholds: number[];
  /** Classes of each case, ascending; may be empty. */
  sets: (probabilities: readonly ArrayLike<number>[], shares?: ArrayLike<number>) => number[][];
}

/**
 * Sets of classes that hold the true one with a chance of at least 1 − miss, whatever the model (split conformal prediction; Vovk, Gammerman and
 * Shafer 2005). That holds for new cases drawn as those that calibrate: from the same hospitals, none of which the model has learned from, and **one image
 * for each patient**, since images of one patient are not exchangeable with those of others.
 *
 * @param labels class of each case that calibrates
 * @param probabilities for each one value for each class
 * @throws GraftError `conformal-miss` where `miss` is not between 0 and 1
 */
export function fitConformal(
  labels: ArrayLike<number>,
  probabilities: readonly ArrayLike<number>[],
  classes: number,
  { miss, score = leastAmbiguous, byClass = false, shares }: ConformalOptions,
): ConformalPredictor {
  if (!(miss > 0 && miss < 1)) {
    throw new GraftError(
      'conformal-miss',
      `Expected how often a set may miss the true class, between 0 and 1, found ${miss}. Choose for example 0.1.`,
    );
  }
  const scores = probabilities.map((row, i) => score(row, labels[i], shares?.[i] ?? 1));
  const ofAll = conformalQuantile(scores, miss);
  const thresholds = Array.from({ length: classes }, (_, k) =>
    byClass
      ? conformalQuantile(
          scores.filter((_, i) => labels[i] === k),
          miss,
        )
      : ofAll,
  );
  return {
    thresholds,
    sets: (rows, of) =>
      rows.map((row, i) =>
        // Sums in another order may miss a threshold by rounding.
        thresholds.flatMap((threshold, k) => (score(row, k, of?.[i] ?? 1) <= threshold + 1e-12 ? [k] : [])),
      ),
  };
}

/** The ⌈(n + 1)(1 − miss)⌉-th smallest of n scores; Infinity where there is none. */
export function conformalQuantile(scores: readonly number[], miss: number): number {
  // 20 · 0.95 must be 19, not a hair more.
  const rank = Math.ceil((scores.length + 1) * (1 - miss) - 1e-9);
  if (rank > scores.length) return Infinity;
  return Float64Array.from(scores).sort()[rank - 1];
}

export interface SetQuality {
  /** How many sets hold the true class. */
  coverage: number;
  /** The same of each class; null of one without cases. */
  coverageOfClass: (number | null)[];
  meanSize: number;
  /** Shares of sets that name no class, and that name exactly one. */
  empty: number;
  single: number;
  /** Coverage by size: a set that is large where the model errs covers alike at every size (Angelopoulos et al. 2021). */
  bySize: { size: number; cases: number; coverage: number }[];
}

/** How sets did on cases that calibrated nothing. Null of no cases. */
export function evaluateSets(
  sets: readonly (readonly number[])[],
  labels: ArrayLike<number>,
  classes: number,
): SetQuality | null {
  if (sets.length === 0) return null;
  const covered = sets.map((set, i) => set.includes(labels[i]));
  const share = (chosen: (i: number) => boolean): number | null => {
    const cases = covered.filter((_, i) => chosen(i));
    return cases.length === 0 ? null : cases.filter(Boolean).length / cases.length;
  };
  const withSize = (size: number): number => sets.filter((set) => set.length === size).length;
  return {
    coverage: share(() => true)!,
    coverageOfClass: Array.from({ length: classes }, (_, k) => share((i) => labels[i] === k)),
    meanSize: sets.reduce((sum, set) => sum + set.length, 0) / sets.length,
    empty: withSize(0) / sets.length,
    single: withSize(1) / sets.length,
    bySize: Array.from({ length: classes + 1 }, (_, size) => size)
      .filter((size) => withSize(size) > 0)
      .map((size) => ({ size, cases: withSize(size), coverage: share((i) => sets[i].length === size)! })),
  };
}
