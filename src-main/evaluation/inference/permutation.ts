import { RandomStream } from '../../platform/random.ts';

/** Up to this many patients that differ, every assignment is looked at: 65,536 of them. */
const EXACT_UP_TO = 16;

export interface PermutationTest {
  /** Mean difference over images, first minus second. */
  difference: number;
  /** Two-sided. */
  pValue: number;
  /** Assignments looked at; all there are where `exact`. */
  assignments: number;
  exact: boolean;
}

/**
 * Whether two models differ on the same images, by exchanging them within patients (Fisher 1935; Good 2005): were they alike, each patient's two
 * sets of results could as well have come the other way round, all images of a patient together. With up to 16 patients on whom the models
 * differ all 2ⁿ assignments are counted; with more, a seeded sample, the observed one counting as one of them (Phipson and Smyth 2010). Where
 * no patient differs, the p-value is 1.
 *
 * @param differences for each image what the first scores above the second: 1, 0 or −1 for being right, or a difference of losses
 * @param patientOf for each image its patient, from 0
 * @param options `assignments` drawn where not all are counted, default 10,000
 * @returns null without images
 */
export function pairedPermutationTest(
  differences: ArrayLike<number>,
  patientOf: ArrayLike<number>,
  { assignments = 10_000, seed = 0 }: { assignments?: number; seed?: number } = {},
): PermutationTest | null {
  const images = differences.length;
  if (images === 0) return null;
  const sums = new Map<number, number>();
  for (let i = 0; i < images; i++) sums.set(patientOf[i], (sums.get(patientOf[i]) ?? 0) + differences[i]);
  const patients = Float64Array.from([...sums.values()].filter((sum) => sum !== 0));
  const observed = patients.reduce((sum, value) => sum + value, 0);
  const difference = observed / images;
  // Sums in another order may miss the observed one by rounding.
  const limit = Math.abs(observed) * (1 - 1e-12);
  if (patients.length <= EXACT_UP_TO) {
    const all = 2 ** patients.length;
    let extreme = 0;
    for (let signs = 0; signs < all; signs++) {
      let sum = 0;
      for (let p = 0; p < patients.length; p++) sum += (signs >> p) & 1 ? -patients[p] : patients[p];
      if (Math.abs(sum) >= limit) extreme++;
    }
    return { difference, pValue: extreme / all, assignments: all, exact: true };
  }
  const random = new RandomStream(seed, 'permutation');
  let extreme = 1;
  for (let draw = 0; draw < assignments; draw++) {
    let sum = 0;
    let bits = 0;
    for (let p = 0; p < patients.length; p++) {
      if (p % 32 === 0) bits = random.uint32();
      sum += (bits >>> (p % 32)) & 1 ? -patients[p] : patients[p];
    }
    if (Math.abs(sum) >= limit) extreme++;
  }
  return { difference, pValue: extreme / (assignments + 1), assignments, exact: false };
}
