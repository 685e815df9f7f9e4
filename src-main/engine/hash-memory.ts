import { bytesOf, type Parameters } from './parameters.ts';

/** How weights are hashed; see `Parameters.hash`. */
export type HashOf = (parameters: Parameters, names: readonly string[]) => string;

/**
 * Hashes weights as `Parameters.hash` does, and does not do so again for a list that is, byte by byte, what it was the last time: comparing
 * takes a fraction of hashing. It keeps a copy of the weights that it has hashed.
 */
export class HashMemory {
  readonly #copies = new Map<string, Float32Array>();
  /** By the names and shapes of the list. */
  readonly #hashes = new Map<string, { hash: string; copies: readonly Float32Array[] }>();

  readonly hashOf: HashOf = (parameters, names) => {
    const weights = names.map((name) => {
      const { shape, data } = parameters.get(name);
      return { key: `${name}[${shape}]`, data };
    });
    const list = weights.map(({ key }) => key).join();
    const known = this.#hashes.get(list);
    if (known && weights.every(({ data }, at) => same(data, known.copies[at]))) return known.hash;
    const hash = parameters.hash(names);
    const copies = weights.map(({ key, data }) => {
      const copy = this.#copies.get(key);
      if (copy && same(data, copy)) return copy;
      const own = data.slice();
      this.#copies.set(key, own);
      return own;
    });
    this.#hashes.set(list, { hash, copies });
    return hash;
  };
}

const same = (a: Float32Array, b: Float32Array): boolean => Buffer.compare(bytesOf(a), bytesOf(b)) === 0;
