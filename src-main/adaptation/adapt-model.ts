import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type AdaptationConfig, adaptationMethodFacts } from '../contract/adaptation.ts';
import type { Sample } from '../contract/dataset.ts';
import {
  adaptationTitle,
  combinationFault,
  nameOfAdaptation,
  sourceFreeNames,
} from '../contract/adaptation-stages.ts';
import { GraftError } from '../contract/errors.ts';
import type { RunResult, TrainingConfig } from '../contract/training.ts';
import { type Executor, openExecutor } from '../engine/index.ts';
import { countParameters, freezeMap, loadModel, type Model, planFreeze, saveModel } from '../models/index.ts';
import {
  type Companion,
  headKind,
  type ImageSource,
  type RunContext,
  type RunPaths,
  train,
  type TrainingDataset,
  type TrainingTask,
} from '../training/index.ts';
import { adaptNormalization, normalizationLayers } from './adabn.ts';
import { type LearningMethod, learningMethods } from './methods.ts';
import { styledImages } from './styled-images.ts';

export interface AdaptationTask {
  adaptation: AdaptationConfig;
  /** The plan of the run that is adapted. */
  config: TrainingConfig;
  /** Of the source: labelled images to learn from and to validate with. Not looked at by source-free methods. */
  dataset: TrainingDataset;
  /** Images of the target; their labels are never looked at. */
  target: readonly Sample[];
  images: ImageSource;
  paths: RunPaths;
  /** Folder of the finished model. */
  sourceModel: string;
  /** Go on from the run’s checkpoint when it has one. Default: start anew. */
  resume?: boolean;
  /** Whether the adapted model is saved. Default true. */
  keepModel?: boolean;
  /** Whether the source’s images are in another project, and none of them is here. Default false. */
  sourceAway?: boolean;
}

/**
 * Adapts a model to the target, and saves it under the run’s folder as any trained model is. Stopped anywhere and resumed it ends with the
 * same weights.
 *
 * @throws GraftError what `checkAdaptation` and `train` throw, and `no-batch-normalization`
 */
export async function adaptModel(task: AdaptationTask, context: RunContext = {}): Promise<RunResult> {
  const { config } = task;
  const options = { engine: config.engine, ...(config.threads === null ? {} : { threads: config.threads }) };
  const executor = context.executor ?? (await openExecutor(options));
  try {
    checkAdaptation(task);
    if (task.adaptation.method === 'adabn') return await adaptAverages(task, context, executor);
    return await train(await trainingTaskOf(task, context, executor), { ...context, executor });
  } finally {
    if (!context.executor) await executor.dispose();
  }
}

/**
 * Whether a method can adapt such a model at all.
 *
 * @throws GraftError `adaptation-combination`, `adaptation-strength`, `source-away`, `images-too-few`, `adaptation-one-class`, `nothing-learns`,
 * `start-from-model`
 */
