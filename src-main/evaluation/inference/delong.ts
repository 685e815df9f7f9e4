import { twoSidedP, twoSidedZ } from '../distributions/normal.ts';
import { placements, type Placements } from './placements.ts';
import type { Interval } from './proportions.ts';

/** Areas of several models on the same cases, with what they vary together. */
export interface AucCovariance {
  aucs: number[];
  /** Models by models. */
  covariance: number[][];
}

/**
 * Areas under ROC curves with their covariance (DeLong, DeLong and Clarke-Pearson 1988), of images that come several to a patient by Obuchowski
 * (1997), who sums placement values over each patient; with one image for each patient the two are the same.
 *
 * @param models scores of each model for the same cases
 * @param positive for each case whether it has the condition
 * @param patientOf for each case its patient; default each case its own
 * @returns null where a side is absent, or seen in one patient only: there is no variance then
 */
export function aucCovariance(
  models: readonly ArrayLike<number>[],
  positive: ArrayLike<boolean>,
  patientOf?: ArrayLike<number>,
): AucCovariance | null {
  const positives: number[] = [];
  const negatives: number[] = [];
  for (let i = 0; i < positive.length; i++) (positive[i] ? positives : negatives).push(patientOf?.[i] ?? i);
  const [withPositives, withNegatives] = [new Set(positives).size, new Set(negatives).size];
  if (withPositives < 2 || withNegatives < 2) return null;
  const patients = [...new Set([...positives, ...negatives])];
  const place = new Map(patients.map((patient, at) => [patient, at]));
  const placed = models.map((scores) => placements(scores, positive));
  const sums = placed.map((one) => ({
    ofPositives: centredSums(one.ofPositives, one.auc, positives, place),
    ofNegatives: centredSums(one.ofNegatives, one.auc, negatives, place),
  }));
  const [m, n, all] = [positives.length, negatives.length, patients.length];
  const scale = {
    positives: withPositives / (withPositives - 1) / (m * m),
    negatives: withNegatives / (withNegatives - 1) / (n * n),
    both: all / (all - 1) / (m * n),
  };
  const covariance = sums.map((a) =>
    sums.map(
      (b) =>
        scale.positives * dot(a.ofPositives, b.ofPositives) +
        scale.negatives * dot(a.ofNegatives, b.ofNegatives) +
        scale.both * (dot(a.ofPositives, b.ofNegatives) + dot(a.ofNegatives, b.ofPositives)),
    ),
  );
  return { aucs: placed.map(({ auc }: Placements) => auc), covariance };
}

/** For each patient the sum of how far its placement values lie from the area. */
function centredSums(
  values: Float64Array,
  auc: number,
  patients: readonly number[],
  place: ReadonlyMap<number, number>,
): Float64Array {
  const sums = new Float64Array(place.size);
  values.forEach((value, i) => (sums[place.get(patients[i])!] += value - auc));
  return sums;
}

const dot = (a: Float64Array, b: Float64Array): number => a.reduce((sum, value, i) => sum + value * b[i], 0);

/**
 * An interval of an area from its variance. On the scale of log odds (default; Pepe 2003) it stays within 0 and 1; the plain one is cut there.
 * At an area of 0 or 1 the variance is 0 and says nothing: null.
 *
 * @param options `level` default 0.95, `scale` default `logit`
 */
export function aucInterval(
  auc: number,
  variance: number,
  { level = 0.95, scale = 'logit' }: { level?: number; scale?: 'logit' | 'plain' } = {},
): Interval | null {
  if (auc <= 0 || auc >= 1) return null;
  const half = twoSidedZ(level) * Math.sqrt(variance);
  if (scale === 'plain') return { low: Math.max(0, auc - half), high: Math.min(1, auc + half) };
  const centre = Math.log(auc / (1 - auc));
  const onLogit = half / (auc * (1 - auc));
  const back = (logit: number): number => 1 / (1 + Math.exp(-logit));
  return { low: back(centre - onLogit), high: back(centre + onLogit) };
}

export interface AucComparison extends Interval {
  /** First minus second; `low` and `high` are its interval. */
  difference: number;
  z: number;
  /** Two-sided. */
  pValue: number;
}

/**
 * Whether two areas on the same cases differ: z is the difference by its standard error (DeLong 1988; Obuchowski 1997 with patients).
 * Two models that order all pairs alike differ by nothing, for certain: p is 1.
 *
 * @returns null where a difference has no variance
 */
export function compareAucs({ aucs, covariance }: AucCovariance, level = 0.95): AucComparison | null {
  const difference = aucs[0] - aucs[1];
  // Rounding can leave a trace of variance, or less than none.
  const variance = covariance[0][0] + covariance[1][1] - 2 * covariance[0][1];
  if (variance < 1e-15) {
    return Math.abs(difference) < 1e-12 ? { difference: 0, low: 0, high: 0, z: 0, pValue: 1 } : null;
  }
  const error = Math.sqrt(variance);
  const half = twoSidedZ(level) * error;
  return {
    difference,
    low: difference - half,
    high: difference + half,
    z: difference / error,
    pValue: twoSidedP(difference / error),
  };
}
