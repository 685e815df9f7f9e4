/** What one class's scores come to in a resample. NaN where a side is absent. */
export interface ClassAreas {
  /** Against all other classes. */
  auc: number;
  averagePrecision: number;
}

/**
 * Scores of one class, sorted once and kept with patient and true class: one pass over them gives, for any resample of patients, its area against
 * all others and against each other class, and its average precision.
 */
export class ClassRanking {
  /** In ascending order of score. */
  readonly #patients: Int32Array;
  readonly #labels: Int32Array;
  /** Where each run of equal scores ends. */
  readonly #ends: Int32Array;
  readonly #own: number;
  readonly #below: Float64Array;
  readonly #before: Float64Array;
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
    this.#labels = Int32Array.from(order, (i) => labels[i]);
    const ends: number[] = [];
    for (let at = 1; at <= order.length; at++) {
      if (at === order.length || scores[order[at]] !== scores[order[at - 1]]) ends.push(at);
    }
    this.#ends = Int32Array.from(ends);
    this.#own = own;
    this.#below = new Float64Array(classes);
    this.#before = new Float64Array(classes);
    this.won = new Float64Array(classes);
  }

  /** @param positives how many cases of the class the resample holds, and how many in all */
  areas(counts: Float64Array, positives: number, total: number): ClassAreas {
    const [patients, labels, ends, own] = [this.#patients, this.#labels, this.#ends, this.#own];
    const [below, before, won] = [this.#below.fill(0), this.#before, this.won.fill(0)];
    let hitsBelow = 0;
    let precision = 0;
    let at = 0;
    for (let run = 0; run < ends.length; run++) {
      const end = ends[run];
      const single = end - at === 1;
      if (single && labels[at] !== own) {
        below[labels[at]] += counts[patients[at]];
        at++;
        continue;
      }
      let tied = 0;
      if (!single) before.set(below);
      for (; at < end; at++) {
        const count = counts[patients[at]];
        if (labels[at] === own) tied += count;
        else below[labels[at]] += count;
      }
      if (tied === 0) continue;
      const earlier = single ? below : before;
      let alarmsBefore = 0;
      for (let k = 0; k < won.length; k++) {
        won[k] += tied * (earlier[k] + below[k]);
        alarmsBefore += earlier[k];
      }
      precision += (tied * (positives - hitsBelow)) / (total - hitsBelow - alarmsBefore);
      hitsBelow += tied;
    }
    let all = 0;
    for (let k = 0; k < won.length; k++) all += won[k];
    const one = positives === 0 || positives === total;
    return {
      auc: one ? NaN : all / (2 * positives * (total - positives)),
      averagePrecision: positives === 0 ? NaN : precision / positives,
    };
  }
}
