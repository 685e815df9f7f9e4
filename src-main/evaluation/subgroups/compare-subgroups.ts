import { twoSidedP } from '../distributions/normal.ts';
import { type Correction, holm } from '../inference/multiplicity.ts';
import type { Interval } from '../inference/proportions.ts';
import { FEWEST_PATIENTS } from '../intervals.ts';
import { percentileInterval } from '../resampling/bootstrap-intervals.ts';
import { bootstrapPatients, type BootstrapOptions, type WeightedStatistic } from '../resampling/bootstrap.ts';

export interface SubgroupInput {
  /** For each image its group, such as the manufacturer; null where it is not known: such images count nowhere. */
  groups: readonly (string | null)[];
  /** For each image its patient, from 0. */
  patientOf: Int32Array;
  /**
   * The metric in each group and in all other groups together, one after the other, of any resample of patients: `areaByGroup`, `sharesByGroup`.
   *
   * @param groupOf for each image its group by the order of their names, −1 where it is not known
   */
  metric: (groupOf: Int32Array, groups: number) => WeightedStatistic;
}

export interface SubgroupOptions extends BootstrapOptions {
  /** Default `holm`. */
  correction?: Correction;
  /** From which difference on one matters; default 0.05. */
  margin?: number;
  /** Default 0.05. */
  alpha?: number;
}

/**
 * Whether a group is served otherwise than the rest:
 * - `found`: the difference is at least the margin, and its adjusted p-value below alpha
 * - `none-found`: it is not both; that is no proof that there is none
 * - `not-tested`: fewer than five patients in the group or the rest, or the metric is not defined there
 */
export type Disparity = 'found' | 'none-found' | 'not-tested';

export interface SubgroupResult {
  group: string;
  images: number;
  patients: number;
  /** Null where the metric is not defined. */
  value: number | null;
  interval: Interval | null;
  /** The group's value less that of all other images whose group is known. */
  difference: number | null;
  differenceInterval: Interval | null;
  /** Two-sided, of the difference by its standard error over the replicates. */
  pValue: number | null;
  adjusted: number | null;
  disparity: Disparity;
}

/**
 * A metric in each subgroup, and its difference from the rest, with intervals of one bootstrap by patient: a patient with images in two groups is
 * drawn for both. Of two groups the two differences are one, which is tested once.
 *
 * @returns groups in the order of their names
 */
export function compareSubgroups(
  { groups, patientOf, metric }: SubgroupInput,
  { correction = holm, margin = 0.05, alpha = 0.05, ...bootstrap }: SubgroupOptions = {},
): SubgroupResult[] {
  const names = [...new Set(groups.filter((group) => group !== null))].sort();
  if (names.length === 0) return [];
  const groupOf = Int32Array.from(groups, (group) => (group === null ? -1 : names.indexOf(group)));
  const { point, replicates } = bootstrapPatients(
    metric(groupOf, names.length),
    patientOf.reduce((a, b) => Math.max(a, b), -1) + 1,
    bootstrap,
  );
  const countPatients = (counted: (group: number) => boolean): number =>
    new Set(patientOf.filter((_, i) => counted(groupOf[i]))).size;
  const results = names.map((group, g): SubgroupResult => {
    const inGroup = countPatients((other) => other === g);
    const inRest = countPatients((other) => other >= 0 && other !== g);
    const enough = inGroup >= FEWEST_PATIENTS;
    const [ofGroup, ofRest] = [replicates[2 * g], replicates[2 * g + 1]];
    const apart = ofGroup.map((sample, at) => sample - ofRest[at]);
    const difference = defined(point[2 * g] - point[2 * g + 1]);
    const tested = difference !== null && enough && inRest >= FEWEST_PATIENTS;
    return {
      group,
      images: groups.filter((other) => other === group).length,
      patients: inGroup,
      value: defined(point[2 * g]),
      interval: enough && defined(point[2 * g]) !== null ? percentileInterval(ofGroup) : null,
      difference,
      differenceInterval: tested ? percentileInterval(apart) : null,
      pValue: tested ? waldP(difference, apart) : null,
      adjusted: null,
      disparity: 'not-tested',
    };
  });
  const tested = results.filter(({ pValue }) => pValue !== null);
  const once = names.length === 2 ? tested.slice(0, 1) : tested;
  const adjusted = correction(once.map(({ pValue }) => pValue!));
  tested.forEach((result, at) => {
    result.adjusted = adjusted[names.length === 2 ? 0 : at];
    const matters = Math.abs(result.difference!) >= margin && result.adjusted < alpha;
    result.disparity = matters ? 'found' : 'none-found';
  });
  return results;
}

const defined = (value: number): number | null => (Number.isNaN(value) ? null : value);

/** Null where the difference never varies: its error is not known then. */
function waldP(difference: number, replicates: Float64Array): number | null {
  const samples = replicates.filter((value) => !Number.isNaN(value));
  const mean = samples.reduce((sum, value) => sum + value, 0) / samples.length;
  const variance = samples.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (samples.length - 1);
  return variance > 1e-20 ? twoSidedP(difference / Math.sqrt(variance)) : null;
}
