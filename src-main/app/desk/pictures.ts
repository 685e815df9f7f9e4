import { availableParallelism } from 'node:os';
import type { PictureResult, PictureTask } from '../../cohort/index.ts';
import { WorkerPool } from '../../platform/worker-pool.ts';

const DEADLINE_MS = 15_000;

/**
 * Decodes pictures for the page in worker processes that stay warm: hostile bytes can kill a worker, and nothing else.
 * One worker is kept free of thumbnails, so that an image asked for does not wait behind a screenful of them.
 */
export class PictureDesk {
  #frames: WorkerPool<PictureTask, PictureResult> | null = null;
  #thumbnails: WorkerPool<PictureTask, PictureResult> | null = null;

  run(task: PictureTask): Promise<PictureResult> {
    return this.#pool(task.kind).run(task, { deadlineMs: DEADLINE_MS });
  }

  async close(): Promise<void> {
    const pools = [this.#frames, this.#thumbnails];
    this.#frames = null;
    this.#thumbnails = null;
    await Promise.all(pools.map((pool) => pool?.close()));
  }

  #pool(kind: PictureTask['kind']): WorkerPool<PictureTask, PictureResult> {
    const start = (workers: number): WorkerPool<PictureTask, PictureResult> =>
      new WorkerPool(new URL('../../cohort/picture-worker.ts', import.meta.url), { workers });
    if (kind === 'frame') return (this.#frames ??= start(1));
    return (this.#thumbnails ??= start(Math.max(1, Math.min(4, availableParallelism() - 1))));
  }
}
