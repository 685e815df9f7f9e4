import type { Resampled } from './intervals.ts';
import {
  bootstrapPatients,
  jackknifePatients,
  type PatientIndex,
  type WeightedStatistic,
} from './resampling/bootstrap.ts';

/** Beyond this, patients are left out in groups: BCa's acceleration is then known to a thousandth. */
const MOST_LEFT_OUT = 500;

/** Every metric of one model, with its replicates. */
export interface ResampledModel<Layout> {
  layout: Layout;
  /** @param place from the layout */
  of: (place: number) => Resampled & { point: number };
  /** Replicates in which some class or finding was absent that the data has. */
  lackingAClass: number;
}

/** Draws patients for all metrics of a model (`fullMetrics`, `findingStatistic`), and leaves out each in turn. */
export function resampleModel<Layout extends { present: number }>(
  { statistic, layout }: { statistic: WeightedStatistic; layout: Layout },
  patients: Pick<PatientIndex, 'count'>,
  options: { replicates: number; seed: number },
): ResampledModel<Layout> {
  const { point, replicates } = bootstrapPatients(statistic, patients.count, options);
  const leftOut = jackknifePatients(statistic, patients.count, MOST_LEFT_OUT);
  const present = point[layout.present];
  return {
    layout,
    of: (place) => ({ point: point[place], replicates: replicates[place], leftOut: leftOut[place] }),
    lackingAClass: replicates[layout.present].filter((count) => count < present).length,
  };
}
