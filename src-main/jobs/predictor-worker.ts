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
  /** Models, each with the images that it is asked about. */
  questions: readonly { modelFolder: string; samples: readonly Sample[] }[];
  dataset: Dataset;
  config: TrainingConfig;
}

/** Probabilities `[samples, classes]` of each question. */
async function predictSamples(task: PredictorTask, worker: WorkerContext<never>): Promise<Float32Array[]> {
  const images = openImageSource(task.dataset);
  const executor = await openExecutor(executorOptions(task.config));
  try {
    const { signal, onProgress } = worker;
    const { testVersions: count, augmentation, seed } = task.config;
    const answers: Float32Array[] = [];
    for (const { modelFolder, samples } of task.questions) {
      const answer = await predict(loadModel(modelFolder), samples, images, executor, {
        signal,
        onProgress,
        // Runs of before this setting have none.
        ...(count ? { versions: { count, augmentation: resolveAugmentation(augmentation), seed } } : {}),
      });
      answers.push(answer);
    }
    return answers;
  } finally {
    images.close();
    await executor.dispose();
  }
}

serveWorker(predictSamples);
