import { normalCdf, normalQuantile } from '../distributions/normal.ts';
import type { Interval } from '../inference/proportions.ts';

const definedOf = (samples: Float64Array): Float64Array =>
  samples.filter((value) => !Number.isNaN(value)).sort();

/** NumPy's default percentile: linear between the two nearest values. */
function quantile(sorted: Float64Array, share: number): number {
  const at = share * (sorted.length - 1);
  const below = Math.floor(at);
  const above = Math.min(sorted.length - 1, below + 1);
  return sorted[below] + (at - below) * (sorted[above] - sorted[below]);
}

/**
 * The range that the middle of the replicates covers (Efron 1979). Replicates in which the value is not defined do not count.
 *
 * @param level default 0.95
 * @returns null where no replicate has a value, or all have the same: a point would pass for certainty
 */
export function percentileInterval(replicates: Float64Array, level = 0.95): Interval | null {
  const sorted = definedOf(replicates);
  if (sorted.length === 0 || sorted[0] === sorted[sorted.length - 1]) return null;
  return { low: quantile(sorted, (1 - level) / 2), high: quantile(sorted, (1 + level) / 2) };
}

/**
 * The bias-corrected and accelerated interval (Efron 1987): percentiles moved by z₀, how far the middle of the replicates lies from the estimate
 * (ties, up to rounding, counting one half), and by a = Σdᵢ³ / 6(Σdᵢ²)^1.5, how the spread changes with the value, dᵢ from leaving out each patient.
 *
 * @param point the value of all patients
 * @param leftOut the values without each patient in turn, from `jackknifePatients`
 * @param level default 0.95
 * @returns null where the percentile interval is, where all replicates lie on one side of the estimate, and where leaving out a patient never
 *   changes it or leaves it undefined
 */
export function bcaInterval(
  point: number,
  replicates: Float64Array,
  leftOut: Float64Array,
  level = 0.95,
): Interval | null {
  const sorted = definedOf(replicates);
  if (sorted.length === 0 || sorted[0] === sorted[sorted.length - 1]) return null;
  // The same value from patients in another order differs by rounding.
  const same = 1e-12 * Math.max(1, Math.abs(point));
  let below = 0;
  for (const value of sorted) below += Math.abs(value - point) <= same ? 0.5 : Number(value < point);
  const bias = normalQuantile(below / sorted.length);
  const mean = leftOut.reduce((sum, value) => sum + value, 0) / leftOut.length;
  let squares = 0;
  let cubes = 0;
  for (const value of leftOut) {
    squares += (mean - value) ** 2;
    cubes += (mean - value) ** 3;
  }
  const acceleration = cubes / (6 * squares ** 1.5);
  if (!Number.isFinite(bias) || !Number.isFinite(acceleration)) return null;
  const end = (tail: number): number => {
    const z = bias + normalQuantile(tail);
    return quantile(sorted, normalCdf(bias + z / (1 - acceleration * z)));
  };
  return { low: end((1 - level) / 2), high: end((1 + level) / 2) };
}
