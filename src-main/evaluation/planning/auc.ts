import { normalCdf, normalQuantile, twoSidedZ } from '../distributions/normal.ts';
import { checkDifference, type TestLevels } from './paired-accuracies.ts';
import { atUnit, smallestCount } from './solve.ts';

/**
 * What scores are taken to be like: `exponential`, Hanley and McNeil's (1982), or `binormal`, Obuchowski's (1994), which asks for a few more.
 */
export type ScoreModel = 'exponential' | 'binormal';

/**
 * The variance that an area will have (one image for each patient). Exponential: (A(1−A) + (m−1)(Q₁−A²) + (n−1)(Q₂−A²)) / mn with Q₁ = A/(2−A),
 * Q₂ = 2A²/(1+A), m positives and n negatives. Binormal: 0.0099 e^(−a²/2) (5a² + 8 + (a² + 8)m/n) / m with a = 1.414 Φ⁻¹(A).
 */
export function plannedAucVariance(
  auc: number,
  positives: number,
  negatives: number,
  model: ScoreModel = 'exponential',
): number {
  if (model === 'binormal') {
    const a = 1.414 * normalQuantile(auc);
    return (
      (0.0099 * Math.exp(-(a ** 2) / 2) * (5 * a ** 2 + 8 + ((a ** 2 + 8) * positives) / negatives)) /
      positives
    );
  }
  const q1 = auc / (2 - auc);
  const q2 = (2 * auc ** 2) / (1 + auc);
  const sum = auc * (1 - auc) + (positives - 1) * (q1 - auc ** 2) + (negatives - 1) * (q2 - auc ** 2);
  return sum / (positives * negatives);
}

export interface AucPlan extends TestLevels {
  /** Negatives for each positive; default 1. */
  negativesPerPositive?: number;
  /** How much the areas of two models on the same patients vary together; default 0.5, from a pilot where there is one. */
  correlation?: number;
  /** Default `exponential`. */
  model?: ScoreModel;
}

export interface SampleSize {
  positives: number;
  negatives: number;
}

const withNegatives = (positives: number, ratio: number): SampleSize => ({
  positives,
  negatives: Math.ceil(positives * ratio - 1e-9),
});

/**
 * The power to tell two areas on the same patients apart (Hanley and McNeil 1983): Φ((|δ| − z·s₀)/s₁), s₀² = 2V(Ā)(1 − r) where both are their mean,
 * s₁² = V(A₁) + V(A₂) − 2r√(V(A₁)V(A₂)).
 */
export function pairedAucPower(
  first: number,
  second: number,
  { positives, negatives }: SampleSize,
  { alpha = 0.05, correlation = 0.5, model }: AucPlan = {},
): number {
  const variance = (auc: number): number => plannedAucVariance(auc, positives, negatives, model);
  const [one, other] = [variance(first), variance(second)];
  const alike = Math.sqrt(2 * variance((first + second) / 2) * (1 - correlation));
  const apart = Math.sqrt(one + other - 2 * correlation * Math.sqrt(one * other));
  return normalCdf((Math.abs(first - second) - twoSidedZ(1 - alpha) * alike) / apart);
}

/**
 * How many patients with and without the condition it takes to tell two areas apart.
 *
 * @throws GraftError `planning-difference` where they are the same
 */
export function pairedAucSampleSize(first: number, second: number, plan: AucPlan = {}): SampleSize {
  checkDifference(first - second);
  const { power = 0.8, negativesPerPositive = 1 } = plan;
  const positives = smallestCount(
    (count) => pairedAucPower(first, second, withNegatives(count, negativesPerPositive), plan) >= power,
  );
  return withNegatives(positives, negativesPerPositive);
}

/** How far a second area must lie above the first to be told apart. Null where not even a perfect one would be. */
export function detectableAucDifference(auc: number, sample: SampleSize, plan: AucPlan = {}): number | null {
  // At 1 an area has no variance.
  const room = 1 - 1e-9 - auc;
  const { power = 0.8 } = plan;
  return atUnit((share) => pairedAucPower(auc, auc + share * room, sample, plan) - power, room);
}

/** How many it takes for an interval of at most this half width (plain, not on log odds; level 1 − alpha). */
export function aucPrecisionSampleSize(
  auc: number,
  halfWidth: number,
  { alpha = 0.05, negativesPerPositive = 1, model }: Omit<AucPlan, 'power' | 'correlation'> = {},
): SampleSize {
  checkDifference(halfWidth);
  const positives = smallestCount((count) => {
    const { negatives } = withNegatives(count, negativesPerPositive);
    return twoSidedZ(1 - alpha) * Math.sqrt(plannedAucVariance(auc, count, negatives, model)) <= halfWidth;
  });
  return withNegatives(positives, negativesPerPositive);
}
