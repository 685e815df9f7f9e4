/**
 * Scores of one class against the rest, sorted once and kept with the patient of each: the area of any resample of patients is one pass over
 * them.
 */
export class RankingByPatient {
  /** Patients in ascending order of score, one entry for each image; those of positives and of negatives are told apart by sign: ~p is a negative. */
  readonly #sides: Int32Array;
  /** Where each run of equal scores ends. */
  readonly #ends: Int32Array;

  constructor(scores: Float64Array, positive: Uint8Array, patientOf: Int32Array) {
    const order = Uint32Array.from(scores, (_, i) => i).sort((a, b) => scores[a] - scores[b]);
    this.#sides = Int32Array.from(order, (i) => (positive[i] ? patientOf[i] : ~patientOf[i]));
    const ends: number[] = [];
    for (let at = 1; at <= order.length; at++) {
      if (at === order.length || scores[order[at]] !== scores[order[at - 1]]) ends.push(at);
    }
    this.#ends = Int32Array.from(ends);
  }

  /** The area under the ROC curve, ties counting one half; NaN where a side is absent. */
  auc(counts: Float64Array): number {
    const sides = this.#sides;
    const ends = this.#ends;
    let positives = 0;
    let negatives = 0;
    let area = 0;
    let at = 0;
    for (let run = 0; run < ends.length; run++) {
      const before = negatives;
      let tied = 0;
      for (const end = ends[run]; at < end; at++) {
        const patient = sides[at];
        if (patient >= 0) tied += counts[patient];
        else negatives += counts[~patient];
      }
      area += tied * (before + negatives);
      positives += tied;
    }
    return positives === 0 || negatives === 0 ? NaN : area / (2 * positives * negatives);
  }
}
