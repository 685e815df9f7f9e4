import type { EpochMetrics } from '../contract/training.ts';

/** What the steps of an epoch show besides loss and accuracy, for the diagnosis of a run. */
export class StepWatch {
  readonly #limit: number | null;
  readonly #norms: number[] = [];
  #batch = 0;
  #inference = 0;
  #weight = 0;
  #companion = 0;
  #steps = 0;

  /** @param limit the largest norm of a gradient; null where there is none, and norms are not known */
  constructor(limit: number | null) {
    this.#limit = limit;
  }

  /** Notes the norm of a step's gradient, before it was clipped. */
  sawGradient(norm: number | null): void {
    if (norm !== null) this.#norms.push(norm);
  }

  /** Notes the loss of an image with BatchNorm on the statistics of its batch, and as at inference. */
  sawModes(batch: number, inference: number, weight: number): void {
    this.#batch += batch * weight;
    this.#inference += inference * weight;
    this.#weight += weight;
  }

  /** Notes what the loss of unlabelled images added to a step. */
  sawCompanion(loss: number): void {
    this.#companion += loss;
    this.#steps++;
  }

  get figures(): Pick<EpochMetrics, 'gradient' | 'normalization' | 'unlabelledLoss'> {
    const norms = this.#norms.toSorted((a, b) => a - b);
    const clipped = norms.filter((norm) => norm > this.#limit!).length;
    return {
      ...(norms.length > 0
        ? { gradient: { norm: norms[norms.length >> 1], clipped: clipped / norms.length } }
        : {}),
      ...(this.#weight > 0
        ? { normalization: { batch: this.#batch / this.#weight, inference: this.#inference / this.#weight } }
        : {}),
      ...(this.#steps > 0 ? { unlabelledLoss: this.#companion / this.#steps } : {}),
    };
  }
}

/** Batches at the end of an epoch that are looked at in both modes: an eighth, but at most four. */
export const watchedBatches = (batches: number): number => Math.min(4, Math.ceil(batches / 8));
