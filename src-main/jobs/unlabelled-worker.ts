import { join } from 'node:path';
import type { SelfSupervisionConfig, SelfSupervisionReport } from '../contract/self-supervision.ts';
import { openExecutor } from '../engine/index.ts';
import { saveModel } from '../models/index.ts';
import { continueUnlabelled } from '../training/index.ts';
import { executorOptions } from './executor-options.ts';
import { openImageSource, type PreparedImages } from './image-source.ts';
import type { WorkerContext } from './protocol.ts';
import { serveWorker } from './serve-worker.ts';

export interface UnlabelledTask {
  config: SelfSupervisionConfig;
  dataset: PreparedImages;
  /** Gets the checkpoint and, at the end, the model (`model`). */
  folder: string;
  /** Kept with the model. */
  metadata: Record<string, unknown>;
}

export interface UnlabelledResult {
  reports: SelfSupervisionReport[];
  steps: number;
  epochs: number;
  engine: string;
  seconds: number;
}

async function learn(
  task: UnlabelledTask,
  { signal, onProgress, gate, emit }: WorkerContext<SelfSupervisionReport>,
): Promise<UnlabelledResult> {
  const { config, dataset, folder, metadata } = task;
  const started = performance.now();
  const images = openImageSource(dataset);
  const executor = await openExecutor(executorOptions(config));
  try {
    const { model, ...result } = await continueUnlabelled(
      { config, images, samples: dataset.train, folder },
      { executor, signal, onProgress, gate, onReport: emit },
    );
    saveModel(join(folder, 'model'), { ...model, metadata });
    return { ...result, engine: executor.description, seconds: (performance.now() - started) / 1000 };
  } finally {
    images.close();
    await executor.dispose();
  }
}

serveWorker(learn);
