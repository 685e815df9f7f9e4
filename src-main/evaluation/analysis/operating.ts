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

/**
 * What a threshold that validation data chose does here.
 *
 * @param patients how many there are among all cases
 * @param single whether each patient is one case: shares have Wilson's interval then
 */
export function operatingResult(
  target: Target,
  validation: Target,
  threshold: number,
  patients: number,
  single: boolean,
  options: BootstrapOptions,
): OperatingResult {
  const calls = callsAt(target, threshold);
  const before = callsAt(validation, threshold);
  return {
    target: target.name,
    threshold,
    onValidation: {
      sensitivity: ratio(before.truePositives, before.falseNegatives),
      specificity: ratio(before.trueNegatives, before.falsePositives),
    },
    ...calls,
    metrics: { ...byBootstrap(target, threshold, patients, options), ...(single ? byWilson(calls) : {}) },
  };
}

function byBootstrap(
  target: Target,
  threshold: number,
  patients: number,
  options: BootstrapOptions,
): OperatingResult['metrics'] {
  const { scores, positive, patientOf } = target;
  const statistic = thresholdMetrics(scores, positive, patientOf, threshold);
  const { point, replicates } = bootstrapPatients(statistic, patients, options);
  const enough = [true, false].every((side) => patientsOfSide(target, side) >= FEWEST_PATIENTS);
  return Object.fromEntries(
    operatingMetricNames.map((name) => {
      const at = thresholdMetricNames.indexOf(name);
      return [name, estimate(point[at], { replicates: replicates[at] }, enough)];
    }),
  ) as OperatingResult['metrics'];
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
