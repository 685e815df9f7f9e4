import type { Sample } from '../../contract/dataset.ts';
import type { SelfSupervisionConfig } from '../../contract/self-supervision.ts';
import { GraftError } from '../../contract/errors.ts';
import { RandomStream } from '../../platform/random.ts';
import { WorkerPool } from '../../platform/worker-pool.ts';
import { startWorkerThread } from '../../platform/worker-thread.ts';
import { type ImageSource, sampleKey } from '../data.ts';
import { makeViews, type ViewBatch, type ViewTask } from './view-batch.ts';

export interface ViewStreamOptions {
  images: ImageSource;
  samples: readonly Sample[];
  config: Pick<SelfSupervisionConfig, 'views' | 'seed'>;
  batchSize: number;
  /** Threads that make views ahead of their reader; 0: made where they are asked for. Default 1. */
  workers?: number;
}

/** Batches made ahead for each thread. */
const AHEAD = 3;
/** Longer than any batch takes: what takes longer hangs. */
const DEADLINE_MS = 600_000;

/**
 * Views of a project's images by step: the same step is always the same views. Each epoch sees every image once, in another order; what is
 * over at its end, less than a batch, waits for another epoch.
 */
export class ViewStream {
  readonly stepsPerEpoch: number;
  readonly #options: ViewStreamOptions;
  readonly #pool: WorkerPool<ViewTask, ViewBatch> | null;
  readonly #waiting = new Map<number, Promise<ViewBatch>>();
  readonly #ahead: number;
  #order = { epoch: 0, indexes: [] as number[] };

  constructor(options: ViewStreamOptions) {
    const { workers = 1 } = options;
    this.#options = options;
    this.stepsPerEpoch = Math.floor(options.samples.length / options.batchSize);
    this.#ahead = AHEAD * workers;
    this.#pool =
      workers === 0
        ? null
        : new WorkerPool(new URL('./view-worker.ts', import.meta.url), {
            workers,
            deadlineMs: DEADLINE_MS,
            start: startWorkerThread,
          });
  }

  /** @param step from 0 @param last no step after this one is wanted */
  async batch(step: number, last: number): Promise<ViewBatch> {
    const wanted = this.#make(step);
    for (let next = step + 1; next <= Math.min(step + this.#ahead, last); next++) void this.#make(next);
    this.#waiting.delete(step);
    return wanted;
  }

  async close(): Promise<void> {
    await this.#pool?.close();
  }

  #make(step: number): Promise<ViewBatch> {
    const known = this.#waiting.get(step);
    if (known) return known;
    const task = this.#task(step);
    const batch = this.#pool ? inThread(this.#pool, task) : Promise.resolve(makeViews(task));
    // Whoever never asks for a batch that was made ahead must not be hit by its failure.
    batch.catch(() => {});
    this.#waiting.set(step, batch);
    return batch;
  }

  #task(step: number): ViewTask {
    const { images, samples, config, batchSize } = this.#options;
    const { height, width, channels } = images;
    const epoch = Math.floor(step / this.stepsPerEpoch) + 1;
    if (this.#order.epoch !== epoch) {
      const indexes = new RandomStream(config.seed, 'order', epoch).shuffle(samples.keys());
      this.#order = { epoch, indexes };
    }
    const start = (step % this.stepsPerEpoch) * batchSize;
    const chosen = this.#order.indexes.slice(start, start + batchSize).map((index) => samples[index]);
    const length = height * width * channels;
    const pixels = new Float32Array(batchSize * length);
    chosen.forEach(({ cacheIndex }, at) => images.read(cacheIndex, pixels, at * length));
    return {
      pixels,
      keys: chosen.map(sampleKey),
      size: { height, width, channels },
      config: config.views,
      seed: config.seed,
      epoch,
    };
  }
}

/** What a lost thread had to make is made here: the same views. */
async function inThread(pool: WorkerPool<ViewTask, ViewBatch>, task: ViewTask): Promise<ViewBatch> {
  try {
    return await pool.run(task);
  } catch (thrown) {
    if (GraftError.from(thrown).code !== 'worker-crashed') throw thrown;
    return makeViews(task);
  }
}
