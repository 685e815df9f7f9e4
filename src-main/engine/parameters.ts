import { createHash } from 'node:crypto';
import { GraftError } from '../contract/errors.ts';

/** One named float32 array of weights, in TF.js layout (convolution filters are `[height, width, in, out]`). */
export interface Parameter {
  readonly name: string;
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

export const bytesOf = (array: Float32Array | Int32Array | Uint8Array): Uint8Array =>
  new Uint8Array(array.buffer, array.byteOffset, array.byteLength);

export const sizeOf = (shape: readonly number[]): number => shape.reduce((size, extent) => size * extent, 1);

/**
 * The weights of a network, on the host, by name and in a fixed order. Executors read them at each run and write
 * back what a program assigned; the arrays stay the same objects for the life of the set.
 */
export class Parameters implements Iterable<Parameter> {
  readonly #byName = new Map<string, Parameter>();

  add(
    name: string,
    shape: readonly number[],
    data: Float32Array = new Float32Array(sizeOf(shape)),
  ): Parameter {
    if (this.#byName.has(name))
      throw new GraftError('parameter-twice', `The weight ${name} exists already.`, { kind: 'bug' });
    if (data.length !== sizeOf(shape)) {
      throw new GraftError(
        'parameter-shape',
        `Expected ${sizeOf(shape)} values for the weight ${name} of shape [${shape}], found ${data.length}.`,
        { kind: 'bug' },
      );
    }
    const parameter = { name, shape: [...shape], data };
    this.#byName.set(name, parameter);
    return parameter;
  }

  get(name: string): Parameter {
    const found = this.#byName.get(name);
    if (!found)
      throw new GraftError('parameter-unknown', `There is no weight named ${name}.`, { kind: 'bug' });
    return found;
  }

  has(name: string): boolean {
    return this.#byName.has(name);
  }

  get names(): string[] {
    return [...this.#byName.keys()];
  }

  [Symbol.iterator](): Iterator<Parameter> {
    return this.#byName.values();
  }

  /** How many numbers the set holds. */
  get count(): number {
    let count = 0;
    for (const { data } of this) count += data.length;
    return count;
  }

  /** A deep copy. */
  clone(): Parameters {
    const copy = new Parameters();
    for (const { name, shape, data } of this) copy.add(name, shape, data.slice());
    return copy;
  }

  /** Overwrites the values of every weight that `other` holds too; the shapes must agree. */
  assign(other: Parameters): void {
    for (const { name, data } of other) if (this.has(name)) this.get(name).data.set(data);
  }

  /** SHA-256 over names, shapes and values, of all weights or of those named: the proof that nothing moved. */
  hash(names: readonly string[] = this.names): string {
    const hash = createHash('sha256');
    for (const name of names) {
      const { shape, data } = this.get(name);
      hash.update(`${name}[${shape}]`).update(bytesOf(data));
    }
    return hash.digest('hex');
  }
}
