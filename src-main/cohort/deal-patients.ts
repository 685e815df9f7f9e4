import { GraftError } from '../contract/errors.ts';
import { RandomStream } from '../platform/random.ts';
import { compareText, counted } from './identity.ts';

/** One patient with the images that take part. */
export interface PatientToDeal {
  key: string;
  /** The smallest identity of its images: patients are ordered by it, in any project. */
  identity: string;
  /** The class of most of its images. */
  classIndex: number;
}

/**
 * Deals patients to sides, class by class, so that each side has its share of the patients of every class (largest
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
  const dealt = new Map<string, Side>();
  classes.forEach((name, classIndex) => {
    const ofClass = patients
      .filter((patient) => patient.classIndex === classIndex)
      .sort((one, other) => compareText(one.identity, other.identity));
    if (ofClass.length < sides.length) throw tooFewPatients(name, ofClass.length, sides);
    const shuffled = new RandomStream(seed, 'split', name).shuffle(ofClass);
    const counts = apportion(
      ofClass.length,
      sides.map((side) => shares[side]),
    );
    let next = 0;
    sides.forEach((side, index) => {
      for (let count = 0; count < counts[index]; count++) dealt.set(shuffled[next++].key, side);
    });
  });
  return dealt;
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
