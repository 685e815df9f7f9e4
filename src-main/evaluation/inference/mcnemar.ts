import { binomialCdf, binomialChance } from '../distributions/beta.ts';

export interface McNemarTest {
  /** Cases that only the first, and only the second, got right. */
  onlyFirst: number;
  onlySecond: number;
  /** Two-sided, of the binomial test on the cases where they differ. Keeps its level always, and is conservative. */
  exact: number;
  /** Half the chance of the observed table taken off (Fagerland, Lydersen and Laake 2013): nearer to its level. */
  midP: number;
}

/**
 * McNemar's test of two accuracies on the same cases (McNemar 1947). Cases count as independent: give it one result for each patient, or use
 * `pairedPermutationTest` for several images of a patient. Where the two never differ both p-values are 1.
 *
 * @param first whether the first was right, for each case
 * @param second the same of the second, in the same order
 */
export function mcnemarTest(first: ArrayLike<boolean>, second: ArrayLike<boolean>): McNemarTest {
  let onlyFirst = 0;
  let onlySecond = 0;
  for (let i = 0; i < first.length; i++) {
    if (first[i] && !second[i]) onlyFirst++;
    else if (second[i] && !first[i]) onlySecond++;
  }
  return { onlyFirst, onlySecond, ...mcnemarCounts(onlyFirst, onlySecond) };
}

/** The same from the two counts of cases where only one is right. */
export function mcnemarCounts(onlyFirst: number, onlySecond: number): { exact: number; midP: number } {
  const differing = onlyFirst + onlySecond;
  if (differing === 0) return { exact: 1, midP: 1 };
  const fewer = Math.min(onlyFirst, onlySecond);
  const observed = binomialChance(fewer, differing, 0.5);
  if (onlyFirst === onlySecond) return { exact: 1, midP: 1 - observed / 2 };
  const exact = Math.min(1, 2 * binomialCdf(fewer, differing, 0.5));
  return { exact, midP: exact - observed };
}
