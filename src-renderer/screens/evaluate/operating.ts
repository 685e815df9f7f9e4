import type { Finding } from '../../../src-main/contract/dataset.ts';

/** What is needed of an image to call it positive or not. */
export interface Scored {
  /** Class index; of findings −1. */
  label: number;
  /** Where an image may show several findings: of each whether it is there. */
  findings?: readonly Finding[];
  /** One for each class. */
  probabilities: ArrayLike<number>;
}

/** Counts at one threshold, one class against the rest. */
export interface Operating {
  /** Images that score this or more are called positive. */
  threshold: number;
  truePositives: number;
  falsePositives: number;
  trueNegatives: number;
  falseNegatives: number;
}

const ratio = (part: number, whole: number): number | null => (whole === 0 ? null : part / whole);
export const sensitivity = (o: Operating): number | null =>
  ratio(o.truePositives, o.truePositives + o.falseNegatives);
export const specificity = (o: Operating): number | null =>
  ratio(o.trueNegatives, o.trueNegatives + o.falsePositives);
export const positivePredictiveValue = (o: Operating): number | null =>
  ratio(o.truePositives, o.truePositives + o.falsePositives);
export const negativePredictiveValue = (o: Operating): number | null =>
  ratio(o.trueNegatives, o.trueNegatives + o.falseNegatives);

/** One class against the rest, sorted once: any threshold is then a search, however many images there are. */
export class OperatingPoints {
  /** From the highest down. */
  readonly #scores: Float64Array;
  /** Positives among the first so many, one entry more than there are scores. */
  readonly #positives: Uint32Array;

  /** @param positive index of the class that counts as positive */
  constructor(images: readonly Scored[], positive: number) {
    const sorted = images
      .flatMap(({ label, findings, probabilities }) => {
        // What nobody knows counts neither way.
        if (findings?.[positive] === null) return [];
        const hit = findings ? findings[positive] === 1 : label === positive;
        return [{ score: probabilities[positive], hit }];
      })
      .sort((a, b) => b.score - a.score);
    this.#scores = Float64Array.from(sorted, ({ score }) => score);
    this.#positives = new Uint32Array(sorted.length + 1);
    sorted.forEach(({ hit }, at) => (this.#positives[at + 1] = this.#positives[at] + Number(hit)));
  }

  /** How many images there are. */
  get size(): number {
    return this.#scores.length;
  }

  /** Counts when images that score `threshold` or more are called positive. */
  at(threshold: number): Operating {
    let from = 0;
    let to = this.#scores.length;
    while (from < to) {
      const middle = (from + to) >> 1;
      if (this.#scores[middle] >= threshold) from = middle + 1;
      else to = middle;
    }
    return this.#counts(from, threshold);
  }

  /** The threshold with the largest sum of sensitivity and specificity (Youden 1950); null without both sides. */
  youden(): Operating | null {
    return this.#best((one) => sensitivity(one)! + specificity(one)!);
  }

  /** The most specific threshold that still finds this share of the positives; null without both sides. */
  forSensitivity(wanted: number): Operating | null {
    // Of what the sum of shares loses to rounding: 0.95 of 20 is 19, and has to count as reached.
    return this.#best((one) => (sensitivity(one)! >= wanted - 1e-9 ? specificity(one)! : -Infinity));
  }

  #best(value: (one: Operating) => number): Operating | null {
    const all = this.#scores.length;
    const positives = this.#positives[all];
    if (positives === 0 || positives === all) return null;
    let best: Operating | null = null;
    let most = -Infinity;
    for (let called = 1; called <= all; called++) {
      // Equal scores are called alike.
      if (called < all && this.#scores[called] === this.#scores[called - 1]) continue;
      const one = this.#counts(called, this.#scores[called - 1]);
      if (value(one) > most) [best, most] = [one, value(one)];
    }
    return best;
  }

  #counts(called: number, threshold: number): Operating {
    const all = this.#scores.length;
    const truePositives = this.#positives[called];
    const positives = this.#positives[all];
    return {
      threshold,
      truePositives,
      falsePositives: called - truePositives,
      trueNegatives: all - positives - (called - truePositives),
      falseNegatives: positives - truePositives,
    };
  }
}
