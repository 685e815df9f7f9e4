import type { MeasuredCost } from '../contract/cost.ts';
import { type CostTask, measureCost } from '../training/index.ts';
import type { WorkerContext } from './protocol.ts';
import { serveWorker } from './serve-worker.ts';

export type MeasureTask = CostTask;

/** Measures in a process that does nothing else, so that its memory is that of such a training. */
async function measure(task: MeasureTask, worker: WorkerContext<never>): Promise<MeasuredCost> {
  const { signal, onProgress } = worker;
  const costs = await measureCost(task, { signal, onProgress });
  const { height, width } = task.images;
  return {
    ...costs,
    memoryBytes: process.resourceUsage().maxRSS * 1024,
    batch: task.config.batchSize,
    height,
    width,
    measuredAt: new Date().toISOString(),
  };
}

serveWorker(measure);
