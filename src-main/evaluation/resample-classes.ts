import type { Resampled } from './intervals.ts';
import { bootstrapPatients, jackknifePatients, type PatientIndex } from './resampling/bootstrap.ts';
import { type FullMetricLayout, fullMetrics } from './resampling/full-metrics.ts';

/** Beyond this, patients are left out in groups: BCa's acceleration is then known to a thousandth. */
const MOST_LEFT_OUT = 500;

/** Every metric of one model, with its replicates. */
export interface ResampledModel {
  layout: FullMetricLayout;
  /** @param place from the layout */
  of: (place: number) => Resampled & { point: number };
  /** Replicates in which some class was absent that the data has. */
  lackingAClass: number;
}

/** Draws patients for all metrics of a model of classes, and leaves out each in turn. */
export function resample(
  labels: ArrayLike<number>,
  probabilities: readonly ArrayLike<number>[],
  patients: PatientIndex,
  classes: number,
  options: { replicates: number; seed: number },
): ResampledModel {
  const { statistic, layout } = fullMetrics(labels, probabilities, patients.of, classes);
  const { point, replicates } = bootstrapPatients(statistic, patients.count, options);
  const leftOut = jackknifePatients(statistic, patients.count, MOST_LEFT_OUT);
  const present = point[layout.present];
  return {
    layout,
    of: (place) => ({ point: point[place], replicates: replicates[place], leftOut: leftOut[place] }),
    lackingAClass: replicates[layout.present].filter((count) => count < present).length,
  };
}
