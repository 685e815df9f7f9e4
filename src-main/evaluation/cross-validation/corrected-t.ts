import { betaCdf, twoSidedT } from '../distributions/beta.ts';

export interface CorrectedT {
  mean: number;
  /** Of 95 % unless asked otherwise; null where all differences are one value. */
  low: number | null;
  high: number | null;
  pValue: number | null;
}

/**
 * The corrected resampled t-test (Nadeau and Bengio 2003, Inference for the Generalization Error): differences of folds are not independent,
 * since each two folds learn from mostly the same patients, and their plain variance is too small; it is enlarged by the share of what judges
 * to what is learned from, (1/J + n₂/n₁)·S². No unbiased estimate of that variance exists (Bengio and Grandvalet 2004): this is a correction,
 * not a cure. Student's t with J − 1 degrees of freedom.
 *
 * @param differences of J folds, at least two
 * @param ratio n₂/n₁, patients that judge a fold to patients that it learns from: 1/(k − 1) with k folds
 */
export function correctedT(differences: readonly number[], ratio: number, level = 0.95): CorrectedT {
  const count = differences.length;
  const mean = differences.reduce((sum, one) => sum + one, 0) / count;
  const variance = differences.reduce((sum, one) => sum + (one - mean) ** 2, 0) / (count - 1);
  const error = Math.sqrt((1 / count + ratio) * variance);
  // What differs by rounding alone does not differ.
  if (!(error > 1e-12 * Math.max(1, Math.abs(mean)))) return { mean, low: null, high: null, pValue: null };
  const freedom = count - 1;
  const t = mean / error;
  const half = twoSidedT(level, freedom) * error;
  return {
    mean,
    low: mean - half,
    high: mean + half,
    pValue: betaCdf(freedom / (freedom + t * t), freedom / 2, 0.5),
  };
}
