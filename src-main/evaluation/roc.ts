import type { Finding } from '../contract/dataset.ts';
import type { PrecisionRecallCurve, RocCurve } from '../contract/evaluation.ts';

/**
 * One class against the rest, sorted once: the area under its curve is then one pass for any weights, which is what
 * makes a thousand bootstrap replicates cheap.
 */
export class RankedScores {
  readonly #order: Uint32Array;
  readonly #scores: Float64Array;
  readonly #positive: Uint8Array;

  /** @param known images that count; default all */
  constructor(scores: ArrayLike<number>, positive: ArrayLike<boolean>, known?: ArrayLike<boolean>) {
    this.#scores = Float64Array.from(scores);
    this.#positive = Uint8Array.from(positive, Number);
    const images = Uint32Array.from(scores, (_, i) => i);
    this.#order = (known ? images.filter((i) => known[i]) : images).sort(
      (a, b) => this.#scores[b] - this.#scores[a],
    );
  }

  /**
   * Area under the ROC curve: the chance that a positive scores higher than a negative, ties counting one half
   * (Mann and Whitney). Null when one of the two is absent.
   */
  auc(weights?: ArrayLike<number>): number | null {
    let positives = 0;
    let negatives = 0;
    let area = 0;
    for (let at = 0; at < this.#order.length;) {
      let tiedPositives = 0;
      let tiedNegatives = 0;
      const score = this.#scores[this.#order[at]];
      for (; at < this.#order.length && this.#scores[this.#order[at]] === score; at++) {
        const index = this.#order[at];
        const weight = weights ? weights[index] : 1;
        if (this.#positive[index]) tiedPositives += weight;
        else tiedNegatives += weight;
      }
      area += tiedNegatives * (positives + tiedPositives / 2);
      positives += tiedPositives;
      negatives += tiedNegatives;
    }
    return positives === 0 || negatives === 0 ? null : area / (positives * negatives);
  }

  /** The curve, one point for each distinct score; empty when a side is absent. */
  curve(): [number, number][] {
    const positives = this.#positive.reduce((sum, value) => sum + value, 0);
    const negatives = this.#order.length - positives;
    if (positives === 0 || negatives === 0) return [];
    const points: [number, number][] = [[0, 0]];
    let hits = 0;
    let alarms = 0;
    for (let at = 0; at < this.#order.length;) {
      const score = this.#scores[this.#order[at]];
      for (; at < this.#order.length && this.#scores[this.#order[at]] === score; at++) {
        if (this.#positive[this.#order[at]]) hits++;
        else alarms++;
      }
      points.push([alarms / negatives, hits / positives]);
    }
    return points;
  }

  /** As in `precisionRecall`, for any weights. */
  averagePrecision(weights?: ArrayLike<number>): number | null {
    let hits = 0;
    let called = 0;
    let sum = 0;
    for (let at = 0; at < this.#order.length;) {
      const before = hits;
      const score = this.#scores[this.#order[at]];
      for (; at < this.#order.length && this.#scores[this.#order[at]] === score; at++) {
        const index = this.#order[at];
        const weight = weights ? weights[index] : 1;
        called += weight;
        if (this.#positive[index]) hits += weight;
      }
      if (called > 0) sum += (hits / called) * (hits - before);
    }
    return hits === 0 ? null : sum / hits;
  }

  /**
   * The precision-recall curve, one point `[recall, precision]` for each distinct score from the highest down, and the
   * average precision: precision at each step weighted by the recall that it adds, without interpolation (scikit-learn's
   * `average_precision_score`). Null when there is no positive.
   */
  precisionRecall(): { points: [number, number][]; averagePrecision: number } | null {
    const positives = this.#positive.reduce((sum, value) => sum + value, 0);
    if (positives === 0) return null;
    const points: [number, number][] = [];
    let hits = 0;
    let averagePrecision = 0;
    for (let at = 0; at < this.#order.length;) {
      const before = hits;
      const score = this.#scores[this.#order[at]];
      for (; at < this.#order.length && this.#scores[this.#order[at]] === score; at++) {
        hits += this.#positive[this.#order[at]];
      }
      const precision = hits / at;
      points.push([hits / positives, precision]);
      averagePrecision += (precision * (hits - before)) / positives;
    }
    return { points, averagePrecision };
  }
}

/** Scores of each class against the rest. */
export function rankClasses(
  labels: ArrayLike<number>,
  probabilities: readonly ArrayLike<number>[],
  classes: number,
): RankedScores[] {
  return Array.from({ length: classes }, (_, k) => {
    const scores = probabilities.map((row) => row[k]);
    return new RankedScores(
      scores,
      Array.from(labels, (label) => label === k),
    );
  });
}

/** Scores of each finding, where it is known whether it is there. */
export function rankFindings(
  findings: readonly (readonly Finding[])[],
  probabilities: readonly ArrayLike<number>[],
  count: number,
): RankedScores[] {
  return Array.from(
    { length: count },
    (_, k) =>
      new RankedScores(
        probabilities.map((row) => row[k]),
        findings.map((row) => row[k] === 1),
        findings.map((row) => row[k] !== null),
      ),
  );
}

/**
 * One number for all classes: for two, that of the second class; for more, the mean of each against the rest
 * (`roc_auc_score(multi_class='ovr', average='macro')`). Null as soon as one class is absent.
 */
export function overallAuc(aucs: readonly (number | null)[]): number | null {
  if (aucs.length === 2) return aucs[1];
  if (aucs.some((auc) => auc === null)) return null;
  return aucs.reduce<number>((sum, auc) => sum + auc!, 0) / aucs.length;
}

export function rocCurves(ranked: readonly RankedScores[], classes: readonly string[]): RocCurve[] {
  return ranked
    .map((scores, k) => ({ class: classes[k], points: corners(scores.curve()) }))
    .filter(({ points }) => points.length > 0);
}

/** One for each class that occurs. */
export const precisionRecallCurves = (
  ranked: readonly RankedScores[],
  classes: readonly string[],
  supports: readonly number[],
): PrecisionRecallCurve[] =>
  ranked.flatMap((scores, k) => {
    const curve = scores.precisionRecall();
    const images = supports.reduce((sum, support) => sum + support, 0);
    return curve
      ? [{ class: classes[k], points: corners(curve.points), prevalence: supports[k] / images }]
      : [];
  });

/** The same line without the points in the middle of a straight stretch: of ten thousand images a tenth is left. */
const corners = (points: readonly [number, number][]): [number, number][] =>
  points.filter(([x, y], at) => {
    const [before, after] = [points[at - 1], points[at + 1]];
    if (!before || !after) return true;
    return !((before[0] === x && after[0] === x) || (before[1] === y && after[1] === y));
  });
