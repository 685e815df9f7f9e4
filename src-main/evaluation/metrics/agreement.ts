/** Sums of rows and of columns, and of all. */
function margins(confusion: readonly (readonly number[])[]): {
  actual: number[];
  predicted: number[];
  total: number;
} {
  const actual = confusion.map((row) => row.reduce((sum, count) => sum + count, 0));
  const predicted = confusion.map((_, k) => confusion.reduce((sum, row) => sum + row[k], 0));
  return { actual, predicted, total: actual.reduce((sum, count) => sum + count, 0) };
}

/**
 * Matthews' correlation of labels and predictions, for any number of classes (Gorodkin 2004): 1 is perfect, 0 is chance.
 *
 * @param confusion counts by true class (row) and predicted class (column)
 * @returns null where labels or predictions are all of one class, and of an empty matrix (scikit-learn says 0)
 */
export function matthewsCorrelation(confusion: readonly (readonly number[])[]): number | null {
  const { actual, predicted, total } = margins(confusion);
  const hits = confusion.reduce((sum, row, k) => sum + row[k], 0);
  const dot = (a: readonly number[], b: readonly number[]): number =>
    a.reduce((sum, value, k) => sum + value * b[k], 0);
  const ofLabels = total * total - dot(actual, actual);
  const ofPredictions = total * total - dot(predicted, predicted);
  if (ofLabels === 0 || ofPredictions === 0) return null;
  return (hits * total - dot(actual, predicted)) / Math.sqrt(ofLabels * ofPredictions);
}

/**
 * Cohen's kappa where classes are grades: how much less two readers disagree than by chance, a disagreement weighing as many grades as it spans
 * (`linear`) or that squared (`quadratic`; Cohen 1968). `none` weighs all alike, as `cohenKappa`.
 *
 * @param confusion counts by the first reader's class (row) and the second's (column), classes in the order of the grades
 * @returns null where chance alone gives no disagreement: both always say the same one class, or nothing was read
 */
export function weightedKappa(
  confusion: readonly (readonly number[])[],
  weights: 'none' | 'linear' | 'quadratic',
): number | null {
  const { actual, predicted, total } = margins(confusion);
  const weight = (a: number, b: number): number =>
    weights === 'none' ? Number(a !== b) : weights === 'linear' ? Math.abs(a - b) : (a - b) ** 2;
  let found = 0;
  let expected = 0;
  confusion.forEach((row, a) =>
    row.forEach((count, b) => {
      found += weight(a, b) * count;
      expected += (weight(a, b) * actual[a] * predicted[b]) / total;
    }),
  );
  return total === 0 || expected === 0 ? null : 1 - found / expected;
}
