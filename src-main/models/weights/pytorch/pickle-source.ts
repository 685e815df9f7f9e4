/** Bytes of a pickle, read forwards. */
export interface PickleSource {
  /** Where the next byte lies. */
  position: number;
  /** @throws what the source says of its early end */
  take(length: number): Uint8Array;
}

/** A pickle that lies in memory. */
export class PickleBytes implements PickleSource {
  position = 0;
  readonly #bytes: Uint8Array;
  readonly #ended: () => Error;

  constructor(bytes: Uint8Array, ended: () => Error) {
    this.#bytes = bytes;
    this.#ended = ended;
  }

  take(length: number): Uint8Array {
    const end = this.position + length;
    if (end > this.#bytes.length) throw this.#ended();
    const taken = this.#bytes.subarray(this.position, end);
    this.position = end;
    return taken;
  }
}

/** A pickle at a place of a file, of unknown length: a window at a time is in memory. */
export class PickleWindow implements PickleSource {
  readonly #read: (position: number, length: number) => Uint8Array;
  readonly #end: number;
  readonly #ended: () => Error;
  #window: Uint8Array = new Uint8Array(0);
  #start = 0;
  position: number;

  /** @param end bytes of the file */
  constructor(
    read: (position: number, length: number) => Uint8Array,
    position: number,
    end: number,
    ended: () => Error,
  ) {
    this.#read = read;
    this.#end = end;
    this.#ended = ended;
    this.position = position;
    this.#start = position;
  }

  take(length: number): Uint8Array {
    if (this.position + length > this.#end) throw this.#ended();
    if (this.position + length > this.#start + this.#window.length) {
      this.#start = this.position;
      this.#window = this.#read(this.position, Math.min(Math.max(length, 65_536), this.#end - this.position));
    }
    const from = this.position - this.#start;
    this.position += length;
    return this.#window.subarray(from, from + length);
  }
}
