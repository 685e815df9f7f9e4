import { availableParallelism } from 'node:os';
import type { PictureResult, PictureTask } from '../../cohort/index.ts';
import { GraftError } from '../../contract/errors.ts';
import { WorkerPool } from '../../platform/worker-pool.ts';
import { getInstances, type InstanceSummary } from '../../store/index.ts';
import type { Desk } from './desk.ts';

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

/** @throws GraftError `image-missing` */
export function requireInstance({ session }: Desk, instanceId: number): InstanceSummary {
  const [instance] = getInstances(session.project.db, [instanceId]);
  if (instance) return instance;
  throw new GraftError(
    'image-missing',
    `Expected image ${instanceId} in this project, found none. Its file may be gone since the last scan; scan its source again.`,
  );
}

/** Spacing between rows ÷ spacing between columns; 1 where it is unknown. */
export function pixelAspectOf({ RowSpacing, ColumnSpacing }: InstanceSummary): number {
  const spaced = RowSpacing !== null && ColumnSpacing !== null && RowSpacing > 0 && ColumnSpacing > 0;
  return spaced ? RowSpacing / ColumnSpacing : 1;
}
