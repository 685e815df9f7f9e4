import { resolveAugmentation } from '../contract/augmentation.ts';
import { GraftError } from '../contract/errors.ts';
import type { RateSweep } from '../contract/rate-finder.ts';
import { openExecutor, type Parameters } from '../engine/index.ts';
import { ProgressMeter } from '../platform/progress-meter.ts';
import { answerOf } from './answers.ts';
import { openPhaseInputs } from './batches.ts';
import { PhaseLoop } from './loop.ts';
import { objectiveFor } from './objective.ts';
import { planPhases } from './phase.ts';
import type { RunContext } from './run-context.ts';
import { startingModel } from './starting-model.ts';
import type { TrainingTask } from './training-task.ts';

const LOWEST = 1e-7;
const HIGHEST = 1;
const STEPS = 100;
/** Of the running mean of the loss. */
const SMOOTHING = 0.9;
/** Steps that are not judged, and how far to each side the steepness is measured. */
const FIRST = 10;
const REACH = 5;
/** Above so many times the lowest loss the sweep has seen enough. */
const DIVERGED = 4;

/**
 * Finds a learning rate for a plan's fine-tuning (or its only phase): from the plan's own start, the rate rises from 1e-7 to 1 by the
 * same factor at each step, and the loss is watched (Smith 2017). All weights are put back; nothing of it is kept.
 *
 * @throws GraftError `images-missing`, `cancelled`, and what `startingModel` and `planFreeze` throw
 */
export async function findRate(
  { config, dataset, images, paths }: TrainingTask,
  context: RunContext = {},
): Promise<RateSweep> {
  if (dataset.train.length === 0) {
    throw new GraftError(
      'images-missing',
      'Expected training images, found none. Label more images or change the split.',
    );
  }
  const { signal, gate, onProgress } = context;
  const options = { engine: config.engine, ...(config.threads === null ? {} : { threads: config.threads }) };
  const executor = context.executor ?? (await openExecutor(options));
  try {
    const model = startingModel(config, dataset.classes, images, dataset.multiLabel);
    const before = model.parameters.hash();
    const kept = copyOf(model.parameters);
    const phase = planPhases(config, model).at(-1)!;
    const common = { executor, ...(signal ? { signal } : {}), ...(gate ? { gate } : {}) };
    const prepared = new ProgressMeter(
      'Computing features of frozen layers',
      'images',
      dataset.train.length,
      onProgress,
    );
    const inputs = await openPhaseInputs(
      {
        ...common,
        network: { ...model, cut: phase.plan.cut },
        parameters: model.parameters,
        images,
        augmentation: resolveAugmentation(config.augmentation),
        seed: config.seed,
        cacheFolder: paths.cacheFolder,
        train: dataset.train,
        validation: [],
        ...(config.workers === null ? {} : { workers: config.workers }),
      },
      prepared,
    );
    const loop = await PhaseLoop.open({
      ...common,
      model,
      phase,
      config,
      inputs,
      objective: objectiveFor(config, dataset),
      training: dataset.train.map(answerOf),
      validation: [],
      starts: new Map(),
    });
    try {
      const meter = new ProgressMeter('Trying learning rates', 'steps', STEPS, onProgress);
      const rates = Array.from(
        { length: STEPS },
        (_, at) => LOWEST * (HIGHEST / LOWEST) ** (at / (STEPS - 1)),
      );
      const watch = new LossWatch();
      await loop.sweep(rates, (rate, loss) => {
        meter.advance();
        return watch.sees(rate, loss);
      });
      meter.finish();
      for (const [name, data] of kept) model.parameters.get(name).data.set(data);
      return {
        ...watch.verdict(),
        restored: model.parameters.hash() === before,
        setting: phase.name === 'feature-extraction' ? 'headLearningRate' : 'learningRate',
      };
    } finally {
      await inputs.close();
      await loop.dispose();
    }
  } finally {
    if (!context.executor) await executor.dispose();
  }
}

const copyOf = (parameters: Parameters): Map<string, Float32Array> =>
  new Map(parameters.names.map((name) => [name, parameters.get(name).data.slice()]));

/** Smooths the losses of a sweep, ends it when they run away, and reads the rate off. */
export class LossWatch {
  readonly #points: RateSweep['points'] = [];
  #mean = 0;
  #least = Infinity;
  #diverged: number | null = null;

  /** @returns whether to go on */
  sees(rate: number, loss: number): boolean {
    if (!Number.isFinite(loss)) {
      this.#diverged = rate;
      return false;
    }
    this.#mean = SMOOTHING * this.#mean + (1 - SMOOTHING) * loss;
    // A mean that began at 0 is too low at first by a known factor.
    const smoothed = this.#mean / (1 - SMOOTHING ** (this.#points.length + 1));
    this.#points.push({ rate, loss, smoothed });
    this.#least = Math.min(this.#least, smoothed);
    if (smoothed <= DIVERGED * this.#least) return true;
    this.#diverged = rate;
    return false;
  }

  verdict(): Pick<RateSweep, 'points' | 'suggestion' | 'lowest' | 'diverged'> {
    const points = this.#points;
    const diverged = this.#diverged;
    if (points.length < FIRST + 2 * REACH) return { points, suggestion: null, lowest: null, diverged };
    const bottom = points.reduce((least, { smoothed }, at) => {
      return smoothed < points[least].smoothed ? at : least;
    }, 0);
    let steepest: number | null = null;
    let slope = 0;
    // By the logarithm of the rate. The first means are of few batches; over ten steps one noisy batch decides nothing.
    for (let at = FIRST; at < Math.min(bottom, points.length - REACH); at++) {
      const [from, to] = [points[at - REACH], points[at + REACH]];
      const rise = (to.smoothed - from.smoothed) / Math.log(to.rate / from.rate);
      if (rise < slope) [slope, steepest] = [rise, at];
    }
    if (steepest === null)
      return { points, suggestion: null, lowest: bottom > 0 ? points[bottom].rate : null, diverged };
    return {
      points,
      suggestion: Math.min(points[steepest].rate, points[bottom].rate / 3),
      lowest: points[bottom].rate,
      diverged,
    };
  }
}
