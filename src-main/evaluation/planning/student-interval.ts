import { twoSidedT } from '../distributions/beta.ts';
import type { Interval } from '../inference/proportions.ts';

/** The interval of the mean of a few values by Student's t; null of fewer than two. */
export function studentInterval(values: readonly number[], level = 0.95): Interval | null {
  const count = values.length;
  if (count < 2) return null;
  const mean = values.reduce((sum, value) => sum + value, 0) / count;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const half = twoSidedT(level, count - 1) * Math.sqrt(squares / (count - 1) / count);
  return { low: mean - half, high: mean + half };
}
