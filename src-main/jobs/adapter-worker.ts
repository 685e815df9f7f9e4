import { adaptModel, type AdaptationTask } from '../adaptation/index.ts';
import type { Dataset } from '../contract/dataset.ts';
import type { EpochMetrics, RunResult } from '../contract/training.ts';
import { openExecutor } from '../engine/index.ts';
import { executorOptions } from './executor-options.ts';
import { openImageSource } from './image-source.ts';
import type { WorkerContext } from './protocol.ts';
import { serveWorker } from './serve-worker.ts';

/** One run to be adapted. */
export interface AdapterTask extends Omit<AdaptationTask, 'dataset' | 'images'> {
  dataset: Dataset;
}

async function adapt(task: AdapterTask, worker: WorkerContext<EpochMetrics>): Promise<RunResult> {
  const { dataset, target } = task;
  // The checksum covers every image that is read: the target’s stand beside the labelled ones.
  const images = openImageSource({
    ...dataset,
    evaluationSets: { ...dataset.evaluationSets, target: [...target] },
  });
  const executor = await openExecutor(executorOptions(task.config));
  try {
    const { signal, onProgress, gate } = worker;
    return await adaptModel(
      { ...task, images },
      { executor, signal, onProgress, gate, onEpoch: worker.emit },
    );
  } finally {
    images.close();
    await executor.dispose();
  }
}

serveWorker(adapt);
