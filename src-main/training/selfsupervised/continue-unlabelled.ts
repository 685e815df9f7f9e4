import type { Sample } from '../../contract/dataset.ts';
import { GraftError } from '../../contract/errors.ts';
import type { ProgressListener } from '../../contract/progress.ts';
import type { SelfSupervisionConfig, SelfSupervisionReport } from '../../contract/self-supervision.ts';
import { trainingConfigSchema } from '../../contract/training.ts';
import type { Executor } from '../../engine/index.ts';
import type { Model } from '../../models/index.ts';
import { sha256 } from '../../platform/files.ts';
import { ProgressMeter } from '../../platform/progress-meter.ts';
import { readCheckpoint, restore, snapshot, writeCheckpoint } from '../checkpoint.ts';
import { type ImageSource, sampleKey } from '../data.ts';
import { startingModel } from '../starting-model.ts';
import { compileComparingStep, type ComparingStep } from './comparing-step.ts';
import { Course, type CourseState } from './course.ts';
import { ViewStream } from './view-stream.ts';

export interface SelfSupervisionTask {
  config: SelfSupervisionConfig;
  images: ImageSource;
  /** Their labels are never looked at. */
  samples: readonly Sample[];
  /** Where the checkpoint lies: one that is found there is gone on from. */
  folder: string;
}

export interface SelfSupervisionContext {
  executor: Executor;
  /** Steps between two reports. Default: an epoch's, but 10 at least. */
  every?: number;
  /** Seconds between two checkpoints. Default 20. */
  checkpointSeconds?: number;
  /** Threads that make views ahead; 0: none. Default 1. */
  workers?: number;
  onReport?: (report: SelfSupervisionReport) => void;
  onProgress?: ProgressListener;
  signal?: AbortSignal;
  /** Awaited between two steps. */
  gate?: () => Promise<void>;
}

export interface SelfSupervisionResult {
  /** Its head is new and has learned nothing. */
  model: Model;
  reports: SelfSupervisionReport[];
  steps: number;
  /** Times that each image was looked at. */
  epochs: number;
}

/** Fewer leave nothing to tell an image apart from. */
const FEWEST_IMAGES = 8;
/** Below this spread the projections of all images are one: nothing was learned but a constant. */
const COLLAPSED = 0.15;
const CHECKPOINT_SECONDS = 20;
/** Steps that are run to know how long one takes, of which the first are slow. */
const TIMED = { steps: 7, slow: 2 };

/**
 * Goes on training a network on images without labels, by comparing two views of each image. What was done is kept in the folder from time
 * to time; going on from there ends with the same weights as if it had never stopped.
 *
 * @throws GraftError `images-too-few`, `training-diverged`, `representation-collapsed`, `cancelled`, `checkpoint-mismatch`, and what
 * `startingModel` throws
 */
export async function continueUnlabelled(
  task: SelfSupervisionTask,
  context: SelfSupervisionContext,
): Promise<SelfSupervisionResult> {
  const { config, images, samples, folder } = task;
  if (samples.length < FEWEST_IMAGES) {
    throw new GraftError(
      'images-too-few',
      `Expected at least ${FEWEST_IMAGES} images to learn from, found ${samples.length}. Import more images, or choose more datasets.`,
    );
  }
  const batchSize = Math.min(config.batchSize, samples.length);
  const model = freshModel(task);
  const fingerprint = sha256(
    JSON.stringify([config, images.checksum, samples.map(sampleKey)]),
    model.parameters.hash(),
  );
  const views = new ViewStream({ images, samples, config, batchSize, workers: context.workers ?? 1 });
  const found = readCheckpoint<CourseState>(folder, fingerprint);
  let step: ComparingStep | undefined;
  try {
    const state: CourseState = found?.state ?? {
      fingerprint,
      step: 0,
      steps: await stepsWanted(task, context, views, batchSize),
      reports: [],
      sums: { loss: 0, spread: 0 },
    };
    step = await compileComparingStep(context.executor, model, config, batchSize);
    const { weights, names, slots } = step.moving;
    if (found) {
      restore(weights, found.weights);
      restore(slots, found.optimizer);
    }
    const every = context.every ?? Math.max(10, views.stepsPerEpoch);
    const course = new Course(state, every, batchSize, context.onReport);
    await follow(course, step, views, batchSize, context, config, () =>
      writeCheckpoint(folder, {
        state,
        weights: snapshot(weights, names),
        best: new Map(),
        optimizer: snapshot(slots, slots.names),
      }),
    );
    if (course.spread < COLLAPSED) throw collapsed(config);
    return {
      model,
      reports: state.reports,
      steps: state.steps,
      epochs: (state.steps * batchSize) / samples.length,
    };
  } finally {
    await views.close();
    await step?.dispose();
  }
}

