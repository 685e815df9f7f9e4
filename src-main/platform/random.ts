import { createHash } from 'node:crypto';

/** The whole state of a stream, small enough for a checkpoint. */
export type RandomState = [number, number, number, number];

/**
 * A seeded stream of random numbers (sfc32, Chris Doty-Humphrey's Small Fast Counting generator, of PractRand).
 * Streams are named: the same seed and names give the same numbers on every machine, and two names give
 * unrelated streams, so that drawing more in one place never changes another.
 *
 * @example
 * const order = new RandomStream(7, 'epoch', 3).shuffle(indexes);
 */
export class RandomStream {
  #state: Uint32Array;

  constructor(seed: number, ...names: (string | number)[]) {
    const digest = createHash('sha256')
      .update(JSON.stringify([seed, ...names]))
      .digest();
    this.#state = new Uint32Array([0, 4, 8, 12].map((offset) => digest.readUInt32LE(offset)));
  }

  get state(): RandomState {
    return [...this.#state] as RandomState;
  }

  set state(state: RandomState) {
    this.#state = Uint32Array.from(state);
  }

  /** A whole number in [0, 2³²). */
  uint32(): number {
    const s = this.#state;
    const result = (s[0] + s[1] + s[3]) >>> 0;
    s[3] = s[3] + 1;
    s[0] = s[1] ^ (s[1] >>> 9);
    s[1] = s[2] + (s[2] << 3);
    s[2] = (((s[2] << 21) | (s[2] >>> 11)) + result) >>> 0;
    return result;
  }

  /** Uniform in [low, high). */
  uniform(low = 0, high = 1): number {
    return low + (high - low) * (this.uint32() / 4_294_967_296);
  }

  /**
   * Writes 0 with the chance `rate` and else 1 / (1 − rate): as a call of `uniform()` for each value would decide, several times as fast.
   */
  fillDropout(mask: Float32Array, rate: number): void {
    // In the same memory: each number is read before its value is written.
    const numbers = new Uint32Array(mask.buffer, mask.byteOffset, mask.length);
    this.fill(numbers);
    dropoutMask(numbers, mask, rate);
  }

  /** Whole numbers in [0, 2³²), as that many calls of `uint32()`. */
  fill(numbers: Uint32Array): void {
    let [a, b, c, d] = this.#state;
    for (let i = 0; i < numbers.length; i++) {
      const result = (((a + b) | 0) + d) | 0;
      d = (d + 1) | 0;
      a = b ^ (b >>> 9);
      b = (c + (c << 3)) | 0;
      c = (((c << 21) | (c >>> 11)) + result) | 0;
      numbers[i] = result;
    }
    this.#state.set([a, b, c, d]);
  }

  /** A whole number in [0, bound). */
  integer(bound: number): number {
    return Math.floor(this.uniform() * bound);
  }

  /** Normal by Box and Muller; one draw uses two numbers, always, so that streams stay aligned. */
  normal(mean = 0, deviation = 1): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()));
    return mean + deviation * radius * Math.cos(2 * Math.PI * this.uniform());
  }

  /** One of the items. */
  pick<T>(items: readonly T[]): T {
    return items[this.integer(items.length)];
  }

  /** A shuffled copy (Fisher–Yates). */
  shuffle<T>(items: Iterable<T>): T[] {
    const copy = [...items];
    for (let last = copy.length - 1; last > 0; last--) {
      const other = this.integer(last + 1);
      [copy[last], copy[other]] = [copy[other], copy[last]];
    }
    return copy;
  }
}

/** The dropout mask that random numbers in [0, 2³²) decide: 0 below `rate` of the range, else 1 / (1 − rate). */
export function dropoutMask(numbers: Uint32Array, mask: Float32Array, rate: number): void {
  const kept = 1 / (1 - rate);
  const bound = rate * 4_294_967_296;
  // −1 below the bound, else 0: a processor cannot foresee a branch that is random.
  for (let i = 0; i < mask.length; i++)
    mask[i] = kept + kept * Math.floor((numbers[i] - bound) / 4_294_967_296);
}
