import {
  averagedMetricNames,
  type ClassMetrics,
  type Estimate,
  type FurtherMetricName,
  furtherMetricNames,
} from '../contract/evaluation.ts';
import { enoughPatients, estimate, FEWEST_PATIENTS, type PatientCounts } from './intervals.ts';
import { adaptiveCalibrationError } from './metrics/reliability.ts';
import type { ResampledModel } from './resample-model.ts';
import type { FullMetricLayout } from './resampling/full-metrics.ts';

/**
 * One class against the rest, with intervals.
 *
 * @param patients with an image of the class, and with one of another
 */
export function classEstimates(
  { of, layout }: ResampledModel<FullMetricLayout>,
  k: number,
  patients: { own: number; other: number },
): NonNullable<ClassMetrics['estimates']> {
  const enough = Math.min(patients.own, patients.other) >= FEWEST_PATIENTS;
  const names = [...averagedMetricNames, 'auc', 'averagePrecision'] as const;
  return Object.fromEntries(
    names.map((name) => {
      const one = of(layout.ofClass(k, name));
      return [name, estimate(one.point, one, enough)];
    }),
  ) as NonNullable<ClassMetrics['estimates']>;
}

/** Metrics over all classes that the table does not show. */
export function furtherEstimates(
  { of, layout }: ResampledModel<FullMetricLayout>,
  labels: ArrayLike<number>,
  probabilities: readonly ArrayLike<number>[],
  classes: number,
  counts: PatientCounts,
): Record<FurtherMetricName, Estimate> {
  // Errors of probabilities take all images alike, as accuracy does.
  const plain: readonly FurtherMetricName[] = ['brier', 'logLoss', 'expectedCalibrationError'];
  return Object.fromEntries(
    furtherMetricNames.map((name): [FurtherMetricName, Estimate] => {
      if (name === 'adaptiveCalibrationError') {
        const value = adaptiveCalibrationError(labels, probabilities, classes);
        return [name, { value, low: null, high: null }];
      }
      const one = of(layout.overall(name));
      const like = plain.includes(name) ? 'accuracy' : 'balancedAccuracy';
      return [name, estimate(one.point, one, enoughPatients(like, counts))];
    }),
  ) as Record<FurtherMetricName, Estimate>;
}
