import { availableParallelism } from 'node:os';
import type { PictureResult, PictureTask } from '../../cohort/index.ts';
import type { PreviewTask } from '../../jobs/preview-worker.ts';
import { GraftError } from '../../contract/errors.ts';
import { LatestFirst } from '../../platform/latest-first.ts';
import { WorkerPool } from '../../platform/worker-pool.ts';

const DEADLINE_MS = 15_000;
const THUMBNAIL_WORKERS = Math.max(1, Math.min(4, availableParallelism() - 1));
/** More than a tall screen of rows. */
const MOST_WAITING = 200;

/**
 * Decodes pictures for the page in worker processes that stay warm: hostile bytes can kill a worker, and nothing else.
 * One worker is kept free of thumbnails, so that an image asked for does not wait behind a screenful of them.
 */
export class PictureDesk {
  #frames: WorkerPool<PictureTask, PictureResult> | null = null;
  #thumbnails: WorkerPool<PictureTask, PictureResult> | null = null;
  // Twice as many as workers: the next is there when one is done.
  readonly #queue = new LatestFirst(2 * THUMBNAIL_WORKERS, MOST_WAITING);
  readonly #failures = new Map<string, GraftError>();
  #previews: WorkerPool<PreviewTask, { images: Uint8Array[] }> | null = null;

  run(task: PictureTask): Promise<PictureResult> {
    return this.#pool(task.kind).run(task, { deadlineMs: DEADLINE_MS });
  }

  /**
   * A thumbnail, asked for under a key. The newest are made first; one that failed is not tried again while the project
   * is open: a file that kills a worker would kill one each time it is scrolled by.
   *
   * @throws GraftError `cancelled` where it was no longer wanted, and what decoding throws
   */
  async thumbnail(key: string, task: PictureTask, signal?: AbortSignal): Promise<Uint8Array> {
    const failure = this.#failures.get(key);
    if (failure) throw failure;
    try {
      return (await this.#queue.run(() => this.run(task), signal)).body;
    } catch (thrown) {
      const error = GraftError.from(thrown);
      if (error.kind !== 'cancelled') this.#failures.set(key, error);
      throw error;
    }
  }

  /** One image as a network would be shown it, and augmented versions of it. */
  preview(task: PreviewTask): Promise<{ images: Uint8Array[] }> {
    this.#previews ??= new WorkerPool(new URL('../../jobs/preview-worker.ts', import.meta.url), {
      workers: 1,
    });
    return this.#previews.run(task, { deadlineMs: DEADLINE_MS });
  }

  async close(): Promise<void> {
    const pools = [this.#frames, this.#thumbnails, this.#previews];
    this.#frames = null;
    this.#thumbnails = null;
    this.#previews = null;
    this.#queue.clear();
    this.#failures.clear();
    await Promise.all(pools.map((pool) => pool?.close()));
  }

  #pool(kind: PictureTask['kind']): WorkerPool<PictureTask, PictureResult> {
    const start = (workers: number): WorkerPool<PictureTask, PictureResult> =>
      new WorkerPool(new URL('../../cohort/picture-worker.ts', import.meta.url), { workers });
    if (kind === 'frame') return (this.#frames ??= start(1));
    return (this.#thumbnails ??= start(THUMBNAIL_WORKERS));
  }
}
