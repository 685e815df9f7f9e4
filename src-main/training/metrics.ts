/** Counts what was predicted against what is there, and the loss, over one pass. */
export class EpochCounts {
  readonly #classes: number;
  /** Row: true class, column: predicted. */
  readonly #confusion: Float64Array;
  #loss = 0;
  #weight = 0;

  constructor(classes: number) {
    this.#classes = classes;
    this.#confusion = new Float64Array(classes * classes);
  }

  /** Counts one image by its logits `[classes]`. */
  count(logits: ArrayLike<number>, offset: number, label: number): void {
    let predicted = 0;
    for (let c = 1; c < this.#classes; c++)
      if (logits[offset + c] > logits[offset + predicted]) predicted = c;
    this.#confusion[label * this.#classes + predicted]++;
  }

  addLoss(loss: number, weight: number): void {
    this.#loss += loss * weight;
    this.#weight += weight;
  }

  get loss(): number {
    return this.#loss / this.#weight;
  }

  get accuracy(): number {
    let right = 0;
    for (let c = 0; c < this.#classes; c++) right += this.#confusion[c * this.#classes + c];
    return right / this.#confusion.reduce((sum, count) => sum + count, 0);
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