export function checkAdaptation({
  adaptation,
  config,
  dataset,
  target,
  sourceAway = false,
}: Pick<AdaptationTask, 'adaptation' | 'config' | 'dataset' | 'target' | 'sourceAway'>): void {
  const fault = combinationFault(adaptation);
  if (fault !== null) throw new GraftError('adaptation-combination', fault);
  const { title, oneClass, sourceFree, level } = adaptationMethodFacts[adaptation.method];
  const { strength } = adaptation;
  if ((adaptation.method === 'adabn' || adaptation.method === 'histogram') && (strength ?? 1) > 1) {
    // Beyond the target's lie variances below 0.
    throw new GraftError(
      'adaptation-strength',
      `Expected a strength from 0 to 1 for ${title}, which says how far it goes from the source to the target, found ${strength}. Leave it out, or set a smaller one.`,
    );
  }
  if (sourceAway && !sourceFree) throw needsSource();
  if (target.length < 2) {
    throw new GraftError(
      'images-too-few',
      `Expected at least 2 target images, found ${target.length}. Choose another target.`,
    );
  }
  if (oneClass && headKind(config, dataset.classes, dataset.multiLabel) === 'findings') {
    throw new GraftError(
      'adaptation-one-class',
      `Expected images of one class each, as ${title} compares classes with one another; found labels of several findings. Choose coral, dan, dann, adabn, histogram or fourier.`,
    );
  }
  if (level === 'features' && Math.min(config.batchSize, dataset.train.length) < 2) {
    throw new GraftError(
      'images-too-few',
      `Expected at least 2 labelled images of the source in each step, as ${title} compares how they are spread; found 1. Choose a larger source, or a run with larger batches.`,
    );
  }
  if (level === 'features' && onlyClassesLearn(config)) {
    throw new GraftError(
      'nothing-learns',
      `Expected layers before the classes that learn, as ${title} brings features together; found a plan that freezes the whole backbone. Choose a run that fine-tuned a stage or has hidden layers in its head, or another method.`,
    );
  }
  if (sourceFree && adaptation.start === 'recipe') {
    throw new GraftError(
      'start-from-model',
      `Expected ${title} to start from the finished model, as it learns from no labels; found a start from the recipe. Leave it out.`,
    );
  }
  if (adaptation.before.includes('adabn') && adaptation.start === 'recipe') {
    throw new GraftError(
      'start-from-model',
      `Expected ${adaptationTitle(nameOfAdaptation(adaptation))} to start from the finished model, whose averages are taken anew; found a start from the recipe. Leave it out.`,
    );
  }
}

const needsSource = (): GraftError =>
  new GraftError(
    'source-away',
    `Expected a method that needs the model alone (${sourceFreeNames.join(', ')}), as the images that this one learned from stayed in another project; found one that needs the source’s images.`,
  );

const onlyClassesLearn = ({
  initial,
  freezePreset,
  freezeUntil,
  trainableLayers,
  unfreeze,
  head,
}: TrainingConfig): boolean =>
  initial !== 'random' &&
  freezePreset === 'feature-extraction' &&
  freezeUntil === null &&
  trainableLayers === null &&
  unfreeze === null &&
  head.hidden.length === 0 &&
  head.pooling !== 'gem';

/** Where a method starts when nothing else is said. */
export const startOf = ({
  before,
  method,
  start,
}: Pick<AdaptationConfig, 'before' | 'method' | 'start'>): 'recipe' | 'model' =>
  start !== 'auto'
    ? start
    : method === 'shot' || method === 'adabn' || method === 'self-training' || before.includes('adabn')
      ? 'model'
      : 'recipe';

type ImageMethod = 'histogram' | 'fourier';

/** The method that changes the images of the source, if one does. */
const stylingOf = ({ before, method }: Pick<AdaptationConfig, 'before' | 'method'>): ImageMethod | null =>
  [...before, method].find((stage) => stage === 'histogram' || stage === 'fourier') ?? null;

/** The plan of a run as it is followed while it is adapted. */
export function adaptedConfig(config: TrainingConfig, adaptation: AdaptationConfig): TrainingConfig {
  const chosen = stylingOf(adaptation) === adaptation.method || adaptation.keep === 'source';
  return {
    ...config,
    folds: null,
    epochs: adaptation.epochs ?? config.epochs,
    // Nobody may stop because the source’s labels say that it is enough.
    earlyStopping: chosen ? config.earlyStopping : null,
    ...(startOf(adaptation) === 'model' ? { headEpochs: 0 } : {}),
  };
}

