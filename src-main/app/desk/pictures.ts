import { availableParallelism } from 'node:os';
import type { PictureResult, PictureTask } from '../../cohort/index.ts';
import type { PreviewTask } from '../../jobs/preview-worker.ts';
import { WorkerPool } from '../../platform/worker-pool.ts';

const DEADLINE_MS = 15_000;

/**
 * Decodes pictures for the page in worker processes that stay warm: hostile bytes can kill a worker, and nothing else.
 * One worker is kept free of thumbnails, so that an image asked for does not wait behind a screenful of them.
 */
export class PictureDesk {
  #frames: WorkerPool<PictureTask, PictureResult> | null = null;
  #thumbnails: WorkerPool<PictureTask, PictureResult> | null = null;
  #previews: WorkerPool<PreviewTask, { images: Uint8Array[] }> | null = null;

  run(task: PictureTask): Promise<PictureResult> {
    return this.#pool(task.kind).run(task, { deadlineMs: DEADLINE_MS });
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
    await Promise.all(pools.map((pool) => pool?.close()));
  }

  #pool(kind: PictureTask['kind']): WorkerPool<PictureTask, PictureResult> {
    const start = (workers: number): WorkerPool<PictureTask, PictureResult> =>
      new WorkerPool(new URL('../../cohort/picture-worker.ts', import.meta.url), { workers });
    if (kind === 'frame') return (this.#frames ??= start(1));
    return (this.#thumbnails ??= start(Math.max(1, Math.min(4, availableParallelism() - 1))));
  }
}
