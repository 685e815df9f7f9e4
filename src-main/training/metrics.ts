import type { Answer, PassCounts } from './answers.ts';

/** Counts what was predicted against what is there, and the loss, over one pass. */
export class EpochCounts implements PassCounts {
  readonly findings = null;
  readonly #classes: number;
  /** Logits and labels of images, for what has to see all of them at once. */
  readonly #logits: Float32Array[] = [];
  readonly #labels: number[] = [];
  /** Row: true class, column: predicted. */
  readonly #confusion: Float64Array;
  #loss = 0;
  #weight = 0;

  constructor(classes: number) {
    this.#classes = classes;
    this.#confusion = new Float64Array(classes * classes);
  }

  /** Counts one image by its logits `[classes]`. */
  count(logits: ArrayLike<number>, offset: number, answer: Answer): void {
    this.#count(logits, offset, answer as number);
  }

  #count(logits: ArrayLike<number>, offset: number, label: number): void {
    let predicted = 0;
    for (let c = 1; c < this.#classes; c++)
      if (logits[offset + c] > logits[offset + predicted]) predicted = c;
    this.#confusion[label * this.#classes + predicted]++;
  }

  /** Counts one image and keeps its logits, so that `auc` can be asked for. */
  keep(logits: ArrayLike<number>, offset: number, answer: Answer): void {
    this.#count(logits, offset, answer as number);
    this.#logits.push(Float32Array.from({ length: this.#classes }, (_, c) => logits[offset + c]));
    this.#labels.push(answer as number);
  }

  addLoss(loss: number, weight: number): void {
    this.#loss += loss * weight;
    this.#weight += weight;
  }

  get loss(): number {
    return this.#loss / this.#weight;
  }

  get histogram(): { predicted: number[]; there: number[] } {
    const classes = Array.from({ length: this.#classes }, (_, c) => c);
    const sum = (at: (other: number) => number): number =>
      classes.reduce((total, other) => total + this.#confusion[at(other)], 0);
    return {
      predicted: classes.map((c) => sum((other) => other * this.#classes + c)),
      there: classes.map((c) => sum((other) => c * this.#classes + other)),
    };
  }

  get accuracy(): number {
    let right = 0;
    for (let c = 0; c < this.#classes; c++) right += this.#confusion[c * this.#classes + c];
    return right / this.#confusion.reduce((sum, count) => sum + count, 0);
  }

  /** Mean recall of the classes that occur. */
  get balancedAccuracy(): number {
    const recalls: number[] = [];
    for (let c = 0; c < this.#classes; c++) {
      const row = this.#confusion.subarray(c * this.#classes, (c + 1) * this.#classes);
      const there = row.reduce((sum, count) => sum + count, 0);
      if (there > 0) recalls.push(row[c] / there);
    }
    return recalls.reduce((sum, value) => sum + value, 0) / recalls.length;
  }

  /**
   * Area under the ROC curve of the images that were kept: of the second of two classes, else the mean of each against the rest
   * (scikit-learn's `roc_auc_score(multi_class='ovr', average='macro')`). Null as soon as a class is absent.
   */
  get auc(): number | null {
    const probabilities = this.#logits.map(softmax);
    const areaOf = (c: number): number | null =>
      areaUnderCurve(
        probabilities.map((row) => row[c]),
        this.#labels.map((label) => label === c),
      );
    if (this.#classes === 2) return areaOf(1);
    const areas = Array.from({ length: this.#classes }, (_, c) => areaOf(c));
    if (areas.some((area) => area === null)) return null;
    return areas.reduce<number>((sum, area) => sum + area!, 0) / areas.length;
  }

  /** Macro F1: the plain mean of the classes that occur or were predicted (as scikit-learn's default). */
  get f1(): number {
    const values: number[] = [];
    for (let c = 0; c < this.#classes; c++) {
      let there = 0;
      let predicted = 0;
      for (let other = 0; other < this.#classes; other++) {
        there += this.#confusion[c * this.#classes + other];
        predicted += this.#confusion[other * this.#classes + c];
      }
      if (there + predicted > 0)
        values.push((2 * this.#confusion[c * this.#classes + c]) / (there + predicted));
    }
    return values.reduce((sum, value) => sum + value, 0) / values.length;
  }
}

/** The same where one number tells two classes apart: what a softmax makes of it and of 0. */
export class BinaryCounts extends EpochCounts {
  override count(logits: ArrayLike<number>, offset: number, answer: Answer): void {
    super.count([0, logits[offset]], 0, answer);
  }

  override keep(logits: ArrayLike<number>, offset: number, answer: Answer): void {
    super.keep([0, logits[offset]], 0, answer);
  }
}

function softmax(logits: Float32Array): Float64Array {
  const result = new Float64Array(logits.length);
  const largest = Math.max(...logits);
  let sum = 0;
  for (let c = 0; c < result.length; c++) {
    result[c] = Math.exp(logits[c] - largest);
    sum += result[c];
  }
  for (let c = 0; c < result.length; c++) result[c] /= sum;
  return result;
}

/** The chance that a positive scores higher than a negative, ties counting one half (Mann and Whitney). */
export function areaUnderCurve(scores: readonly number[], positive: readonly boolean[]): number | null {
  const order = scores.map((_, at) => at).sort((a, b) => scores[a] - scores[b]);
  const positives = positive.filter(Boolean).length;
  const negatives = positive.length - positives;
  if (positives === 0 || negatives === 0) return null;
  let ranks = 0;
  for (let at = 0; at < order.length;) {
    let end = at;
    while (end < order.length && scores[order[end]] === scores[order[at]]) end++;
    // Equal scores share the mean of their ranks, which count from 1.
    const rank = (at + 1 + end) / 2;
    for (; at < end; at++) if (positive[order[at]]) ranks += rank;
  }
  return (ranks - (positives * (positives + 1)) / 2) / (positives * negatives);
}

/** Cross-entropy of one image, in nats, from its logits. */
export function crossEntropy(
  logits: ArrayLike<number>,
  offset: number,
  classes: number,
  label: number,
): number {
  let largest = -Infinity;
  for (let c = 0; c < classes; c++) largest = Math.max(largest, logits[offset + c]);
  let sum = 0;
  for (let c = 0; c < classes; c++) sum += Math.exp(logits[offset + c] - largest);
  return Math.log(sum) + largest - logits[offset + label];
}

/** Weight of each class, in inverse proportion to its frequency, 1 on average over the images. */
export function classWeights(labels: readonly number[], classes: number): Float64Array {
  const counts = new Float64Array(classes);
  for (const label of labels) counts[label]++;
  const present = counts.filter((count) => count > 0).length;
  return counts.map((count) => (count === 0 ? 0 : labels.length / (present * count)));
}
