import { RandomStream } from '../platform/random.ts';

/** Bytes of numbers that are kept at the most: of a small head all epochs, of a large one the first steps. */
const MOST_BYTES = 48 * 2 ** 20;
const RANGE = 4_294_967_296;

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
    if (known) return threshold(known, mask, rate);
    const stream = new RandomStream(seed, ...names);
    const bytes = 4 * mask.length;
    if (this.#bytes + bytes > this.#most) return stream.fillDropout(mask, rate);
    const draws = new Uint32Array(mask.length);
    stream.fill(draws);
    this.#kept.set(key, draws);
    this.#bytes += bytes;
    threshold(draws, mask, rate);
  }
}

/** As `RandomStream.fillDropout`: without a branch, which for numbers that are random no processor foresees. */
function threshold(draws: Uint32Array, mask: Float32Array, rate: number): void {
  const kept = 1 / (1 - rate);
  const bound = rate * RANGE;
  for (let i = 0; i < mask.length; i++) mask[i] = kept + kept * Math.floor((draws[i] - bound) / RANGE);
}
