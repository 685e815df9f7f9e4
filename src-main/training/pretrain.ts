import { GraftError } from '../contract/errors.ts';
import type { ProgressListener } from '../contract/progress.ts';
import { compileTrainingStep, type Executor, type OptimizerConfig } from '../engine/index.ts';
import { initialiseParameters, type Model, modelCard, parameterSpecs } from '../models/index.ts';
import { sha256 } from '../platform/files.ts';
import { ProgressMeter } from '../platform/progress-meter.ts';
import { readCheckpoint, restore, snapshot, writeCheckpoint } from './checkpoint.ts';
import type { ImageStream } from './image-stream.ts';
import { crossEntropy, EpochCounts } from './metrics.ts';
import { type CutNetwork, lossProgram, suffixProgram } from './programs.ts';
import { scheduleFactor } from './schedule.ts';

export interface PretrainingConfig {
  modelName: string;
  classes: readonly string[];
  /** Side of the images. */
  size: number;
  steps: number;
  batchSize: number;
  learningRate: number;
  optimizer: OptimizerConfig;
  /** Share of the steps over which the rate rises. Default 0.05. */
  warmup?: number;
  labelSmoothing?: number;
  /** Of the starting weights. */
  seed: number;
  /** Names the images, for the checkpoint. */
  source: string;
}

export interface PretrainingOptions {
  executor: Executor;
  images: ImageStream;
  /** Images that are never trained on, for the report. */
  validation?: { images: ImageStream; count: number };
  /** Where the checkpoint lies: a pre-training that finds one goes on from it. */
  folder: string;
  /** Steps between two checkpoints and reports. Default 500. */
  every?: number;
  onReport?: (report: PretrainingReport) => void;
  onProgress?: ProgressListener;
  signal?: AbortSignal;
}

/** How far a pre-training has come. */
export interface PretrainingReport {
  step: number;
  /** Over the steps since the last report. */
  trainLoss: number;
  trainAccuracy: number;
  validationLoss: number | null;
  validationAccuracy: number | null;
  learningRate: number;
  imagesPerSecond: number;
}

interface PretrainingState {
  fingerprint: string;
  step: number;
  reports: PretrainingReport[];
}

const EVERY = 500;

/**
 * Trains a network of the library from random weights on images without end, BatchNorm on the batches, the rate
 * falling by a cosine. Each image is seen once.
 *
 * @throws GraftError `training-diverged`, `cancelled`, `checkpoint-mismatch`
 */
export async function pretrain(
  config: PretrainingConfig,
  options: PretrainingOptions,
): Promise<{ model: Model; reports: PretrainingReport[] }> {
  const { batchSize: batch, classes, size, steps, labelSmoothing = 0 } = config;
  const { executor, images, folder, every = EVERY, signal } = options;
  const model = freshModel(config);
  const { network, parameters } = model;
  const cut: CutNetwork = { ...model, cut: null };
  const specs = parameterSpecs(network);
  const trainable = specs.filter(({ learns }) => learns).map(({ name }) => name);
  const assigned = specs.filter(({ learns }) => !learns).map(({ name }) => name);
  const loss = lossProgram(cut, batch, classes.length, () => 'training');
  const step = await compileTrainingStep(executor, loss, parameters, {
    trainable,
    assigned,
    optimizer: config.optimizer,
    clipNorm: 5,
  });
  const fingerprint = sha256(JSON.stringify(config), parameters.hash());
  const found = readCheckpoint<PretrainingState>(folder, fingerprint);
  let state: PretrainingState = found?.state ?? { fingerprint, step: 0, reports: [] };
  if (found) {
    restore(parameters, found.weights);
    restore(step.optimizerState, found.optimizer);
  }
  const meter = new ProgressMeter('Pre-training', 'images', steps * batch, options.onProgress);
  meter.advance(state.step * batch);
  const schedule = {
    kind: 'cosine' as const,
    warmup: config.warmup ?? 0.05,
    steps,
    stepsPerEpoch: steps,
    step: { every: 1, factor: 1 },
  };
  const weight = new Float32Array(batch).fill(1);
  let counts = new EpochCounts(classes.length);
  let since = performance.now();
  while (state.step < steps) {
    if (signal?.aborted) throw GraftError.cancelled('Pre-training');
    const { pixels, labels } = await images.batch(state.step * batch, batch);
    const target = new Float32Array(batch * classes.length).fill(labelSmoothing / classes.length);
    labels.forEach((label, i) => (target[i * classes.length + label] += 1 - labelSmoothing));
    const learningRate = config.learningRate * scheduleFactor(schedule, state.step);
    const outputs = await step.run({ x: pixels, target, weight }, learningRate);
    const value = outputs.loss.data[0];
    if (!Number.isFinite(value)) {
      throw new GraftError(
        'training-diverged',
        `Expected the loss to stay a number, found that it overflowed at step ${state.step}: the learning rate ${config.learningRate} is too high.`,
      );
    }
    counts.addLoss(value, batch);
    labels.forEach((label, i) => counts.count(outputs.logits.data, i * classes.length, label));
    state = { ...state, step: state.step + 1 };
    meter.advance(batch, `loss ${value.toFixed(3)}`);
    if (state.step % every !== 0 && state.step !== steps) continue;
    const seconds = (performance.now() - since) / 1000;
    const done = state.step % every || every;
    const validation = await validate(model, cut, size, options);
    const report: PretrainingReport = {
      step: state.step,
      trainLoss: counts.loss,
      trainAccuracy: counts.accuracy,
      validationLoss: validation?.loss ?? null,
      validationAccuracy: validation?.accuracy ?? null,
      learningRate,
      imagesPerSecond: (done * batch) / seconds,
    };
    state = { ...state, reports: [...state.reports, report] };
    writeCheckpoint(folder, {
      state,
      weights: snapshot(parameters, parameters.names),
      best: new Map(),
      optimizer: snapshot(step.optimizerState, step.optimizerState.names),
    });
    options.onReport?.(report);
    counts = new EpochCounts(classes.length);
    since = performance.now();
  }
  meter.finish();
  await step.dispose();
  return { model, reports: state.reports };
}

function freshModel({ modelName, classes, size, seed }: PretrainingConfig): Model {
  const { architecture, channels, preprocessing } = modelCard(modelName);
  const network = architecture([size, size, channels], classes.length);
  const parameters = initialiseParameters(network, seed);
  return { network, parameters, classes, preprocessing, imageChannels: 1, metadata: {} };
}

async function validate(
  model: Model,
  cut: CutNetwork,
  size: number,
  { executor, validation }: PretrainingOptions,
): Promise<EpochCounts | undefined> {
  if (!validation) return undefined;
  const batch = 32;
  const classes = model.classes.length;
  const counts = new EpochCounts(classes);
  const compiled = await executor.compile(suffixProgram(cut, batch), model.parameters, { constants: 'all' });
  try {
    for (let start = 0; start < validation.count; start += batch) {
      const { pixels, labels } = await validation.images.batch(start, batch);
      const { logits } = await compiled.run({ x: pixels.subarray(0, batch * size * size) });
      labels.forEach((label, i) => {
        counts.count(logits.data, i * classes, label);
        counts.addLoss(crossEntropy(logits.data, i * classes, classes, label), 1);
      });
    }
  } finally {
    await compiled.dispose();
  }
  return counts;
}
