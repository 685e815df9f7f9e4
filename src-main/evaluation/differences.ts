import {
  type MetricName,
  metricNames,
  type ModelDifference,
  type ModelEvaluation,
} from '../contract/evaluation.ts';
import { GraftError } from '../contract/errors.ts';
import { enoughPatients, estimate, type PatientCounts } from './intervals.ts';

/** Differences of two models on the same replicates, metric by metric. */
export function differences(
  first: string,
  second: string,
  evaluations: readonly ModelEvaluation[],
  samples: readonly Record<MetricName, number | null>[][],
  counts: PatientCounts,
): ModelDifference[] {
  const a = evaluations.findIndex(({ name }) => name === first);
  const b = evaluations.findIndex(({ name }) => name === second);
  if (a < 0 || b < 0)
    throw new GraftError(
      'evaluation-pair',
      `Expected two evaluated models to compare, found ${first} and ${second}.`,
      { kind: 'bug' },
    );
  const subtract = (x: number | null, y: number | null): number | null =>
    x === null || y === null ? null : x - y;
  return metricNames.map((metric) => ({
    first,
    second,
    metric,
    difference: estimate(
      subtract(evaluations[a].metrics[metric].value, evaluations[b].metrics[metric].value),
      samples[a].map((sample, i) => subtract(sample[metric], samples[b][i][metric])),
      enoughPatients(metric, counts),
    ),
  }));
}
