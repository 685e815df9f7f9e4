import { availableParallelism } from 'node:os';
import type { AugmentationConfig } from '../contract/augmentation.ts';
import type { Sample } from '../contract/dataset.ts';
import { GraftError } from '../contract/errors.ts';
import { WorkerPool } from '../platform/worker-pool.ts';
import type { StartWorker } from '../platform/worker-process.ts';
import { startWorkerThread } from '../platform/worker-thread.ts';
import { augmentImage, augments } from './augment.ts';
import type { AugmentTask } from './augment-worker.ts';
import { type ImageSource, sampleKey } from './data.ts';

/** Images in one version, to be read together. */
export interface Wanted {
  samples: readonly Sample[];
  /** 0 are the images themselves. */
  version: number;
}

export interface VersionImagesOptions {
  images: ImageSource;
  augmentation: AugmentationConfig;
  seed: number;
  /** Threads that draw ahead; 0: drawn where they are asked for. Default `defaultWorkers()`. */
  workers?: number;
  signal?: AbortSignal;
  /** How workers are started. Default: as threads of this process. */
  startWorker?: StartWorker;
}

/** Batches that wait to be asked for hold no more than this, all together. */
const WAITING_BYTES = 256 * 2 ** 20;
/** Longer than any batch takes: what takes longer hangs. */
const DEADLINE_MS = 600_000;
/** After so many lost threads the rest is drawn without them. */
const PATIENCE = 3;

/** As `bench/augment.ts` measured: one thread keeps up with two cores of training; more only where cores are idle. */
export const defaultWorkers = (cores = availableParallelism()): number =>
  cores < 2 ? 0 : Math.min(4, Math.max(1, cores >> 2));

/**
 * Reads versions of images. Where threads draw them, those that are announced are drawn meanwhile; the images are the same to the bit,
 * however many threads there are and whatever becomes of them: what a lost thread had to draw is drawn here.
 */
export class VersionImages {
  readonly #options: VersionImagesOptions;
  readonly #size: number;
  readonly #drawn = new Map<Wanted, Promise<Float32Array>>();
  #pool: WorkerPool<AugmentTask, Float32Array> | null = null;
  #lost = 0;
  /** What is being drawn is then rejected as cancelled. */
  readonly #onAbort = (): void => void this.close();

  constructor(options: VersionImagesOptions) {
    const { images, augmentation, workers = defaultWorkers() } = options;
    this.#options = options;
    this.#size = images.height * images.width * images.channels;
    if (workers > 0 && augments(augmentation)) {
      this.#pool = new WorkerPool(new URL('./augment-worker.ts', import.meta.url), {
        workers,
        deadlineMs: DEADLINE_MS,
        start: options.startWorker ?? startWorkerThread,
      });
      options.signal?.addEventListener('abort', this.#onAbort);
    }
  }

  /**
   * Writes images one after the other.
   *
   * @param next what will be asked for after them, in this order: the same objects
   */
  async read(wanted: Wanted, into: Float32Array, next: readonly Wanted[] = []): Promise<void> {
    if (!this.#pool || wanted.version === 0) return this.#drawHere(wanted, into);
    const drawn = this.#draw(wanted);
    const bytes = 4 * this.#size * wanted.samples.length;
    const ahead = Math.max(1, Math.min(this.#pool.size + 1, Math.floor(WAITING_BYTES / bytes)));
    for (const one of next.slice(0, ahead)) if (one.version > 0) void this.#draw(one).catch(() => {});
    this.#drawn.delete(wanted);
    try {
      into.set(await drawn);
    } catch (thrown) {
      const { code } = GraftError.from(thrown);
      if (code !== 'worker-crashed' && code !== 'worker-deadline') throw thrown;
      this.#lost++;
      if (this.#lost >= PATIENCE) await this.close();
      this.#drawHere(wanted, into);
    }
  }

  /** Ends the threads. What is asked for afterwards is drawn here. */
  async close(): Promise<void> {
    const pool = this.#pool;
    this.#pool = null;
    this.#drawn.clear();
    this.#options.signal?.removeEventListener('abort', this.#onAbort);
    await pool?.close();
  }

  #draw(wanted: Wanted): Promise<Float32Array> {
    const known = this.#drawn.get(wanted);
    if (known) return known;
    const { images, augmentation: config, seed } = this.#options;
    const { height, width, channels } = images;
    const pixels = new Float32Array(this.#size * wanted.samples.length);
    this.#readPlain(wanted, pixels);
    const keys = wanted.samples.map(sampleKey);
    const task = { pixels, size: { height, width, channels }, config, seed, keys, version: wanted.version };
    const drawn = this.#pool!.run(task);
    this.#drawn.set(wanted, drawn);
    return drawn;
  }

  #readPlain({ samples, version }: Wanted, into: Float32Array): void {
    const { images } = this.#options;
    samples.forEach(({ cacheIndex }, at) => {
      if (images.readVersion) images.readVersion(cacheIndex, version, into, at * this.#size);
      else images.read(cacheIndex, into, at * this.#size);
    });
  }

  #drawHere(wanted: Wanted, into: Float32Array): void {
    const { images, augmentation, seed } = this.#options;
    this.#readPlain(wanted, into);
    wanted.samples.forEach((sample, at) => {
      const image = into.subarray(at * this.#size, (at + 1) * this.#size);
      augmentImage(image, images, augmentation, seed, sampleKey(sample), wanted.version);
    });
  }
}