async function trainingTaskOf(
  task: AdaptationTask,
  context: RunContext,
  executor: Executor,
): Promise<TrainingTask> {
  const { adaptation, dataset, target, paths, resume, keepModel } = task;
  const config = adaptedConfig(task.config, adaptation);
  const common = {
    config,
    paths,
    ...(resume === undefined ? {} : { resume }),
    ...(keepModel === undefined ? {} : { keepModel }),
    ...(startOf(adaptation) === 'model' ? { model: await startingModel(task, context, executor) } : {}),
  };
  const images = imagesOf(task);
  const { method } = adaptation;
  if (method === 'histogram' || method === 'fourier' || method === 'adabn')
    return { ...common, dataset, images };
  const companion = companionFor(method, task);
  if (companion.labelled) return { ...common, dataset, images, companion };
  // Nobody knows what these show: the label 0 stands for nothing.
  const unlabelled = target.map((sample) => ({ ...sample, label: 0 }));
  return { ...common, dataset: { ...dataset, train: unlabelled, validation: [] }, images, companion };
}

/** Those of the source in the look of the target, where a method has it so. */
function imagesOf({ adaptation, config, dataset, target, images }: AdaptationTask): ImageSource {
  const method = stylingOf(adaptation);
  if (method === null) return images;
  // The strength is that of the method that learns, where one does.
  const strength = method === adaptation.method ? adaptation.strength : 1;
  const source = [...dataset.train, ...dataset.validation];
  return styledImages(images, source, target, { method, strength, window: adaptation.window }, config.seed);
}

/** The finished model, with averages of the target where that is asked for before its training goes on. */
async function startingModel(
  { adaptation, config, target, images, sourceModel }: AdaptationTask,
  { onProgress, signal }: RunContext,
  executor: Executor,
): Promise<Model> {
  const model = loadModel(sourceModel);
  if (!adaptation.before.includes('adabn')) return model;
  await adaptNormalization(model, target, images, executor, {
    seed: config.seed,
    ...(onProgress ? { onProgress } : {}),
    ...(signal ? { signal } : {}),
  });
  return model;
}

function companionFor(
  method: LearningMethod,
  { adaptation, config, dataset, target }: AdaptationTask,
): Companion {
  const classes = dataset.classes.length;
  return learningMethods[method]({ config: adaptation, target, classes, seed: config.seed });
}

/** AdaBN has no epochs; it is told as a run so that every report can show it beside the others. */
async function adaptAverages(
  { adaptation, config, dataset, target, images, paths, sourceModel, keepModel = true }: AdaptationTask,
  { onProgress, signal }: RunContext,
  executor: Executor,
): Promise<RunResult> {
  const start = performance.now();
  const model = loadModel(sourceModel);
  const { network, parameters } = model;
  const averages = new Set(
    normalizationLayers(model).flatMap(({ name }) => [`${name}/moving_mean`, `${name}/moving_variance`]),
  );
  const still = parameters.names.filter((name) => !averages.has(name));
  const before = parameters.hash(still);
  await adaptNormalization(model, target, images, executor, {
    strength: adaptation.strength ?? 1,
    seed: config.seed,
    ...(onProgress ? { onProgress } : {}),
    ...(signal ? { signal } : {}),
  });
  const modelFolder = keepModel ? join(paths.runFolder, 'model') : '';
  if (keepModel) {
    mkdirSync(paths.runFolder, { recursive: true });
    saveModel(modelFolder, { ...model, metadata: { ...model.metadata, adaptation } });
  }
  const after = parameters.hash(still);
  const plan = planFreeze(network, { preset: 'feature-extraction' });
  return {
    config: adaptedConfig(config, adaptation),
    classes: [...dataset.classes],
    epochs: [],
    bestEpoch: 0,
    monitor: config.earlyStopping?.monitor ?? 'val_loss',
    bestValue: null,
    stoppedEarly: false,
    modelFolder,
    freezeMap: freezeMap(network, { ...plan, trainableLayers: new Set() }),
    cut: null,
    parameters: { total: countParameters(network), trainable: 0 },
    frozen: { before, after, unmoved: before === after },
    features: { bytes: 0, seconds: 0 },
    engine: executor.description,
    seconds: (performance.now() - start) / 1000,
  };
}
