import { betaQuantile } from '../distributions/beta.ts';
import { twoSidedZ } from '../distributions/normal.ts';

/** Two ends of an interval. */
export interface Interval {
  low: number;
  high: number;
}

/**
 * Wilson's score interval of a share (Wilson 1927): (p + z²/2n ± z √(p(1−p)/n + z²/4n²)) / (1 + z²/n). It suits small n and shares near 0 or 1;
 * images of one patient count as independent, so give it one result for each patient.
 *
 * @param level default 0.95
 * @returns null where there is nothing to count
 */
export function wilsonInterval(successes: number, total: number, level = 0.95): Interval | null {
  if (total === 0) return null;
  const z = twoSidedZ(level);
  const share = successes / total;
  const scale = 1 + (z * z) / total;
  const centre = (share + (z * z) / (2 * total)) / scale;
  const half = (z / scale) * Math.sqrt((share * (1 - share)) / total + (z * z) / (4 * total * total));
  return { low: Math.max(0, centre - half), high: Math.min(1, centre + half) };
}

/**
 * The exact interval of a share (Clopper and Pearson 1934), from quantiles of beta distributions: never less than its level, often more.
 * Of no success the low end is 0, of nothing but successes the high end is 1.
 *
 * @param level default 0.95
 * @returns null where there is nothing to count
 */
export function clopperPearsonInterval(successes: number, total: number, level = 0.95): Interval | null {
  if (total === 0) return null;
  const tail = (1 - level) / 2;
  return {
    low: successes === 0 ? 0 : betaQuantile(tail, successes, total - successes + 1),
    high: successes === total ? 1 : betaQuantile(1 - tail, successes + 1, total - successes),
  };
}
