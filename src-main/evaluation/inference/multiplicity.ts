/** Adjusts p-values, in the order given. */
export type Correction = (pValues: readonly number[]) => number[];

/** Indexes from the smallest p-value up. */
const ascending = (pValues: readonly number[]): number[] =>
  [...pValues.keys()].sort((a, b) => pValues[a] - pValues[b]);

/**
 * Holm's step-down adjustment (Holm 1979): the chance of any false finding stays below what each adjusted value is compared with, whatever
 * the tests depend on. The i-th smallest of m is multiplied by m − i + 1, and none falls below a smaller one. Empty for none.
 */
export const holm: Correction = (pValues) => {
  const adjusted = new Array<number>(pValues.length);
  let largest = 0;
  ascending(pValues).forEach((index, rank) => {
    largest = Math.max(largest, Math.min(1, pValues[index] * (pValues.length - rank)));
    adjusted[index] = largest;
  });
  return adjusted;
};

/**
 * Benjamini and Hochberg's adjustment (1995): the expected share of false ones among the findings, for independent or positively dependent tests.
 * The i-th smallest of m is multiplied by m / i, and none rises above a larger one. Empty for none.
 */
export const benjaminiHochberg: Correction = (pValues) => {
  const adjusted = new Array<number>(pValues.length);
  let smallest = 1;
  ascending(pValues)
    .reverse()
    .forEach((index, fromTop) => {
      smallest = Math.min(smallest, (pValues[index] * pValues.length) / (pValues.length - fromTop));
      adjusted[index] = smallest;
    });
  return adjusted;
};
