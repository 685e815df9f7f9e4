import { closeSync, openSync, readSync } from 'node:fs';
import { GraftError } from '../contract/errors.ts';
import { readTensorCacheIndex, recordLength } from './tensor-cache-index.ts';

/**
 * Reads tensors where they lie: nothing is held but one record, the system's page cache does the rest. Any number of
 * readers may be open, also while the cache is being filled.
 *
 * @example
 * const reader = TensorCacheReader.open(dataset.cachePath);
 * const batch = new Float32Array(8 * reader.sampleLength);
 * reader.read(dataset.train.slice(0, 8).map((sample) => sample.cacheIndex), batch);
 */
export class TensorCacheReader {
  readonly height: number;
  readonly width: number;
  /** As in the preprocessing that was asked for; grey stored once is repeated. */
  readonly channels: 1 | 3;
  /** Records. */
  readonly length: number;
  readonly #file: number;
  readonly #fingerprints: readonly (string | null)[];
  readonly #storedChannels: 1 | 3;
  readonly #record: Uint16Array;
  readonly #bytes: Uint8Array;

  private constructor(file: number, path: string) {
    this.#file = file;
    const index = readTensorCacheIndex(path);
    if (!index) throw missing(path);
    this.height = index.preprocessing.height;
    this.width = index.preprocessing.width;
    this.channels = index.preprocessing.channels;
    this.length = index.records.length;
    this.#fingerprints = index.records.map((record) => record?.fingerprint ?? null);
    this.#storedChannels = index.storedChannels;
    this.#record = new Uint16Array(recordLength(index));
    this.#bytes = new Uint8Array(this.#record.buffer);
  }

  /**
   * Opens the cache file of a dataset.
   *
   * @throws GraftError `cache-missing`
   */
  static open(path: string): TensorCacheReader {
    let file: number;
    try {
      file = openSync(path, 'r');
    } catch (error) {
      throw missing(path, error);
    }
    try {
      return new TensorCacheReader(file, path);
    } catch (error) {
      closeSync(file);
      throw error;
    }
  }

  /** Numbers of one image: height × width × channels. */
  get sampleLength(): number {
    return this.height * this.width * this.channels;
  }

  /** Size and time of change of the file that a record was made from; null where a later record has taken its place. */
  fingerprint(index: number): string | null {
    return this.#fingerprints[index] ?? null;
  }

  /**
   * Reads records into `out`, one after the other, NHWC in [0, 1].
   *
   * @param indexes `Sample.cacheIndex` of the images wanted
   * @param out at least indexes.length × sampleLength long
   * @throws GraftError `cache-damaged` where the file ends too early
   */
  read(indexes: ArrayLike<number>, out: Float32Array): void {
    if (out.length < indexes.length * this.sampleLength) {
      throw new GraftError(
        'tensor-buffer-short',
        `Expected room for ${indexes.length * this.sampleLength} numbers, found ${out.length}.`,
        { kind: 'bug' },
      );
    }
    for (let at = 0; at < indexes.length; at++) {
      this.#load(indexes[at]);
      this.#unpack(out, at * this.sampleLength);
    }
  }

  close(): void {
    closeSync(this.#file);
  }

  #load(index: number): void {
    if (!Number.isInteger(index) || index < 0 || index >= this.length) {
      throw new GraftError(
        'tensor-index',
        `Expected a record from 0 to ${this.length - 1}, found ${index}.`,
        {
          kind: 'bug',
        },
      );
    }
    const size = this.#bytes.byteLength;
    for (let done = 0; done < size;) {
      const read = readSync(this.#file, this.#bytes, done, size - done, index * size + done);
      if (read === 0) {
        throw new GraftError(
          'cache-damaged',
          'The tensor cache ends before the image that was asked for; delete the cache folder, it is made again.',
        );
      }
      done += read;
    }
  }

  #unpack(out: Float32Array, start: number): void {
    const record = this.#record;
    const scale = 1 / 65535;
    if (this.#storedChannels === this.channels) {
      for (let at = 0; at < record.length; at++) out[start + at] = record[at] * scale;
      return;
    }
    for (let at = 0, to = start; at < record.length; at++) {
      const value = record[at] * scale;
      out[to++] = value;
      out[to++] = value;
      out[to++] = value;
    }
  }
}

function missing(path: string, cause?: unknown): GraftError {
  return new GraftError(
    'cache-missing',
    `Expected prepared images in ${path}; they are not there. Prepare the dataset again.`,
    { cause },
  );
}
