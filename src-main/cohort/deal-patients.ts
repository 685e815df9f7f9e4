import { GraftError } from '../contract/errors.ts';
import { RandomStream } from '../platform/random.ts';
import { compareText, counted } from './identity.ts';

/** One patient with the images that take part. */
export interface PatientToDeal {
  key: string;
  /** The smallest identity of its images: patients are ordered by it, in any project. */
  identity: string;
  /** The class of most of its images: what patients are stratified by. */
  classIndex: number;
  /** Every class that an image of it has. */
  classIndexes: readonly number[];
}

/**
 * Deals patients to sides, stratum by stratum, so that each side has its share of the patients of every class (largest
 * remainders, at least one). The order of the patients given does not matter.
 *
 * @param shares of the sides, adding up to 1; a side with 0 gets nobody
 * @returns the side of every patient, by key
 * @throws GraftError `split-too-few-patients`
 */
export function dealPatients<Side extends string>(
  patients: readonly PatientToDeal[],
  classes: readonly string[],
  shares: Readonly<Record<Side, number>>,
  seed: number,
): Map<string, Side> {
  const sides = (Object.keys(shares) as Side[]).filter((side) => shares[side] > 0);
  classes.forEach((name, index) => {
    const found = patients.filter(({ classIndexes }) => classIndexes.includes(index)).length;
    if (found < sides.length) throw tooFewPatients(name, found, sides);
  });
  const dealt = new Map<string, Side>();
  for (const { name, members } of strata(patients, classes, sides.length)) {
    const ordered = members.sort((one, other) => compareText(one.identity, other.identity));
    const shuffled = new RandomStream(seed, 'split', name).shuffle(ordered);
    const counts = apportion(
      shuffled.length,
      sides.map((side) => shares[side]),
    );
    let next = 0;
    sides.forEach((side, index) => {
      for (let count = 0; count < counts[index]; count++) dealt.set(shuffled[next++].key, side);
    });
  }
  return dealt;
}

interface Stratum {
  name: string;
  members: PatientToDeal[];
}

/**
 * Patients by their class. Where a class is seldom most of what a patient has (a few slices with a finding among many
 * without), its stratum can be too small for all sides: such ones are put together, if need be with the largest.
 */
function strata(patients: readonly PatientToDeal[], classes: readonly string[], least: number): Stratum[] {
  const all = classes.map((name, index) => ({
    name,
    members: patients.filter(({ classIndex }) => classIndex === index),
  }));
  const large = all.filter(({ members }) => members.length >= least);
  const rest = all.filter(({ members }) => members.length < least).flatMap(({ members }) => members);
  if (rest.length === 0) return large;
  if (rest.length >= least) return [...large, { name: '', members: rest }];
  const [largest, ...others] = large.sort((one, other) => other.members.length - one.members.length);
  return [{ name: largest.name, members: [...largest.members, ...rest] }, ...others];
}

/**
 * Whole numbers that add up to `total`, as close to the shares as can be (largest remainder), none of them 0.
 *
 * @param total at least as many as there are shares
 */
export function apportion(total: number, shares: readonly number[]): number[] {
  const exact = shares.map((share) => share * total);
  const counts = exact.map((value) => Math.max(1, Math.floor(value + 1e-9)));
  const order = exact
    .map((value, index) => ({ index, remainder: value - Math.floor(value + 1e-9) }))
    .sort((one, other) => other.remainder - one.remainder || one.index - other.index);
  let left = total - counts.reduce((sum, count) => sum + count, 0);
  for (let turn = 0; left > 0; turn++, left--) counts[order[turn % order.length].index]++;
  for (; left < 0; left++) counts[counts.indexOf(Math.max(...counts))]--;
  return counts;
}

function tooFewPatients(name: string, found: number, sides: readonly string[]): GraftError {
  return new GraftError(
    'split-too-few-patients',
    `Expected at least ${counted(sides.length, 'patient')} of class “${name}”, one each for ${sides.join(', ')}; found ${found}. Add patients, or give one of these a share of 0.`,
  );
}
