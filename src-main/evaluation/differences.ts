import {
  type MetricName,
  metricNames,
  type ModelDifference,
  type ModelEvaluation,
} from '../contract/evaluation.ts';
import { GraftError } from '../contract/errors.ts';
import { enoughPatients, estimate, type PatientCounts, type Resampled } from './intervals.ts';

/** Differences of two models on the same replicates, metric by metric. */
export function differences(
  first: string,
  second: string,
  evaluations: readonly ModelEvaluation[],
  samples: readonly Record<MetricName, Resampled>[],
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
      apart(samples[a][metric], samples[b][metric]),
      enoughPatients(metric, counts),
    ),
  }));
}

/** Both saw the same draws, and lost the same patients. */
function apart(a: Resampled, b: Resampled): Resampled {
  const subtract = (x: Float64Array, y: Float64Array): Float64Array => x.map((value, i) => value - y[i]);
  return {
    replicates: subtract(a.replicates, b.replicates),
    ...(a.leftOut && b.leftOut ? { leftOut: subtract(a.leftOut, b.leftOut) } : {}),
  };
}
