import { tiesOf } from './ties.ts';

/** What one class's scores come to in a resample. NaN where a side is absent. */
export interface ClassAreas {
  /** Against all other classes. */
  auc: number;
  averagePrecision: number;
}

/**
 * Scores of one class, sorted once and kept with patient and true class: running sums over them give, for any resample of patients, its area
 * against all others and against each other class, and its average precision. No step depends on what a case is, since which class comes next
 * among sorted scores is what a processor cannot foresee: that makes it several times as fast as one pass that asks each case.
 */
export class ClassRanking {
  /** Patients of all cases, in ascending order of score. */
  readonly #patients: Int32Array;
  readonly #own: Cases;
  /** Cases of the other classes, class after class. */
  readonly #others: Cases;
  /** Where each class ends among them. */
  readonly #ends: Int32Array;
  readonly #sumOfAll: Float64Array;
  readonly #sumOfOwn: Float64Array;
  /** After `areas`: twice the pairs won against each class, of cases of this class and of that. */
  readonly won: Float64Array;

  constructor(
    scores: Float64Array,
    labels: ArrayLike<number>,
    patientOf: Int32Array,
    own: number,
    classes: number,
  ) {
    const order = Uint32Array.from(scores, (_, i) => i).sort((a, b) => scores[a] - scores[b]);
    this.#patients = Int32Array.from(order, (i) => patientOf[i]);
    const { starts, ends } = tiesOf(order, scores);
    const ownBefore = new Int32Array(order.length + 1);
    const places = Array.from({ length: classes }, () => [] as number[]);
    order.forEach((i, at) => {
      ownBefore[at + 1] = ownBefore[at] + Number(labels[i] === own);
      places[labels[i]].push(at);
    });
    const casesAt = (chosen: readonly number[]): Cases => ({
      patients: Int32Array.from(chosen, (at) => this.#patients[at]),
      below: Int32Array.from(chosen, (at) => starts[at]),
      ownBelow: Int32Array.from(chosen, (at) => ownBefore[starts[at]]),
      ownNotAbove: Int32Array.from(chosen, (at) => ownBefore[ends[at]]),
    });
    this.#own = casesAt(places[own]);
    places[own] = [];
    this.#others = casesAt(places.flat());
    let end = 0;
    this.#ends = Int32Array.from(places, (of) => (end += of.length));
    this.#sumOfAll = new Float64Array(order.length + 1);
    this.#sumOfOwn = new Float64Array(ownBefore[order.length] + 1);
    this.won = new Float64Array(classes);
  }

  /** @param positives how many cases of the class the resample holds, and how many in all */
  areas(counts: Float64Array, positives: number, total: number): ClassAreas {
    const [patients, all, own, ends, won] = [
      this.#patients,
      this.#sumOfAll,
      this.#sumOfOwn,
      this.#ends,
      this.won,
    ];
    let sum = 0;
    for (let at = 0; at < patients.length; at++) all[at + 1] = sum += counts[patients[at]];
    const { patients: ofOwn, below, ownBelow } = this.#own;
    sum = 0;
    for (let at = 0; at < ofOwn.length; at++) own[at + 1] = sum += counts[ofOwn[at]];
    let precision = 0;
    for (let at = 0; at < ofOwn.length; at++)
      // Where nobody is left from here on up, this case was not drawn either.
      precision +=
        (counts[ofOwn[at]] * (positives - own[ownBelow[at]])) / Math.max(1, total - all[below[at]]);
    const { patients: ofOthers, ownBelow: lost, ownNotAbove: notWon } = this.#others;
    let pairs = 0;
    let at = 0;
    for (let k = 0; k < ends.length; k++) {
      sum = 0;
      for (const end = ends[k]; at < end; at++)
        sum += counts[ofOthers[at]] * (2 * positives - own[lost[at]] - own[notWon[at]]);
      pairs += won[k] = sum;
    }
    const one = positives === 0 || positives === total;
    return {
      auc: one ? NaN : pairs / (2 * positives * (total - positives)),
      averagePrecision: positives === 0 ? NaN : precision / positives,
    };
  }
}

/** Some of the cases in ascending order of score. */
interface Cases {
  patients: Int32Array;
  /** How many of all cases score less. */
  below: Int32Array;
  /** How many of the class score less, and no more. */
  ownBelow: Int32Array;
  ownNotAbove: Int32Array;
}
