import { resolveAugmentation } from '../contract/augmentation.ts';
import type { Sample } from '../contract/dataset.ts';
import type { RunResult, TrainingConfig } from '../contract/training.ts';
import { type Executor, openExecutor, sizeOf } from '../engine/index.ts';
import {
  cutShape,
  type Model,
  modelCards,
  outputLayer,
  planFreeze,
  readModelNetwork,
} from '../models/index.ts';
import { ProgressMeter } from '../platform/progress-meter.ts';
import type { TrainingDataset } from './data.ts';
import { FeatureCache } from './feature-cache.ts';
import { type FindingFeatures } from './finding-regression.ts';
import type { LabelledFeatures } from './logistic-regression.ts';
import { probeFor } from './probe-fit.ts';
import type { RunContext } from './run-context.ts';
import { startingModel } from './starting-model.ts';
import { train } from './trainer.ts';
import type { TrainingTask } from './training-task.ts';

/**
 * Guessing by frequency: for every image the shares of the classes among the training images, so that the answer is
 * always the majority class; of findings the share of images that show each, among those of which it is known.
 *
 * @returns probabilities `[count, classes]`
 */
export function majorityProbabilities(dataset: TrainingDataset, count: number): Float32Array {
  const classes = dataset.classes.length;
  if (dataset.multiLabel) {
    const rates = prevalences(dataset);
    return Float32Array.from({ length: count * classes }, (_, i) => rates[i % classes]);
  }
  const shares = new Float64Array(classes);
  for (const { label } of dataset.train) shares[label] += 1 / dataset.train.length;
  return Float32Array.from({ length: count * classes }, (_, i) => shares[i % classes]);
}

const prevalences = ({ classes, train }: TrainingDataset): number[] =>
  classes.map((_, c) => {
    const known = train.flatMap(({ findings }) => findings?.[c] ?? []);
    return known.length === 0 ? 0 : known.filter((finding) => finding === 1).length / known.length;
  });

/** What a probe reads of a network. */
export type ProbeFeatures = Pick<TrainingConfig['head'], 'pooling' | 'stages'>;

/**
 * How far the features of each stage vary over the image: told more than means of the last stage on every task where both were tried, by
 * pre-trained networks and by random ones (docs/decisions/0031).
 */
const PROBE_FEATURES: ProbeFeatures = { pooling: 'deviation', stages: 'all' };

/** Strengths that are tried; the one with the lowest loss on the validation images wins. */
const STRENGTHS = [1, 0.3, 0.1, 0.03, 0.01, 0.003, 0.001, 1e-4];
/** Without validation images. */
const DEFAULT_STRENGTH = 0.03;

export interface Probe {
  /** The pre-trained backbone with the logistic regression as its head: predict with it as with any model. */
  model: Model;
  /** The L2 strength that was chosen. */
  l2: number;
  /** Mean cross-entropy on the validation images for each strength tried; empty without such images. */
  tried: { l2: number; validationLoss: number }[];
}

/**
 * The pre-trained model without fine-tuning: logistic regression on the pooled features of all its stages (a linear probe), multinomial, or
 * of findings one for each. Deterministic.
 *
 * @param reads what it reads in place of these
 */
export async function trainProbe(
  task: TrainingTask,
  context: RunContext = {},
  reads: ProbeFeatures = PROBE_FEATURES,
): Promise<Probe> {
  const { config } = task;
  const options = { engine: config.engine, ...(config.threads === null ? {} : { threads: config.threads }) };
  const executor = context.executor ?? (await openExecutor(options));
  try {
    return await fitProbe(task, context, executor, reads);
  } finally {
    if (!context.executor) await executor.dispose();
  }
}

