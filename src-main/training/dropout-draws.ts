import { dropoutMask, RandomStream } from '../platform/random.ts';

/** Bytes of numbers that are kept at the most: of a small head all epochs, of a large one the first steps. */
const MOST_BYTES = 48 * 2 ** 20;

/**
 * The random numbers behind dropout masks. Trainings that follow one another with the same seed draw the same ones, whatever their rates: for
 * small heads drawing them is a fifth of all work.
 */
export class DropoutDraws {
  readonly #most: number;
  readonly #kept = new Map<string, Uint32Array>();
  #bytes = 0;

  /** @param most bytes to keep; default 48 MiB */
  constructor(most = MOST_BYTES) {
    this.#most = most;
  }

  /** Fills a mask as `new RandomStream(seed, ...names).fillDropout(mask, rate)` does. */
  fill(mask: Float32Array, rate: number, seed: number, ...names: (string | number)[]): void {
    const key = JSON.stringify([seed, mask.length, ...names]);
    const known = this.#kept.get(key);
    if (known) return dropoutMask(known, mask, rate);
    const stream = new RandomStream(seed, ...names);
    const bytes = 4 * mask.length;
    if (this.#bytes + bytes > this.#most) return stream.fillDropout(mask, rate);
    const draws = new Uint32Array(mask.length);
    stream.fill(draws);
    this.#kept.set(key, draws);
    this.#bytes += bytes;
    dropoutMask(draws, mask, rate);
  }
}
