import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import type { Sample } from '../contract/dataset.ts';
import { GraftError } from '../contract/errors.ts';
import type { AugmentationConfig } from '../contract/augmentation.ts';
import {
  bytesOf,
  type CompiledProgram,
  type Executor,
  type HashOf,
  type Parameters,
  sizeOf,
} from '../engine/index.ts';
import { decodeHalf, encodeHalf, layersBetween, parameterSpecs } from '../models/index.ts';
import { sha256, writeFileAtomic } from '../platform/files.ts';
import type { ProgressMeter } from '../platform/progress-meter.ts';
import { type ImageSource, sampleKey } from './data.ts';
import { type CutNetwork, prefixProgram, suffixInputShape } from './programs.ts';
import { VersionImages, type Wanted } from './version-images.ts';

export interface FeatureCacheOptions {
  executor: Executor;
  network: CutNetwork;
  parameters: Parameters;
  images: ImageSource;
  augmentation: AugmentationConfig;
  seed: number;
  /** Where files are kept, across runs. */
  folder: string;
  /** Images per pass of the frozen network. Default 16. */
  batchSize?: number;
  /** How values are kept on disk. Default float32. */
  dtype?: 'float32' | 'float16';
  /** Files up to this size are held in memory, in bytes, all together. Default 512 MiB. */
  memory?: number;
  signal?: AbortSignal;
  /** See RunContext. */
  gate?: () => Promise<void>;
  /** See RunContext. */
  hashOf?: HashOf;
  /** Threads that draw augmented images ahead; 0: none. Default by the cores. */
  workers?: number;
  /** Compute from the features that this cache holds, of an earlier cut, instead of from images. */
  base?: FeatureCache;
}

/** What was noted of a file that is being filled, or is full. */
interface FileNote {
  done: number;
  total: number;
}

/** Images that pass the frozen network together where nobody says otherwise. */
export const FEATURE_BATCH = 16;
/** Batches that may be drawn while the network works on one. */
const AHEAD = 8;
const SYNC_EVERY_MS = 2000;
const MEMORY = 512 * 2 ** 20;

/**
 * What the frozen part of a network makes of images, computed once and kept on disk. A file holds one version of a
 * list of images; its name is a hash of all that decides its content (weights, cut, images, augmentation), so a
 * later run finds it, and a changed one does not. A fill that was cut off goes on where it stopped.
 */
export class FeatureCache {
  readonly #options: FeatureCacheOptions;
  readonly #batch: number;
  readonly #shape: readonly number[];
  readonly #prefixHash: string;
  #compiled: CompiledProgram | undefined;
  #versions: VersionImages | undefined;
  #memoryLeft: number;
  #bytes = 0;
  #seconds = 0;

  /** The stage whose output is kept. */
  get cut(): string | null {
    return this.#options.network.cut;
  }

