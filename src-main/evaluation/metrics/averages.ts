/**
 * How values of classes become one: `macro` all classes alike, `weighted` by how many cases each has, `micro` from counts added up over classes.
 */
export type Average = 'macro' | 'micro' | 'weighted';

export interface AveragedMetrics {
  precision: number;
  recall: number;
  specificity: number;
  f1: number;
}

const names = ['precision', 'recall', 'specificity', 'f1'] as const;

/** Counts of one class against all others. */
interface Counts {
  truePositives: number;
  falsePositives: number;
  falseNegatives: number;
  trueNegatives: number;
}

const ratio = (part: number, whole: number): number => (whole === 0 ? 0 : part / whole);

/** Precision TP/(TP+FP), recall TP/(TP+FN), specificity TN/(TN+FP), F1 2TP/(2TP+FP+FN); 0 where the divisor is. */
const metricsOf = (counts: Counts): AveragedMetrics => ({
  precision: ratio(counts.truePositives, counts.truePositives + counts.falsePositives),
  recall: ratio(counts.truePositives, counts.truePositives + counts.falseNegatives),
  specificity: ratio(counts.trueNegatives, counts.trueNegatives + counts.falsePositives),
  f1: ratio(
    2 * counts.truePositives,
    2 * counts.truePositives + counts.falsePositives + counts.falseNegatives,
  ),
});

/**
 * Precision, recall, specificity and F1 over classes, as scikit-learn's `precision_recall_fscore_support(average=…, zero_division=0)`: over the
 * classes that occur among labels or predictions; specificity is the recall of "any other class". All are 0 of an empty matrix.
 *
 * @param confusion counts by true class (row) and predicted class (column)
 */
export function averagedMetrics(
  confusion: readonly (readonly number[])[],
  average: Average,
): AveragedMetrics {
  const counts = countsOfClasses(confusion).filter(
    ({ truePositives, falsePositives, falseNegatives }) =>
      truePositives + falsePositives + falseNegatives > 0,
  );
  if (average === 'micro') {
    const sum = (of: keyof Counts): number => counts.reduce((total, one) => total + one[of], 0);
    return metricsOf({
      truePositives: sum('truePositives'),
      falsePositives: sum('falsePositives'),
      falseNegatives: sum('falseNegatives'),
      trueNegatives: sum('trueNegatives'),
    });
  }
  const weights = counts.map((one) => (average === 'macro' ? 1 : one.truePositives + one.falseNegatives));
  const whole = weights.reduce((sum, weight) => sum + weight, 0);
  const each = counts.map(metricsOf);
  const mean = (name: (typeof names)[number]): number =>
    ratio(
      each.reduce((sum, one, k) => sum + one[name] * weights[k], 0),
      whole,
    );
  return Object.fromEntries(names.map((name) => [name, mean(name)])) as unknown as AveragedMetrics;
}

function countsOfClasses(confusion: readonly (readonly number[])[]): Counts[] {
  const total = confusion.flat().reduce((sum, count) => sum + count, 0);
  return confusion.map((row, k) => {
    const actual = row.reduce((sum, count) => sum + count, 0);
    const predicted = confusion.reduce((sum, other) => sum + other[k], 0);
    return {
      truePositives: row[k],
      falsePositives: predicted - row[k],
      falseNegatives: actual - row[k],
      trueNegatives: total - actual - predicted + row[k],
    };
  });
}
