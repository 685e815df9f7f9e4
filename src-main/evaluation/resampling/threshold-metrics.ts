import type { WeightedStatistic } from './bootstrap.ts';
import { PatientSums } from './patient-sums.ts';

/** In the order in which `thresholdMetrics` gives them. */
export const thresholdMetricNames = [
  'sensitivity',
  'specificity',
  'positivePredictiveValue',
  'negativePredictiveValue',
  'balancedAccuracy',
  'f1',
] as const;

/**
 * What a threshold does, of any resample of patients: for intervals by patient at an operating point that validation data chose. NaN where a
 * divisor is 0: sensitivity without positives, a predictive value where nobody is called.
 *
 * @param positive for each image whether it has the condition
 * @param patientOf for each image its patient, from 0
 * @param threshold an image at or above it is called positive
 */
export function thresholdMetrics(
  scores: ArrayLike<number>,
  positive: ArrayLike<boolean>,
  patientOf: Int32Array,
  threshold: number,
): WeightedStatistic {
  // 0 true negative, 1 false positive, 2 false negative, 3 true positive.
  const cells = new PatientSums(
    Uint8Array.from(scores, (score, i) => 2 * Number(positive[i]) + Number(score >= threshold)),
    patientOf,
    4,
  );
  const values = new Float64Array(thresholdMetricNames.length);
  return (counts) => {
    const [trueNegatives, falsePositives, falseNegatives, truePositives] = cells.of(counts);
    values[0] = truePositives / (truePositives + falseNegatives);
    values[1] = trueNegatives / (trueNegatives + falsePositives);
    values[2] = truePositives / (truePositives + falsePositives);
    values[3] = trueNegatives / (trueNegatives + falseNegatives);
    values[4] = (values[0] + values[1]) / 2;
    values[5] = (2 * truePositives) / (2 * truePositives + falsePositives + falseNegatives);
    return values;
  };
}
