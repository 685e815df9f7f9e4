import type { Dataset } from '../contract/dataset.ts';
import { GraftError } from '../contract/errors.ts';
import type { ModelRanking, RankedGain, RankedModel } from '../contract/ranking.ts';
import type { TrainingConfig } from '../contract/training.ts';
import { openExecutor } from '../engine/index.ts';
import { judgedGain, type ProbedImages, rankModel, type RunPaths } from '../training/index.ts';
import { executorOptions } from './executor-options.ts';
import { openImageSource } from './image-source.ts';
import type { WorkerContext } from './protocol.ts';
import { serveWorker } from './serve-worker.ts';

export interface RankTask {
  /** A training's settings, but for the model. */
  config: TrainingConfig;
  models: { name: string; title: string; modelName: string; initial: string; parent?: string }[];
  dataset: Dataset;
  paths: RunPaths;
  /** Images at the most. */
  most: number;
}

/** A model with what its features say, and not yet what it costs. */
export type Judged = Omit<RankedModel, 'cost' | 'costReason'>;

/** What became of one model. */
export type RankEvent =
  { ranked: Judged } | { skipped: ModelRanking['skipped'][number] } | { gained: RankedGain };

/** Judges one model after the other and tells each as soon as it is done; one that cannot be judged does not stop the others. */
async function rank(task: RankTask, worker: WorkerContext<RankEvent>): Promise<number> {
  const { config, models, dataset, paths, most } = task;
  const { signal, gate } = worker;
  const images = openImageSource(dataset);
  const probed = new Map<string, ProbedImages>();
  try {
    for (const [at, { name, title, modelName, initial }] of models.entries()) {
      // Each in an executor of its own: what one network took of the memory is given back.
      const executor = await openExecutor(executorOptions(config));
      try {
        const onProgress: typeof worker.onProgress = (progress) =>
          worker.onProgress({
            ...progress,
            phase: `${title} (${at + 1} of ${models.length}): ${progress.phase}`,
          });
        const training = { config: { ...config, modelName, initial }, dataset, images, paths };
        const judged = await rankModel(training, most, { executor, signal, onProgress, gate }, (one) =>
          probed.set(name, one),
        );
        worker.emit({ ranked: { name, title, modelName, initial, ...judged } });
      } catch (thrown) {
        const error = GraftError.from(thrown);
        if (error.kind !== 'expected' || signal.aborted) throw thrown;
        worker.emit({ skipped: { name, title, reason: error.message } });
      } finally {
        await executor.dispose();
      }
    }
    for (const { name, parent } of models) {
      const [own, before] = [probed.get(name), probed.get(parent ?? '')];
      if (!own || !before) continue;
      const difference = judgedGain(own.hits, before.hits, own.patients, config.seed);
      worker.emit({ gained: { name, parent: parent!, difference } });
    }
    return models.length;
  } finally {
    images.close();
  }
}

serveWorker(rank);