  constructor(options: FeatureCacheOptions) {
    this.#options = options;
    this.#batch = options.batchSize ?? FEATURE_BATCH;
    this.#memoryLeft = options.memory ?? MEMORY;
    this.#shape = suffixInputShape(options.network);
    const { network, cut } = options.network;
    const layers = layersBetween(network, null, cut);
    const within = new Set(layers.map(({ name }) => name));
    const names = parameterSpecs(network).flatMap(({ layer, name }) => (within.has(layer) ? name : []));
    const { parameters, hashOf } = options;
    this.#prefixHash = sha256(
      JSON.stringify([layers, network.inputShape, options.network.preprocessing, options.images.checksum]),
      hashOf?.(parameters, names) ?? parameters.hash(names),
    );
  }

  /** Bytes of all files that were asked for, and seconds spent on filling them. */
  get account(): { bytes: number; seconds: number } {
    return { bytes: this.#bytes, seconds: this.#seconds };
  }

  /**
   * The features of one version of these images, in their order: found on disk, or computed now.
   *
   * @param version of the augmentation; 0 are the images themselves
   */
  async features(samples: readonly Sample[], version: number, meter?: ProgressMeter): Promise<FeatureFile> {
    const { folder, dtype = 'float32' } = this.#options;
    const path = join(folder, `features-${this.#key(samples, version)}`);
    const size = sizeOf(this.#shape);
    const bytes = samples.length * size * (dtype === 'float32' ? 4 : 2);
    const start = performance.now();
    await this.#fill(path, samples, version, meter);
    this.#seconds += (performance.now() - start) / 1000;
    this.#bytes += bytes;
    const inMemory = bytes <= this.#memoryLeft;
    if (inMemory) this.#memoryLeft -= bytes;
    return new FeatureFile(`${path}.bin`, this.#shape, samples.length, dtype, inMemory);
  }

  #key(samples: readonly Sample[], version: number): string {
    const { augmentation, seed, dtype, executor, base } = this.#options;
    const changes = nameOfChanges(augmentation);
    const list = samples.map((sample) => [sampleKey(sample), sample.cacheIndex]);
    const drawn = version === 0 ? null : [seed, version, changes];
    return sha256(
      this.#prefixHash,
      JSON.stringify([list, drawn, dtype ?? 'float32', executor.name, this.#batch]),
      // A detour over an earlier cut may round otherwise.
      base ? JSON.stringify([base.cut, base.#options.dtype]) : '',
    ).slice(0, 32);
  }

  async #fill(
    path: string,
    samples: readonly Sample[],
    version: number,
    meter: ProgressMeter | undefined,
  ): Promise<void> {
    const { executor, network, parameters, base, dtype = 'float32', signal, gate } = this.#options;
    const note = readNote(`${path}.json`, `${path}.bin`);
    if (note?.done === samples.length) return meter?.advance(samples.length * (base ? 2 : 1));
    mkdirSync(this.#options.folder, { recursive: true });
    let done = note?.done ?? 0;
    meter?.advance(done);
    this.#compiled ??= await executor.compile(prefixProgram(network, this.#batch, base?.cut), parameters, {
      constants: 'all',
    });
    const source = await this.#source(samples, version, meter);
    const file = openSync(`${path}.bin`, note ? 'r+' : 'w');
    const keep = (): void => {
      fsyncSync(file);
      writeFileAtomic(`${path}.json`, JSON.stringify({ done, total: samples.length } satisfies FileNote));
    };
    try {
      const x = new Float32Array(this.#batch * source.size);
      const size = sizeOf(this.#shape);
      let kept = performance.now();
      while (done < samples.length) {
        await gate?.();
        if (signal?.aborted) throw GraftError.cancelled('Computing features');
        const count = Math.min(this.#batch, samples.length - done);
        await source.read(done, x);
        const { features } = await this.#compiled.run({ x });
        const values = (features.data as Float32Array).subarray(0, count * size);
        const data = dtype === 'float32' ? bytesOf(values) : new Uint8Array(encodeHalf(values).buffer);
        writeFully(file, data, (done * data.byteLength) / count);
        done += count;
        meter?.advance(count);
        if (performance.now() - kept > SYNC_EVERY_MS) {
          keep();
          kept = performance.now();
        }
        await new Promise(setImmediate);
      }
      keep();
    } finally {
      closeSync(file);
      source.close();
    }
  }

  /** What the frozen network is fed, from an image on: features of the cache below, or one version of the images. */
  async #source(
    samples: readonly Sample[],
    version: number,
    meter: ProgressMeter | undefined,
  ): Promise<{ size: number; read(start: number, into: Float32Array): Promise<void>; close(): void }> {
    const { images, base } = this.#options;
    if (base) {
      const file = await base.features(samples, version, meter);
      const read = async (start: number, into: Float32Array): Promise<void> => {
        const end = Math.min(samples.length, start + this.#batch);
        for (let at = start; at < end; at++) file.read(at, into, (at - start) * file.size);
      };
      return { size: file.size, read, close: () => file.close() };
    }
    this.#versions ??= new VersionImages(this.#options);
    const batches = new Map<number, Wanted>();
    const batchAt = (start: number): Wanted => {
      const batch = batches.get(start) ?? { samples: samples.slice(start, start + this.#batch), version };
      batches.set(start, batch);
      return batch;
    };
    return {
      size: images.height * images.width * images.channels,
      read: async (start, into) => {
        const starts = Array.from({ length: AHEAD }, (_, at) => start + (at + 1) * this.#batch);
        const next = starts.filter((one) => one < samples.length).map(batchAt);
        await this.#versions!.read(batchAt(start), into, next);
        batches.delete(start);
      },
      close: () => {},
    };
  }

  async dispose(): Promise<void> {
    await this.#compiled?.dispose();
    this.#compiled = undefined;
    await this.#versions?.close();
    await this.#options.base?.dispose();
  }
}

/** Features of a list of images, read by their place in it. */
export class FeatureFile {
  readonly #file: number;
  /** Numbers of one image. */
  readonly size: number;
  readonly #half: boolean;
  readonly #memory: Uint8Array | undefined;
  readonly #scratch: Uint8Array;
  readonly count: number;

  constructor(
    path: string,
    shape: readonly number[],
    count: number,
    dtype: 'float32' | 'float16',
    inMemory: boolean,
  ) {
    this.count = count;
    this.size = sizeOf(shape);
    this.#half = dtype === 'float16';
    const bytes = this.size * (this.#half ? 2 : 4);
    this.#file = openSync(path, 'r');
    this.#scratch = new Uint8Array(bytes);
    if (inMemory) {
      this.#memory = new Uint8Array(bytes * count);
      readFully(this.#file, this.#memory, 0);
    }
  }

  /** Writes the features of one image to `into` from `offset`. */
  read(index: number, into: Float32Array, offset: number): void {
    const bytes = this.#scratch.byteLength;
    const source = this.#memory ?? this.#scratch;
    const start = this.#memory ? index * bytes : 0;
    if (!this.#memory) readFully(this.#file, this.#scratch, index * bytes);
    if (this.#half)
      decodeHalf(new Uint16Array(source.buffer, start, this.size), into.subarray(offset, offset + this.size));
    else into.set(new Float32Array(source.buffer, start, this.size), offset);
  }

  close(): void {
    closeSync(this.#file);
  }
}

/** What every name holds; of the others only what is on, so that settings to come leave names as they are. */
const always = ['flipHorizontal', 'flipVertical', 'rotate', 'shift', 'zoom', 'intensity', 'noise'];

/** All that decides what a version looks like; how many there are does not. */
function nameOfChanges(augmentation: AugmentationConfig): Partial<AugmentationConfig> {
  const on = Object.entries(augmentation).filter(
    ([name, by]) => name !== 'variants' && (always.includes(name) || Number(by) > 0),
  );
  const others = on.some(([name]) => name !== 'chance' && !always.includes(name));
  return Object.fromEntries(on.filter(([name]) => name !== 'chance' || others));
}

function readNote(path: string, data: string): FileNote | undefined {
  if (!existsSync(path) || !existsSync(data)) return undefined;
  try {
    const { done, total } = JSON.parse(readFileSync(path, 'utf8')) as FileNote;
    return Number.isSafeInteger(done) && done >= 0 && done <= total ? { done, total } : undefined;
  } catch {
    return undefined;
  }
}

function writeFully(file: number, data: Uint8Array, position: number): void {
  for (let at = 0; at < data.length;) at += writeSync(file, data, at, data.length - at, position + at);
}

function readFully(file: number, into: Uint8Array, position: number): void {
  for (let at = 0; at < into.length;) {
    const read = readSync(file, into, at, into.length - at, position + at);
    if (read === 0) {
      throw new GraftError(
        'features-short',
        'Expected more data in a file of the feature cache, found its end. Delete the cache folder and try again.',
      );
    }
    at += read;
  }
}
