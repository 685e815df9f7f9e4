import type { WeightedStatistic } from '../resampling/bootstrap.ts';
import { tiesOf } from '../resampling/ties.ts';

/** Cases of one side, groups one after the other, each in ascending order of score. */
interface Side {
  patients: Int32Array;
  /** How many cases of the other side score less, and no more. */
  below: Int32Array;
  notAbove: Int32Array;
}

/**
 * The area under the ROC curve in each group, and in all other groups together, of any resample of patients: scores are sorted once, and pairs of a
 * group's positives with negatives of its own and of all tell both, so that a resample takes one pass whatever the number of groups.
 *
 * @param groupOf for each case its group, from 0; −1 counts nowhere
 * @returns of each group its area and that of the rest, NaN where a side is absent
 */
export function areaByGroup(
  scores: ArrayLike<number>,
  positive: ArrayLike<boolean>,
  patientOf: ArrayLike<number>,
  groupOf: ArrayLike<number>,
  groups: number,
): WeightedStatistic {
  const order = Uint32Array.from(scores, (_, i) => i)
    .filter((i) => groupOf[i] >= 0)
    .sort((a, b) => scores[a] - scores[b]);
  const { starts, ends } = tiesOf(order, scores);
  const placesOf = (chosen: (i: number) => boolean): number[] => {
    const places: number[] = [];
    order.forEach((i, at) => chosen(i) && places.push(at));
    return places;
  };
  const patientsAt = (places: readonly number[]): Int32Array =>
    Int32Array.from(places, (at) => patientOf[order[at]]);
  const positives = placesOf((i) => positive[i]);
  const negatives = placesOf((i) => !positive[i]);
  const ofGroup = (places: readonly number[]): number[][] =>
    Array.from({ length: groups }, (_, g) => places.filter((at) => groupOf[order[at]] === g));
  const [positivesOf, negativesOf] = [ofGroup(positives), ofGroup(negatives)];
  const against = (places: readonly number[], others: readonly number[]): Side => {
    const before = countsBefore(others, order.length);
    return {
      patients: patientsAt(places),
      below: Int32Array.from(places, (at) => before[starts[at]]),
      notAbove: Int32Array.from(places, (at) => before[ends[at]]),
    };
  };
  const own = positivesOf.map((places) => against(places, negatives));
  const other = negativesOf.map((places) => against(places, positives));
  // Of each group's negatives, against positives of the group alone.
  const within = negativesOf.map((places, g) => against(places, positivesOf[g]));
  const ofPositives = new RunningSums(patientsAt(positives));
  const ofNegatives = new RunningSums(patientsAt(negatives));
  const ofOwn = positivesOf.map((places) => new RunningSums(patientsAt(places)));
  const values = new Float64Array(2 * groups);
  const [wonByOwn, lostByOwn, wonWithin, negativesOfOwn] = [0, 1, 2, 3].map(() => new Float64Array(groups));
  return (counts) => {
    const allPositives = ofPositives.of(counts);
    const allNegatives = ofNegatives.of(counts);
    const total = allPositives[positives.length];
    let pairs = 0;
    for (let g = 0; g < groups; g++) {
      const sums = ofOwn[g].of(counts);
      const ofGroup = sums[sums.length - 1];
      wonByOwn[g] = pairsBelow(own[g], counts, allNegatives);
      const { patients, below, notAbove } = other[g];
      const { below: ownBelow, notAbove: ownNotAbove } = within[g];
      let [lost, won, drawn] = [0, 0, 0];
      for (let at = 0; at < patients.length; at++) {
        const count = counts[patients[at]];
        lost += count * (2 * total - allPositives[below[at]] - allPositives[notAbove[at]]);
        won += count * (2 * ofGroup - sums[ownBelow[at]] - sums[ownNotAbove[at]]);
        drawn += count;
      }
      lostByOwn[g] = lost;
      wonWithin[g] = won;
      negativesOfOwn[g] = drawn;
      pairs += lostByOwn[g];
      values[2 * g] = ofGroup;
    }
    for (let g = 0; g < groups; g++) {
      const [p, n] = [values[2 * g], negativesOfOwn[g]];
      const rest = (total - p) * (allNegatives[negatives.length] - n);
      values[2 * g] = wonWithin[g] / (2 * p * n);
      values[2 * g + 1] = (pairs - wonByOwn[g] - lostByOwn[g] + wonWithin[g]) / (2 * rest);
    }
    return values;
  };
}

/** Twice the pairs of a side's cases with those of the other side that score less, ties counting half. */
function pairsBelow({ patients, below, notAbove }: Side, counts: Float64Array, sums: Float64Array): number {
  let pairs = 0;
  for (let at = 0; at < patients.length; at++)
    pairs += counts[patients[at]] * (sums[below[at]] + sums[notAbove[at]]);
  return pairs;
}

/** How often the cases up to each place were drawn. */
class RunningSums {
  readonly #patients: Int32Array;
  readonly #sums: Float64Array;

  constructor(patients: Int32Array) {
    this.#patients = patients;
    this.#sums = new Float64Array(patients.length + 1);
  }

  of(counts: Float64Array): Float64Array {
    let sum = 0;
    for (let at = 0; at < this.#patients.length; at++) this.#sums[at + 1] = sum += counts[this.#patients[at]];
    return this.#sums;
  }
}

/** @param places ascending */
function countsBefore(places: readonly number[], length: number): Int32Array {
  const before = new Int32Array(length + 1);
  for (const at of places) before[at + 1] = 1;
  for (let at = 0; at < length; at++) before[at + 1] += before[at];
  return before;
}