async function fitProbe(
  task: TrainingTask,
  context: RunContext,
  executor: Executor,
  { pooling, stages }: ProbeFeatures,
): Promise<Probe> {
  const { config, dataset } = task;
  const bare: TrainingConfig = {
    ...config,
    head: { dropout: 0, hidden: [], pooling, stages, kind: 'linear', output: config.head.output },
  };
  const model = startingModel(bare, dataset.classes, task.images, dataset.multiLabel);
  const training = await pooledFeatures(task, context, executor, model, dataset.train);
  const validation = await pooledFeatures(task, context, executor, model, dataset.validation);
  const fit = probeFor(config, dataset);
  const strengths = dataset.validation.length > 0 ? STRENGTHS : [DEFAULT_STRENGTH];
  const fits = strengths.map((l2) => {
    const classifier = fit.fit(training, l2);
    return {
      l2,
      classifier,
      validationLoss: validation.labels.length ? fit.loss(classifier, validation) : 0,
    };
  });
  const best = fits.reduce((a, b) => (b.validationLoss < a.validationLoss ? b : a));
  const head = outputLayer(model.network).name;
  const { kernel, bias } = fit.forHead(best.classifier);
  model.parameters.get(`${head}/kernel`).data.set(kernel);
  model.parameters.get(`${head}/bias`).data.set(bias);
  const tried =
    validation.labels.length > 0 ? fits.map(({ l2, validationLoss }) => ({ l2, validationLoss })) : [];
  return {
    model: { ...model, metadata: { ...model.metadata, probe: { l2: best.l2 } } },
    l2: best.l2,
    tried,
  };
}

/** Pooled features of images by the network as it came: the same files that the own phase of such a head uses. */
export async function pooledFeatures(
  { config, images, paths }: TrainingTask,
  { onProgress, signal, gate }: RunContext,
  executor: Executor,
  model: Model,
  samples: readonly Sample[],
): Promise<LabelledFeatures & FindingFeatures> {
  const { cut } = planFreeze(model.network, { preset: 'feature-extraction' });
  const size = sizeOf(cutShape(model.network, cut));
  const features = new Float32Array(samples.length * size);
  const labels = samples.map(({ label }) => label);
  const findings = samples.map((one) => one.findings ?? []);
  if (samples.length === 0) return { features, size, labels, findings };
  const cache = new FeatureCache({
    executor,
    network: { ...model, cut },
    parameters: model.parameters,
    images,
    augmentation: resolveAugmentation(config.augmentation),
    seed: config.seed,
    folder: paths.cacheFolder,
    ...(signal ? { signal } : {}),
    ...(gate ? { gate } : {}),
  });
  try {
    const meter = new ProgressMeter(
      'Computing features of the pre-trained network',
      'images',
      samples.length,
      onProgress,
    );
    const file = await cache.features(samples, 0, meter);
    for (let i = 0; i < samples.length; i++) file.read(i, features, i * size);
    file.close();
  } finally {
    await cache.dispose();
  }
  return { features, size, labels, findings };
}

/** Suits these networks with BatchNorm in training mode and AdamW, whatever the rate of fine-tuning is. */
const SCRATCH_RATE = 1e-3;

/**
 * The same architecture from random weights: everything learns, BatchNorm on the batches, the same images,
 * augmentation and epochs. It keeps its best epoch, and is not stopped early: while weights change fast, BatchNorm's averages lag behind
 * and the validation loss says nothing, so that patience would end in its first epochs what has a right to all of them.
 */
export async function trainFromScratch(task: TrainingTask, context: RunContext = {}): Promise<RunResult> {
  const { initial, modelName, earlyStopping, epochs } = task.config;
  const saved = initial === 'pretrained' || initial === 'random' ? null : readModelNetwork(initial).name;
  const foreign = saved !== null && !modelCards().some(({ name }) => name === saved);
  const config = {
    ...task.config,
    modelName: saved ?? modelName,
    initial: 'random',
    freezeUntil: null,
    trainableLayers: null,
    freezePreset: 'full' as const,
    stageFactor: 1,
    learningRate: SCRATCH_RATE,
    batchNormalization: 'auto' as const,
    earlyStopping: earlyStopping && { ...earlyStopping, patience: Math.max(epochs, earlyStopping.patience) },
  };
  // A network that a file described is none of the library's.
  return train({ ...task, config, ...(foreign ? { networkFrom: initial } : {}) }, context);
}
