import { join } from 'node:path';
import type { Dataset } from '../contract/dataset.ts';
import { GraftError } from '../contract/errors.ts';
import type { Approach } from '../contract/run.ts';
import type { EpochMetrics, RunResult, TrainingConfig } from '../contract/training.ts';
import { openExecutor } from '../engine/index.ts';
import { countParameters, freezeMap, outputLayer, planFreeze, saveModel } from '../models/index.ts';
import {
  train,
  trainFromScratch,
  trainProbe,
  type RunContext,
  type RunPaths,
  type TrainingTask,
} from '../training/index.ts';
import { executorOptions } from './executor-options.ts';
import { openImageSource } from './image-source.ts';
import type { WorkerContext } from './protocol.ts';
import { serveWorker } from './serve-worker.ts';

/** One run to be trained. The majority class needs no worker. */
export interface TrainerTask {
  approach: Exclude<Approach, 'majority'>;
  config: TrainingConfig;
  dataset: Dataset;
  paths: RunPaths;
  resume: boolean;
}

async function trainRun(task: TrainerTask, worker: WorkerContext<EpochMetrics>): Promise<RunResult> {
  const { approach, config, dataset, paths, resume } = task;
  const images = openImageSource(dataset);
  const executor = await openExecutor(executorOptions(config));
  try {
    const training: TrainingTask = { config, dataset, images, paths, resume };
    const { signal, onProgress, gate } = worker;
    const context: RunContext = { executor, signal, onProgress, gate, onEpoch: worker.emit };
    if (approach === 'probe') return await runProbe(training, context, executor.description);
    return await (approach === 'scratch' ? trainFromScratch(training, context) : train(training, context));
  } finally {
    images.close();
    await executor.dispose();
  }
}

/** A probe is one fit without epochs; it is told as a run so that every report can show it beside the others. */
async function runProbe(task: TrainingTask, context: RunContext, engine: string): Promise<RunResult> {
  const start = performance.now();
  const { model, l2, tried } = await trainProbe(task, context);
  if (context.signal?.aborted) throw GraftError.cancelled('The training');
  const modelFolder = join(task.paths.runFolder, 'model');
  saveModel(modelFolder, model);
  const { network, parameters } = model;
  const plan = planFreeze(network, { preset: 'feature-extraction' });
  const head = outputLayer(network).name;
  const frozen = parameters.names.filter((name) => !name.startsWith(`${head}/`));
  const hash = parameters.hash(frozen);
  return {
    config: task.config,
    classes: [...task.dataset.classes],
    epochs: [],
    bestEpoch: 0,
    monitor: 'val_loss',
    bestValue: tried.find((each) => each.l2 === l2)?.validationLoss ?? null,
    stoppedEarly: false,
    modelFolder,
    freezeMap: freezeMap(network, plan),
    cut: plan.cut,
    parameters: {
      total: countParameters(network),
      trainable: ['kernel', 'bias'].reduce(
        (sum, name) => sum + parameters.get(`${head}/${name}`).data.length,
        0,
      ),
    },
    frozen: { before: hash, after: hash, unmoved: true },
    features: { bytes: 0, seconds: 0 },
    engine,
    seconds: (performance.now() - start) / 1000,
  };
}

serveWorker(trainRun);
