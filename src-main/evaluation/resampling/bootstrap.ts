import { GraftError } from '../../contract/errors.ts';
import { RandomStream } from '../../platform/random.ts';

/**
 * Values computed from how often each patient counts: all once for the point estimate, as often as drawn in a replicate. NaN where a value is not
 * defined. The array may be used again by the next call.
 */
export type WeightedStatistic = (counts: Float64Array) => ArrayLike<number>;

/** Each image's patient as a number from 0, in order of first appearance. */
export interface PatientIndex {
  of: Int32Array;
  count: number;
}

export function indexPatients(keys: readonly string[]): PatientIndex {
  const index = new Map<string, number>();
  const of = Int32Array.from(keys, (key) => {
    const known = index.get(key);
    if (known !== undefined) return known;
    index.set(key, index.size);
    return index.size - 1;
  });
  return { of, count: index.size };
}

export interface BootstrapOptions {
  /** Default 2,000. */
  replicates?: number;
  /** Default 0. */
  seed?: number;
  /** Patients drawn for each replicate, instead of by the seed: for a comparison with another program. */
  draws?: readonly ArrayLike<number>[];
}

/** Values by statistic. */
export interface BootstrapSamples {
  point: Float64Array;
  /** Of each statistic one value for each replicate. */
  replicates: Float64Array[];
}

/**
 * The bootstrap by patient (Efron 1979; by cluster, Field and Welsh 2007): a replicate draws as many patients as there are, with replacement,
 * each with all its images. It does not pause: a worker's work. Statistics of two models in one function see the same draws, so that differences are paired.
 *
 * @param patients how many there are
 * @throws GraftError `bootstrap-empty` without patients
 */
export function bootstrapPatients(
  statistic: WeightedStatistic,
  patients: number,
  { replicates = 2000, seed = 0, draws }: BootstrapOptions = {},
): BootstrapSamples {
  if (patients === 0) {
    throw new GraftError(
      'bootstrap-empty',
      'Expected at least one patient to draw from, found none. Choose a set with images.',
    );
  }
  const random = new RandomStream(seed, 'bootstrap');
  const counts = new Float64Array(patients).fill(1);
  const point = Float64Array.from(statistic(counts));
  const times = draws?.length ?? replicates;
  const samples = Array.from(point, () => new Float64Array(times));
  for (let at = 0; at < times; at++) {
    counts.fill(0);
    if (draws) for (let i = 0; i < draws[at].length; i++) counts[draws[at][i]]++;
    else for (let draw = 0; draw < patients; draw++) counts[random.integer(patients)]++;
    const values = statistic(counts);
    for (let k = 0; k < samples.length; k++) samples[k][at] = values[k];
  }
  return { point, replicates: samples };
}

/**
 * The values without each patient in turn: of each statistic one for each patient (Quenouille 1956). For `bcaInterval`.
 *
 * @param groups with more patients than this, groups of patients are left out instead, as many as this: the acceleration that comes of them
 *   is the same but for chance, about 0.4 ÷ groups (the cubes and squares of sums of independent terms add up as those of the terms). Default
 *   none
 */
export function jackknifePatients(
  statistic: WeightedStatistic,
  patients: number,
  groups = Infinity,
): Float64Array[] {
  const counts = new Float64Array(patients).fill(1);
  const times = Math.min(patients, groups);
  const samples = Array.from(statistic(counts), () => new Float64Array(times));
  for (let left = 0; left < times; left++) {
    for (let one = left; one < patients; one += times) counts[one] = 0;
    const values = statistic(counts);
    for (let k = 0; k < samples.length; k++) samples[k][left] = values[k];
    counts.fill(1);
  }
  return samples;
}
