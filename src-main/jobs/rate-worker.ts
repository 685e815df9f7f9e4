import type { Dataset } from '../contract/dataset.ts';
import type { RateSweep } from '../contract/rate-finder.ts';
import type { TrainingConfig } from '../contract/training.ts';
import { openExecutor } from '../engine/index.ts';
import { findRate, type RunPaths } from '../training/index.ts';
import { executorOptions } from './executor-options.ts';
import { openImageSource } from './image-source.ts';
import type { WorkerContext } from './protocol.ts';
import { serveWorker } from './serve-worker.ts';

export interface RateTask {
  config: TrainingConfig;
  dataset: Dataset;
  paths: RunPaths;
}

async function sweep({ config, dataset, paths }: RateTask, worker: WorkerContext<never>): Promise<RateSweep> {
  const images = openImageSource(dataset);
  const executor = await openExecutor(executorOptions(config));
  try {
    const { signal, onProgress, gate } = worker;
    return await findRate({ config, dataset, images, paths }, { executor, signal, onProgress, gate });
  } finally {
    images.close();
    await executor.dispose();
  }
}

serveWorker(sweep);
