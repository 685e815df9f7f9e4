import { lowerIsBetter } from '../../contract/sweep.ts';
import type { EpochMetrics, Monitor } from '../../contract/training.ts';

const fieldOf = {
  val_loss: 'validationLoss',
  val_f1: 'validationF1',
  val_accuracy: 'validationAccuracy',
  val_balanced_accuracy: 'validationBalancedAccuracy',
  val_auc: 'validationAuc',
} as const satisfies Record<Monitor, keyof EpochMetrics>;

/**
 * What a training reached: the objective at its best epoch, which is the one whose weights it keeps. Null without epochs, and where it
 * is not defined.
 *
 * @param within looks at no later epoch. Default all.
 */
export function objectiveOf(
  epochs: readonly EpochMetrics[],
  objective: Monitor,
  within = Infinity,
): number | null {
  const best = epochs.findLast((one) => one.best && one.epoch <= within);
  return best?.[fieldOf[objective]] ?? null;
}

/** Mean over folds and its standard error (deviation by n − 1, over √n); null as long as a fold has no value. */
export function foldMean(values: readonly (number | null)[]): {
  mean: number | null;
  standardError: number | null;
} {
  const found = values.filter((value) => value !== null);
  if (found.length === 0 || found.length < values.length) return { mean: null, standardError: null };
  const mean = found.reduce((sum, value) => sum + value, 0) / found.length;
  if (found.length < 2) return { mean, standardError: null };
  const squares = found.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, standardError: Math.sqrt(squares / (found.length - 1) / found.length) };
}

/** Orders by the objective, the best first, what has no value last. */
export function compareValues(objective: Monitor): (a: number | null, b: number | null) => number {
  const sign = lowerIsBetter(objective) ? 1 : -1;
  return (a, b) => {
    if (a === null || b === null) return Number(a === null) - Number(b === null);
    return sign * (a - b);
  };
}
