import type { Estimate, MetricName } from '../contract/evaluation.ts';
import { bcaInterval, percentileInterval } from './resampling/bootstrap-intervals.ts';

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

/** Replicates of one value, and its values without each patient in turn. NaN where it is not defined. */
export interface Resampled {
  replicates: Float64Array;
  leftOut?: Float64Array;
}

/**
 * A value with its 95 % interval: bias-corrected and accelerated (Efron 1987) where the values without each patient are given and it is
 * defined, else the 2.5th and 97.5th percentile of its replicates; those where it is not defined do not count. The interval is withheld, with the
 * reason, where there are too few patients, and where it is a single point: a point would pass for certainty, and one more patient could change it.
 */
export function estimate(
  value: number | null,
  { replicates, leftOut }: Resampled,
  enough: boolean,
): Estimate {
  if (value === null || Number.isNaN(value)) return { value: null, low: null, high: null };
  if (!enough) return { value, low: null, high: null, withheld: 'too-few-patients' };
  const percentiles = percentileInterval(replicates);
  // Sums of the same patients in another order differ by rounding.
  if (!percentiles || percentiles.high - percentiles.low < 1e-12 * Math.max(1, Math.abs(value)))
    return { value, low: null, high: null, withheld: 'no-variation' };
  const accelerated = leftOut ? bcaInterval(value, replicates, leftOut) : null;
  return accelerated
    ? { value, ...accelerated, method: 'bca' }
    : { value, ...percentiles, method: 'percentile' };
}
