import { operatingMetricNames, type OperatingResult } from '../../contract/analysis.ts';
import type { Estimate } from '../../contract/evaluation.ts';
import { estimate, FEWEST_PATIENTS } from '../intervals.ts';
import {
  bootstrapPatients,
  type BootstrapOptions,
  thresholdMetricNames,
  thresholdMetrics,
} from '../resampling/index.ts';
import { patientsOfSide, type Target } from './cases.ts';
import { wilsonEstimate } from './shares.ts';

/** Counts of calls at a threshold. */
export interface Calls {
  truePositives: number;
  falsePositives: number;
  trueNegatives: number;
  falseNegatives: number;
}

export function callsAt({ scores, positive }: Pick<Target, 'scores' | 'positive'>, threshold: number): Calls {
  const calls: Calls = { truePositives: 0, falsePositives: 0, trueNegatives: 0, falseNegatives: 0 };
  scores.forEach((score, i) => {
    if (score >= threshold) calls[positive[i] ? 'truePositives' : 'falsePositives']++;
    else calls[positive[i] ? 'falseNegatives' : 'trueNegatives']++;
  });
  return calls;
}

const ratio = (part: number, rest: number): number => (part + rest === 0 ? 0 : part / (part + rest));

/** A threshold that validation data chose for a class or finding, there and here. */
export interface ChosenThreshold {
  target: Target;
  validation: Target;
  threshold: number;
}

/**
 * What thresholds that validation data chose do here, by one bootstrap for all of them.
 *
 * @param patients how many there are among all cases
 * @param single whether each patient is one case: shares have Wilson's interval then
 */
export function operatingResults(
  chosen: readonly ChosenThreshold[],
  patients: number,
  single: boolean,
  options: BootstrapOptions,
): OperatingResult[] {
  if (chosen.length === 0) return [];
  const statistics = chosen.map(({ target: { scores, positive, patientOf }, threshold }) =>
    thresholdMetrics(scores, positive, patientOf, threshold),
  );
  const width = thresholdMetricNames.length;
  const values = new Float64Array(width * chosen.length);
  const { point, replicates } = bootstrapPatients(
    (counts) => {
      statistics.forEach((statistic, at) => values.set(statistic(counts), at * width));
      return values;
    },
    patients,
    options,
  );
  return chosen.map(({ target, validation, threshold }, at): OperatingResult => {
    const calls = callsAt(target, threshold);
    const before = callsAt(validation, threshold);
    const enough = [true, false].every((side) => patientsOfSide(target, side) >= FEWEST_PATIENTS);
    const metrics = Object.fromEntries(
      operatingMetricNames.map((name) => {
        const place = at * width + thresholdMetricNames.indexOf(name);
        return [name, estimate(point[place], { replicates: replicates[place] }, enough)];
      }),
    ) as OperatingResult['metrics'];
    return {
      target: target.name,
      threshold,
      onValidation: {
        sensitivity: ratio(before.truePositives, before.falseNegatives),
        specificity: ratio(before.trueNegatives, before.falsePositives),
      },
      ...calls,
      metrics: { ...metrics, ...(single ? byWilson(calls) : {}) },
    };
  });
}

const byWilson = ({
  truePositives,
  falsePositives,
  trueNegatives,
  falseNegatives,
}: Calls): Record<
  'sensitivity' | 'specificity' | 'positivePredictiveValue' | 'negativePredictiveValue',
  Estimate
> => ({
  sensitivity: wilsonEstimate(truePositives, truePositives + falseNegatives),
  specificity: wilsonEstimate(trueNegatives, trueNegatives + falsePositives),
  positivePredictiveValue: wilsonEstimate(truePositives, truePositives + falsePositives),
  negativePredictiveValue: wilsonEstimate(trueNegatives, trueNegatives + falseNegatives),
});
