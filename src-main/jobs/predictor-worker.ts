import { resolveAugmentation } from '../contract/augmentation.ts';
import type { Dataset, Sample } from '../contract/dataset.ts';
import type { TrainingConfig } from '../contract/training.ts';
import { openExecutor } from '../engine/index.ts';
import { loadModel } from '../models/index.ts';
import { predict } from '../training/index.ts';
import { executorOptions } from './executor-options.ts';
import { openImageSource } from './image-source.ts';
import type { WorkerContext } from './protocol.ts';
import { serveWorker } from './serve-worker.ts';

export interface PredictorTask {
  modelFolder: string;
  dataset: Dataset;
  samples: Sample[];
  config: TrainingConfig;
}

/** Probabilities `[samples, classes]`. */
async function predictSamples(task: PredictorTask, worker: WorkerContext<never>): Promise<Float32Array> {
  const images = openImageSource(task.dataset);
  const executor = await openExecutor(executorOptions(task.config));
  try {
    const { signal, onProgress } = worker;
    const { testVersions: count, seed } = task.config;
    const augmentation = resolveAugmentation(task.config.augmentation);
    return await predict(loadModel(task.modelFolder), task.samples, images, executor, {
      signal,
      onProgress,
      // Runs of before this setting have none.
      ...(count ? { versions: { count, augmentation, seed } } : {}),
    });
  } finally {
    images.close();
    await executor.dispose();
  }
}

serveWorker(predictSamples);
