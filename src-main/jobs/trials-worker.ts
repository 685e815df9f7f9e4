import type { Dataset } from '../contract/dataset.ts';
import { GraftError, type ErrorRecord } from '../contract/errors.ts';
import type { EpochMetrics, RunResult, TrainingConfig } from '../contract/training.ts';
import { type Executor, HashMemory, openExecutor } from '../engine/index.ts';
import type { Model } from '../models/index.ts';
import { DropoutDraws, sourceModel, train, type RunPaths } from '../training/index.ts';
import { executorOptions } from './executor-options.ts';
import { openImageSource, type OpenImageSource } from './image-source.ts';
import type { WorkerContext } from './protocol.ts';
import { serveWorker } from './serve-worker.ts';

/** One of several trainings that follow one another in one process. */
export interface TrialTraining {
  runId: number;
  /** Trainings of one group stand or fall together: when one fails, the rest of them is not begun. */
  group: number;
  config: TrainingConfig;
  /** The same object for all that share it: it is sent and opened once. */
  dataset: Dataset;
  paths: RunPaths;
  resume: boolean;
  /** See TrainingTask. */
  until?: number;
  keepModel: boolean;
  /** In place of the plan's: of trainings that share the machine. */
  threads?: number;
}

export interface TrialsTask {
  trainings: readonly TrialTraining[];
}

export type TrialEvent =
  | { kind: 'started'; runId: number }
  /** It has what it reads, and begins to learn. */
  | { kind: 'ready'; runId: number }
  | { kind: 'epoch'; runId: number; metrics: EpochMetrics }
  | { kind: 'done'; runId: number; result: RunResult }
  | { kind: 'failed'; runId: number; error: ErrorRecord };

/** A small head's training is over before this: it is then repeated, which takes less than its checkpoints would. */
const CHECKPOINT_EVERY_MS = 2000;

/** What trainings share while they follow one another: starting a process and opening images costs more than a small head. */
class Workshop {
  readonly #executors = new Map<string, Executor>();
  readonly #images = new Map<Dataset, OpenImageSource>();
  #source: { key: string; model: Model | undefined } | undefined;
  readonly #hashes = new HashMemory();
  readonly hashOf = this.#hashes.hashOf;
  readonly draws = new DropoutDraws();

  async executor({ config, threads: own }: TrialTraining): Promise<Executor> {
    const options = executorOptions({ ...config, threads: own ?? config.threads });
    const key = JSON.stringify(options);
    const executor = this.#executors.get(key) ?? (await openExecutor(options));
    this.#executors.set(key, executor);
    return executor;
  }

  images(dataset: Dataset): OpenImageSource {
    const images = this.#images.get(dataset) ?? openImageSource(dataset);
    this.#images.set(dataset, images);
    return images;
  }

  /** The backbone that the last training started from, if the next one does so too. */
  sourceOf(config: TrainingConfig): Model | undefined {
    const key = JSON.stringify([config.initial, config.modelName]);
    if (this.#source?.key !== key) this.#source = { key, model: sourceModel(config) };
    return this.#source.model;
  }

  /** Has at hand what a lane that is still held needs when it may begin. What cannot be read fails the training itself. */
  async prepare(training: TrialTraining): Promise<void> {
    try {
      this.sourceOf(training.config);
      this.images(training.dataset);
      await this.executor(training);
    } catch {
      this.#source = undefined;
    }
  }

  async close(): Promise<void> {
    for (const images of this.#images.values()) images.close();
    for (const executor of this.#executors.values()) await executor.dispose();
  }
}

/** Trains one after the other. One that cannot be done (it diverges, say) is told, and the others go on. */
async function runTrials({ trainings }: TrialsTask, worker: WorkerContext<TrialEvent>): Promise<null> {
  const workshop = new Workshop();
  const failed = new Set<number>();
  try {
    for (const training of trainings) {
      if (failed.has(training.group)) continue;
      const { runId } = training;
      await workshop.prepare(training);
      await worker.gate();
      worker.signal.throwIfAborted();
      worker.emit({ kind: 'started', runId });
      try {
        worker.emit({ kind: 'done', runId, result: await runOne(training, workshop, worker) });
      } catch (thrown) {
        const error = GraftError.from(thrown);
        if (error.kind !== 'expected') throw error;
        failed.add(training.group);
        worker.emit({ kind: 'failed', runId, error: error.toRecord() });
      }
    }
    return null;
  } finally {
    await workshop.close();
  }
}

async function runOne(
  training: TrialTraining,
  workshop: Workshop,
  { signal, onProgress, gate, emit }: WorkerContext<TrialEvent>,
): Promise<RunResult> {
  const { runId, config, dataset, paths, resume, until, keepModel } = training;
  const images = workshop.images(dataset);
  return train(
    {
      config,
      dataset,
      images,
      paths,
      resume,
      keepModel,
      checkpointEveryMs: CHECKPOINT_EVERY_MS,
      ...(until === undefined ? {} : { until }),
    },
    {
      sourceOf: (config) => workshop.sourceOf(config),
      hashOf: workshop.hashOf,
      draws: workshop.draws,
      executor: await workshop.executor(training),
      signal,
      onProgress,
      gate,
      onReady: () => emit({ kind: 'ready', runId }),
      onEpoch: (metrics) => emit({ kind: 'epoch', runId, metrics }),
    },
  );
}

serveWorker(runTrials);
