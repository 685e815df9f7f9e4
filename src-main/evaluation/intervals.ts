import type { Estimate, MetricName } from '../contract/evaluation.ts';

/**
 * Fewer patients than this give no interval. Of the replicates of a bootstrap, about e⁻ᵏ lack a class that k patients
 * have: 5 % with three patients, as much as a 95 % interval leaves out, and under 1 % with five.
 */
export const FEWEST_PATIENTS = 5;

/** Patients in all, and those with an image of the rarest class that occurs. */
export interface PatientCounts {
  all: number;
  ofRarestClass: number;
}

/** @param patients image indexes of each patient */
export function countPatients(
  patients: readonly (readonly number[])[],
  labels: ArrayLike<number>,
): PatientCounts {
  const ofClass = new Map<number, number>();
  for (const images of patients) {
    for (const label of new Set(images.map((index) => labels[index]))) {
      ofClass.set(label, (ofClass.get(label) ?? 0) + 1);
    }
  }
  return { all: patients.length, ofRarestClass: Math.min(...ofClass.values()) };
}

/** Accuracy takes all images alike; every other metric is an average over classes, and needs patients of each. */
export const enoughPatients = (metric: MetricName, { all, ofRarestClass }: PatientCounts): boolean =>
  (metric === 'accuracy' ? all : ofRarestClass) >= FEWEST_PATIENTS;

/**
 * A value with the 2.5th and 97.5th percentile of its replicates; those where it is not defined do not count. The
 * interval is withheld, with the reason, where there are too few patients, and where it is a single point: a point
 * would pass for certainty, and one more patient could change it.
 */
export function estimate(
  value: number | null,
  replicates: readonly (number | null)[],
  enough: boolean,
): Estimate {
  if (value === null) return { value, low: null, high: null };
  if (!enough) return { value, low: null, high: null, withheld: 'too-few-patients' };
  const defined = Float64Array.from(replicates.filter((sample) => sample !== null)).sort();
  if (defined.length === 0 || defined[0] === defined[defined.length - 1]) {
    return { value, low: null, high: null, withheld: 'no-variation' };
  }
  return { value, low: percentile(defined, 0.025), high: percentile(defined, 0.975) };
}

/** NumPy's default percentile: linear between the two nearest values. */
function percentile(sorted: Float64Array, share: number): number {
  const at = share * (sorted.length - 1);
  const below = Math.floor(at);
  const above = Math.min(sorted.length - 1, below + 1);
  return sorted[below] + (at - below) * (sorted[above] - sorted[below]);
}
