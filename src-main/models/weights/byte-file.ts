import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { GraftError } from '../../contract/errors.ts';

/** A file that is read in pieces, and speaks for itself when it is not what it should be. */
export class ByteFile {
  readonly path: string;
  readonly size: number;
  readonly handle: number;
  /** What it was expected to be: "PyTorch weights". */
  readonly #kind: string;
  #closed = false;

  /** @throws GraftError `weights-missing` */
  constructor(path: string, kind: string) {
    this.path = path;
    this.#kind = kind;
    try {
      // A pipe would be waited for without end.
      if (!statSync(path).isFile()) throw new Error('not a file');
      this.handle = openSync(path, 'r');
    } catch (cause) {
      throw new GraftError(
        'weights-missing',
        `Expected a weights file at ${path}, found none that can be read. Put it there, or choose another file.`,
        { cause },
      );
    }
    this.size = fstatSync(this.handle).size;
  }

  /** @returns `length` bytes from `position`, of a buffer of their own */
  read(position: number, length: number): Uint8Array<ArrayBuffer> {
    if (!Number.isSafeInteger(position) || !Number.isSafeInteger(length) || position < 0 || length < 0)
      throw this.wrong('a place outside it');
    // Before a byte is set aside: a file does not make Graft hold more than it has itself.
    if (position + length > this.size) throw this.wrong('its end too early');
    const into = new Uint8Array(length);
    for (let at = 0; at < length;) {
      const read = readSync(this.handle, into, at, length - at, position + at);
      if (read === 0) throw this.wrong('its end too early');
      at += read;
    }
    return into;
  }

  /** The sentence for a file that is damaged or something else. */
  wrong(found: string, cause?: unknown): GraftError {
    return new GraftError(
      'weights-file',
      `Expected ${this.#kind}, found ${found} in ${basename(this.path)}. Copy or download the file again, or choose another.`,
      cause === undefined ? {} : { cause },
    );
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    closeSync(this.handle);
  }
}
