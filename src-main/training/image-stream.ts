import { WorkerPool } from '../platform/worker-pool.ts';
import type { DrawTask, DrawnBatch } from './draw-worker.ts';

/** Images without end: the same index is always the same image. */
export interface ImageStream {
  /** Images from `start`, `count` of them, `[count, height, width, 1]` in [0, 1]. */
  batch(start: number, count: number): Promise<DrawnBatch>;
  close(): Promise<void>;
}

export interface DrawnStreamOptions {
  /** Module whose export draws an image: `(seed, index, size) => { pixels, label }`. */
  module: URL;
  exportName: string;
  seed: number;
  size: number;
  /** Processes that draw. Default 1. */
  workers?: number;
  /** Batches drawn ahead. Default 3 for each process. */
  ahead?: number;
}

/** A stream that worker processes draw ahead of its reader, who asks for batches in order. */
export function drawnStream(options: DrawnStreamOptions): ImageStream {
  const { module, exportName, seed, size, workers = 1, ahead = 3 * workers } = options;
  const pool = new WorkerPool<DrawTask, DrawnBatch>(new URL('./draw-worker.ts', import.meta.url), {
    workers,
  });
  const waiting = new Map<number, Promise<DrawnBatch>>();
  const draw = (start: number, count: number): Promise<DrawnBatch> => {
    const known = waiting.get(start);
    if (known) return known;
    const batch = pool.run({ module: module.href, exportName, seed, size, start, count });
    // Whoever never asks for a batch that was drawn ahead must not be hit by its failure.
    batch.catch(() => {});
    waiting.set(start, batch);
    return batch;
  };
  return {
    batch: async (start, count) => {
      const wanted = draw(start, count);
      for (let next = 1; next <= ahead; next++) void draw(start + next * count, count);
      waiting.delete(start);
      return wanted;
    },
    close: () => pool.close(),
  };
}
