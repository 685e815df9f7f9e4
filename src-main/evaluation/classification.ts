import type { ClassMetrics } from '../contract/evaluation.ts';

/** The most probable class; of equally probable ones the first, as NumPy's argmax. */
export function predictedClass(probabilities: ArrayLike<number>): number {
  let best = 0;
  for (let i = 1; i < probabilities.length; i++) if (probabilities[i] > probabilities[best]) best = i;
  return best;
}

/** Counts (or sums of weights) by true class (row) and predicted class (column). */
export function confusionMatrix(
  labels: ArrayLike<number>,
  predicted: ArrayLike<number>,
  classes: number,
  weights?: ArrayLike<number>,
): number[][] {
  const matrix = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  for (let i = 0; i < labels.length; i++) matrix[labels[i]][predicted[i]] += weights ? weights[i] : 1;
  return matrix;
}

/** Averages over classes, and accuracy, of a confusion matrix. */
export interface Summary {
  accuracy: number;
  balancedAccuracy: number;
  precision: number;
  recall: number;
  f1: number;
}

const ratio = (part: number, whole: number): number => (whole === 0 ? 0 : part / whole);

/**
 * Macro averages as scikit-learn's `precision_recall_fscore_support(average='macro', zero_division=0)` gives them: over
 * the classes that occur among labels or predictions. Balanced accuracy averages recall over the classes that occur
 * among labels (`balanced_accuracy_score`).
 */
export function summarise(confusion: readonly (readonly number[])[]): Summary {
  const classes = confusion.length;
  let total = 0;
  let right = 0;
  let seen = 0;
  let labelled = 0;
  let precision = 0;
  let recall = 0;
  let f1 = 0;
  for (let k = 0; k < classes; k++) {
    const { hits, actual, predicted } = countsOf(confusion, k);
    total += actual;
    right += hits;
    if (actual > 0) labelled++;
    if (actual + predicted === 0) continue;
    seen++;
    precision += ratio(hits, predicted);
    recall += ratio(hits, actual);
    f1 += ratio(2 * hits, actual + predicted);
  }
  return {
    accuracy: ratio(right, total),
    balancedAccuracy: ratio(recall, labelled),
    precision: ratio(precision, seen),
    recall: ratio(recall, seen),
    f1: ratio(f1, seen),
  };
}

/** Each class against all others. */
export function perClassMetrics(
  confusion: readonly (readonly number[])[],
  classes: readonly string[],
  aucs: readonly (number | null)[],
): ClassMetrics[] {
  const total = confusion.reduce((sum, row) => sum + row.reduce((a, b) => a + b, 0), 0);
  return classes.map((name, k) => {
    const { hits, actual, predicted } = countsOf(confusion, k);
    return {
      class: name,
      precision: ratio(hits, predicted),
      recall: ratio(hits, actual),
      specificity: ratio(total - actual - predicted + hits, total - actual),
      f1: ratio(2 * hits, actual + predicted),
      auc: aucs[k],
      support: actual,
    };
  });
}

function countsOf(
  confusion: readonly (readonly number[])[],
  k: number,
): { hits: number; actual: number; predicted: number } {
  let actual = 0;
  let predicted = 0;
  for (let other = 0; other < confusion.length; other++) {
    actual += confusion[k][other];
    predicted += confusion[other][k];
  }
  return { hits: confusion[k][k], actual, predicted };
}
