import { twoSidedP } from '../distributions/normal.ts';
import { type Correction, holm } from '../inference/multiplicity.ts';
import type { Interval } from '../inference/proportions.ts';
import { FEWEST_PATIENTS } from '../intervals.ts';
import { percentileInterval } from '../resampling/bootstrap-intervals.ts';
import { bootstrapPatients, type BootstrapOptions } from '../resampling/bootstrap.ts';

export interface SubgroupInput {
  /** For each image its group, such as the manufacturer; null where it is not known: such images count nowhere. */
  groups: readonly (string | null)[];
  /** For each image its patient, from 0. */
  patientOf: Int32Array;
  /**
   * The metric, from how often units count, given the unit of each image and the images that are looked at: those of others count nowhere, and need
   * not be gone through. NaN where it is not defined.
   *
   * @example
   * (unitOf) => { const metrics = classifierMetrics(labels, probabilities, unitOf, 2); return (counts) => metrics(counts)[0]; }
   */
  metric: (unitOf: Int32Array, images: readonly number[]) => (counts: Float64Array) => number;
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
  const units = unitsOf(groups, patientOf, names);
  const among = (counted: (group: number) => boolean): Masked => ({
    counted,
    value: metric(
      units.of,
      groups.flatMap((_, i) => (counted(units.group[units.of[i]]) ? i : [])),
    ),
  });
  const own = names.map((_, g) => among((group) => group === g));
  // Of two groups the rest is the other.
  const rest = names.length === 2 ? null : names.map((_, g) => among((group) => group !== g && group >= 0));
  const counts = new Float64Array(units.patient.length);
  const masked = (patients: Float64Array, { counted, value }: Masked): number => {
    for (let unit = 0; unit < counts.length; unit++) {
      counts[unit] = counted(units.group[unit]) ? patients[units.patient[unit]] : 0;
    }
    return counts.some((count) => count > 0) ? value(counts) : NaN;
  };
  // Of each group its value, and that of the rest.
  const statistic = (patients: Float64Array): number[] => {
    const values = own.map((one) => masked(patients, one));
    return values.flatMap((value, g) => [value, rest ? masked(patients, rest[g]) : values[1 - g]]);
  };
  const { point, replicates } = bootstrapPatients(
    statistic,
    patientOf.reduce((a, b) => Math.max(a, b), -1) + 1,
    bootstrap,
  );
  const results = names.map((group, g): SubgroupResult => {
    const inGroup = countPatients(units, (other) => other === g);
    const inRest = countPatients(units, (other) => other >= 0 && other !== g);
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

/** A metric of some of the images. */
interface Masked {
  counted: (group: number) => boolean;
  value: (counts: Float64Array) => number;
}

const defined = (value: number): number | null => (Number.isNaN(value) ? null : value);

/** Null where the difference never varies: its error is not known then. */
function waldP(difference: number, replicates: Float64Array): number | null {
  const samples = replicates.filter((value) => !Number.isNaN(value));
  const mean = samples.reduce((sum, value) => sum + value, 0) / samples.length;
  const variance = samples.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (samples.length - 1);
  return variance > 1e-20 ? twoSidedP(difference / Math.sqrt(variance)) : null;
}

/** A unit is what one patient has in one group. */
interface Units {
  /** Of each image. */
  of: Int32Array;
  /** Of each unit. */
  patient: number[];
  /** Of each unit its place among the names; −1 where it is not known. */
  group: number[];
}

function unitsOf(
  groups: readonly (string | null)[],
  patientOf: Int32Array,
  names: readonly (string | null)[],
): Units {
  const known = new Map<string, number>();
  const patient: number[] = [];
  const group: number[] = [];
  const of = Int32Array.from(groups, (name, i) => {
    const place = names.indexOf(name);
    const key = `${patientOf[i]} ${place}`;
    const unit = known.get(key) ?? patient.length;
    if (unit === patient.length) {
      known.set(key, unit);
      patient.push(patientOf[i]);
      group.push(place);
    }
    return unit;
  });
  return { of, patient, group };
}

const countPatients = ({ patient, group }: Units, counted: (group: number) => boolean): number =>
  new Set(patient.filter((_, unit) => counted(group[unit]))).size;
