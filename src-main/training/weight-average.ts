import type { Parameters } from '../engine/index.ts';

const PREFIX = 'average/';

/**
 * A running mean of weights, `mean ← decay · mean + (1 − decay) · weight` after each step (Polyak and Juditsky 1992), the decay
 * smaller at first: `(1 + steps) / (10 + steps)`, as TensorFlow has it. It lies among the optimiser's slots, so that a checkpoint
 * holds it.
 */
export class WeightAverage {
  readonly #weights: Parameters;
  readonly #slots: Parameters;
  readonly #names: readonly string[];
  readonly #decay: number;

  constructor(weights: Parameters, slots: Parameters, names: readonly string[], decay: number) {
    this.#weights = weights;
    this.#slots = slots;
    this.#names = names;
    this.#decay = decay;
    for (const name of names) {
      const { shape, data } = weights.get(name);
      slots.add(PREFIX + name, shape).data.set(data);
    }
  }

  /** @param steps done so far, this one among them */
  follow(steps: number): void {
    const decay = Math.min(this.#decay, (1 + steps) / (10 + steps));
    for (const name of this.#names) {
      const mean = this.#slots.get(PREFIX + name).data;
      const { data } = this.#weights.get(name);
      for (let i = 0; i < mean.length; i++) mean[i] = decay * mean[i] + (1 - decay) * data[i];
    }
  }

  /** Does something with the means in the weights' place. */
  async during<Result>(work: () => Promise<Result>): Promise<Result> {
    this.#swap();
    try {
      return await work();
    } finally {
      this.#swap();
    }
  }

  #swap(): void {
    for (const name of this.#names) {
      const mean = this.#slots.get(PREFIX + name).data;
      const { data } = this.#weights.get(name);
      const kept = data.slice();
      data.set(mean);
      mean.set(kept);
    }
  }
}