/** A new head takes the place of the old one, which knows nothing of what the network becomes. */
function freshModel({ config, images }: SelfSupervisionTask): Model {
  const { head } = trainingConfigSchema.parse({ head: { dropout: 0 } });
  return startingModel({ ...config, head }, ['class 1', 'class 2'], images);
}

/** Does the steps that are left, and keeps what was done: at the beginning, from time to time, and at the end. */
async function follow(
  course: Course,
  step: ComparingStep,
  views: ViewStream,
  batchSize: number,
  context: SelfSupervisionContext,
  config: SelfSupervisionConfig,
  keep: () => void,
): Promise<void> {
  const { signal, gate, onProgress, checkpointSeconds = CHECKPOINT_SECONDS } = context;
  const { state } = course;
  const meter = new ProgressMeter('Learning without labels', 'images', state.steps * batchSize, onProgress);
  meter.advance(state.step * batchSize);
  let keptAt = -Infinity;
  while (!course.isOver) {
    await gate?.();
    await new Promise(setImmediate);
    if (signal?.aborted) throw GraftError.cancelled('The pre-training');
    if (performance.now() - keptAt > 1000 * checkpointSeconds) {
      keep();
      keptAt = performance.now();
    }
    const batch = await views.batch(state.step, state.steps - 1);
    const compared = await step.run(batch, state.step, state.steps);
    if (!Number.isFinite(compared.loss)) throw diverged(state.step, config.learningRate);
    course.count(compared);
    meter.advance(batchSize, `loss ${compared.loss.toFixed(3)}`);
  }
  keep();
  meter.finish();
}

/** Where minutes are given, some steps are run with a copy of the weights, and thrown away. */
async function stepsWanted(
  task: SelfSupervisionTask,
  { executor, signal, onProgress }: SelfSupervisionContext,
  views: ViewStream,
  batchSize: number,
): Promise<number> {
  const { config } = task;
  if (config.minutes === null) return config.epochs * views.stepsPerEpoch;
  // Compiling and the first steps take half a minute on a large network: whoever waits sees what for.
  const meter = new ProgressMeter('Timing steps on this machine', 'steps', TIMED.steps, onProgress, {
    everyMs: 0,
  });
  meter.advance(0);
  const step = await compileComparingStep(executor, freshModel(task), config, batchSize);
  try {
    let since = performance.now();
    for (let at = 0; at < TIMED.steps; at++) {
      if (signal?.aborted) throw GraftError.cancelled('The pre-training');
      if (at === TIMED.slow) since = performance.now();
      await step.run(await views.batch(at, TIMED.steps - 1), at, TIMED.steps);
      meter.advance();
      await new Promise(setImmediate);
    }
    const each = (performance.now() - since) / (TIMED.steps - TIMED.slow);
    return Math.max(1, Math.round((config.minutes * 60_000) / each));
  } finally {
    await step.dispose();
  }
}

function diverged(step: number, rate: number): GraftError {
  return new GraftError(
    'training-diverged',
    `Expected the loss to stay a number, found that it overflowed at step ${step}: the learning rate ${rate} is too high for these images. Try ${Number((rate / 10).toPrecision(2))}.`,
  );
}

function collapsed({ method, learningRate }: SelfSupervisionConfig): GraftError {
  return new GraftError(
    'representation-collapsed',
    `Expected images to stay different to the network, found that ${method} made them all the same; nothing was added to the project. Try a learning rate below ${learningRate}, or another method.`,
  );
}
