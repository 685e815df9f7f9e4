import { GraftError } from '../contract/errors.ts';
import type { TrainingConfig } from '../contract/training.ts';
import {
  type CompiledProgram,
  compileTrainingStep,
  type Executor,
  sizeOf,
  type TrainingStep,
} from '../engine/index.ts';
import type { Model } from '../models/index.ts';
import { allFinite } from '../platform/all-finite.ts';
import { RandomStream } from '../platform/random.ts';
import { type Answer, groupsOf, type PassCounts } from './answers.ts';
import type { PhaseInputs, TrainingBatch } from './batches.ts';
import type { Companion } from './companion.ts';
import { companionProgram } from './companion-program.ts';
import { CompanionStream } from './companion-stream.ts';
import { diverged } from './divergence.ts';
import type { DropoutDraws } from './dropout-draws.ts';
import { mixBatch } from './mixing.ts';
import type { BatchTargets, Objective } from './objective.ts';
import { epochOrder } from './order.ts';
import { normalizationOf, type Phase } from './phase.ts';
import {
  type CutNetwork,
  dropoutLayers,
  lossProgram,
  MASK,
  suffixInputShape,
  suffixProgram,
} from './programs.ts';
import { moveAt, movesOf, type Schedule, scheduleFactor } from './schedule.ts';
import { StepWatch, watchedBatches } from './step-watch.ts';
import { WeightAverage } from './weight-average.ts';

export interface PhaseLoopOptions {
  executor: Executor;
  model: Model;
  phase: Phase;
  config: TrainingConfig;
  inputs: PhaseInputs;
  objective: Objective;
  /** What the images show. */
  training: readonly Answer[];
  validation: readonly Answer[];
  /** Of trainings before, for those that follow one another. */
  draws?: DropoutDraws;
  signal?: AbortSignal;
  /** See RunContext. */
  gate?: () => Promise<void>;
  onImages?: (count: number) => void;
  /** Weights as they were before the training, for L2-SP. */
  starts: ReadonlyMap<string, Float32Array>;
  /** Images without labels that are learned from as well, and what a phase sees of them. */
  companion?: { companion: Companion; inputs: PhaseInputs };
}

/** Batches that may be made while one is learned from: as many as there can be threads to make them. */
const AHEAD = 65;

/** The steps of a small head take less than a turn of the event loop. */
const BREATH_EVERY_MS = 10;

/** Runs the epochs of a phase: its training step and its evaluation, compiled once. */
export class PhaseLoop {
  readonly #options: PhaseLoopOptions;
  readonly #step: TrainingStep;
  readonly #evaluation: CompiledProgram;
  readonly #batch: number;
  readonly #units: number;
  /** For balanced sampling. */
  readonly #groups: readonly (number | readonly number[])[];
  /** Of what the suffix sees of one image. */
  readonly #shape: readonly number[];
  readonly #size: number;
  readonly #dropouts: ReturnType<typeof dropoutLayers>;
  readonly #factors: ReadonlyMap<string, number>;
  readonly #average: WeightAverage | null;
  readonly #companion: CompanionStream | null;
  readonly #breath = new Breath();
  /** By input, written anew for each step. */
  readonly #dropoutMasks: Record<string, Float32Array>;
  /** What a plateau has taken from the learning rate: restore it with the optimiser's slots. */
  plateau = 1;
  /** Batches that are done: restore it with the optimiser's slots. */
  steps = 0;

  private constructor(
    options: PhaseLoopOptions,
    cut: CutNetwork,
    batch: number,
    step: TrainingStep,
    evaluation: CompiledProgram,
    companion: CompanionStream | null,
    rows: number,
  ) {
    this.#options = options;
    this.#companion = companion;
    companion?.keepIn(step.optimizerState);
    this.#step = step;
    this.#evaluation = evaluation;
    this.#batch = batch;
    this.#units = options.objective.units;
    this.#groups = options.training.map(groupsOf);
    this.#shape = suffixInputShape(cut);
    this.#size = sizeOf(this.#shape);
    this.#dropouts = dropoutLayers(cut.network);
    this.#dropoutMasks = Object.fromEntries(
      this.#dropouts.map(({ layer, shape }) => [MASK + layer.name, new Float32Array(rows * sizeOf(shape))]),
    );
    this.#factors = rateFactors(options.model, options.phase);
    const { config, model, phase } = options;
    const varying = [...phase.trainable, ...phase.assigned];
    this.#average =
      config.ema > 0 ? new WeightAverage(model.parameters, step.optimizerState, varying, config.ema) : null;
  }

  static async open(options: PhaseLoopOptions): Promise<PhaseLoop> {
    const { executor, model, phase, config, objective } = options;
    const cut: CutNetwork = { ...model, cut: phase.plan.cut };
    const batch = Math.min(config.batchSize, options.training.length);
    const { trainable, assigned } = phase;
    const loss = { ...objective, focalGamma: config.focalGamma };
    const stream = options.companion ? companionStream(options, options.companion, cut, batch) : null;
    const rows = batch + (stream?.companion.labelled ? stream.batch : 0);
    const program = stream
      ? companionProgram(cut, stream.sizes, normalizationOf(phase), loss, stream.companion)
      : lossProgram(cut, batch, objective.units, normalizationOf(phase), loss);
    const step = await compileTrainingStep(executor, program, stream?.parameters ?? model.parameters, {
      trainable: [...trainable, ...(stream?.learning ?? [])],
      assigned,
      optimizer: { ...config.optimizer, weightDecay: config.weightDecay },
      smallInLoops: true,
      ...(config.clipNorm === null ? {} : { clipNorm: config.clipNorm }),
      ...(config.l2sp > 0 ? { pull: { strength: config.l2sp, starts: options.starts } } : {}),
    });
    const varying = new Set([...trainable, ...assigned]);
    const evaluation = await executor.compile(suffixProgram(cut, batch), model.parameters, {
      constants: model.parameters.names.filter((name) => !varying.has(name)),
      smallInLoops: true,
    });
    return new PhaseLoop(options, cut, batch, step, evaluation, stream, rows);
  }

  get optimizerState(): TrainingStep['optimizerState'] {
    return this.#step.optimizerState;
  }

  get stepsPerEpoch(): number {
    return Math.ceil(this.#options.training.length / this.#batch);
  }

  /**
   * One pass over the training images in an order of its own.
   *
   * @param epoch from 1, counted over all phases: it names the random streams
   * @throws GraftError `training-diverged` when the loss is no number any more; `cancelled`
   */
  async train(
    epoch: number,
  ): Promise<{ counts: PassCounts; learningRate: number; figures: StepWatch['figures'] }> {
    const { config, phase, objective, inputs, signal, gate } = this.#options;
    await this.#companion?.begin(epoch, this.stepsPerEpoch);
    const order = epochOrder(this.#groups, epoch, { seed: config.seed, balanced: config.balancedSampling });
    const batches = this.#batches(order, epoch);
    const counts = objective.counts();
    const x = new Float32Array(this.#batch * this.#size);
    const moves = movesOf(this.stepsPerEpoch, config.accumulate);
    const schedule: Schedule = {
      kind: config.schedule,
      warmup: config.warmup,
      steps: moves * phase.epochs,
      stepsPerEpoch: moves,
      step: config.step,
    };
    const watch = new StepWatch(config.clipNorm);
    const watched = phase.assigned.length > 0 ? watchedBatches(batches.length) : 0;
    let learningRate = 0;
    for (let start = 0; start < order.length; start += this.#batch) {
      await gate?.();
      await this.#breath.take(signal);
      const count = Math.min(this.#batch, order.length - start);
      const at = start / this.#batch;
      const { indexes } = batches[at];
      await inputs.readTraining(batches[at], x, batches.slice(at + 1, at + 1 + AHEAD));
      const move = moveAt(this.steps, this.stepsPerEpoch, config.accumulate);
      learningRate = phase.learningRate * this.plateau * scheduleFactor(schedule, move);
      const { target, weight } = this.#targets(indexes, count);
      const shown = this.#mix({ x, target, weight }, count, epoch, start);
      // What a companion brings learns as fast as the head.
      const rate = (name: string): number => learningRate * (this.#factors.get(name) ?? 1);
      const fed = await this.#companion?.feed(epoch, at, batches.length, { x, indexes });
      const inputsOfStep = { x, target, weight, ...fed, ...this.#masks(epoch, start) };
      const share = weight.reduce((sum, value) => sum + value, 0);
      const last = start + this.#batch >= order.length;
      const whole = last || (at + 1) % config.accumulate === 0;
      const outputs = whole
        ? await this.#step.run(inputsOfStep, rate, share)
        : await this.#step.accumulate(inputsOfStep, share);
      this.steps++;
      if (whole) this.#average?.follow(move + 1);
      const loss = outputs.loss.data[0];
      if (!Number.isFinite(loss)) throw diverged('loss', epoch, phase.learningRate);
      counts.addLoss((outputs.labelLoss ?? outputs.loss).data[0], share);
      if (this.#companion) watch.sawCompanion(outputs.companionLoss.data[0]);
      if (whole) watch.sawGradient(this.#step.gradientNorm);
      // Of a blend the answer is that of the image which it shows most of.
      const answers = shown.map((place) => this.#answerOf(indexes[place]));
      answers.forEach((answer, i) => counts.count(outputs.logits.data, i * this.#units, answer));
      if (at >= batches.length - watched) await this.#compareModes(x, outputs.logits.data, answers, watch);
      this.#options.onImages?.(count);
    }
    return { counts, learningRate, figures: watch.figures };
  }

  /**
   * Takes one step at each of these rates, over the training images again and again, until `watch` has seen enough.
   *
   * @param watch is told the rate and the loss of a step; false ends the sweep
   */
  async sweep(rates: readonly number[], watch: (rate: number, loss: number) => boolean): Promise<void> {
    const { config, training, inputs, signal, gate } = this.#options;
    const x = new Float32Array(this.#batch * this.#size);
    const order: number[] = [];
    for (const [at, rate] of rates.entries()) {
      await gate?.();
      await this.#breath.take(signal);
      const epoch = 1 + Math.floor((at * this.#batch) / training.length);
      while (order.length < this.#batch)
        order.push(
          ...epochOrder(this.#groups, epoch, { seed: config.seed, balanced: config.balancedSampling }),
        );
      const indexes = order.splice(0, this.#batch);
      await inputs.readTraining({ indexes, epoch }, x);
      const { target, weight } = this.#targets(indexes, indexes.length);
      this.#mix({ x, target, weight }, indexes.length, epoch, at);
      const outputs = await this.#step.run(
        { x, target, weight, ...this.#masks(epoch, at) },
        (name) => rate * this.#factors.get(name)!,
      );
      if (!watch(rate, outputs.loss.data[0])) return;
    }
  }

  /** Does something with the weights that count: their running mean where one is kept, else as they are. */
  averaged<Result>(work: () => Promise<Result>): Promise<Result> {
    return this.#average ? this.#average.during(work) : work();
  }

  /**
   * Loss (plain cross-entropy), accuracy, F1 and AUC on the validation images; undefined when there are none. The last step of an epoch may have
   * spoiled the weights without any loss that shows it: without validation images some of the others are asked.
   *
   * @throws GraftError `training-diverged` when an answer is no number any more; `cancelled`
   */
  async validate(epoch: number): Promise<PassCounts | undefined> {
    const { validation, objective, inputs, signal, gate } = this.#options;
    const x = new Float32Array(this.#batch * this.#size);
    if (validation.length === 0) {
      await inputs.readTraining({ indexes: Array.from({ length: this.#batch }, (_, at) => at), epoch }, x);
      await this.#answers(x, this.#batch, epoch);
      return undefined;
    }
    const counts = objective.counts();
    for (let start = 0; start < validation.length; start += this.#batch) {
      await gate?.();
      await this.#breath.take(signal);
      const count = Math.min(this.#batch, validation.length - start);
      for (let i = 0; i < count; i++) inputs.readValidation(start + i, x, i * this.#size);
      const logits = await this.#answers(x, count, epoch);
      for (let i = 0; i < count; i++) {
        const answer = validation[start + i];
        counts.keep(logits, i * this.#units, answer);
        const { loss, weight } = objective.loss(logits, i * this.#units, answer);
        counts.addLoss(loss, weight);
      }
    }
    return counts;
  }

  /** What is said of the first images of a batch, as at inference. */
  async #answers(x: Float32Array, count: number, epoch: number): Promise<ArrayLike<number>> {
    const { data } = (await this.#evaluation.run({ x })).logits;
    if (!allFinite(data, count * this.#units))
      throw diverged('answers', epoch, this.#options.phase.learningRate);
    return data;
  }

  async dispose(): Promise<void> {
    await this.#step.dispose();
    await this.#evaluation.dispose();
    await this.#companion?.dispose();
  }

  #answerOf(index: number): Answer {
    return this.#companion?.companion.answerOf?.(index) ?? this.#options.training[index];
  }

  /** The last one is filled up with images that do not count, so that its shape and statistics stay sound. */
  #batches(order: readonly number[], epoch: number): TrainingBatch[] {
    return Array.from({ length: Math.ceil(order.length / this.#batch) }, (_, at) => ({
      indexes: Array.from({ length: this.#batch }, (__, i) => order[(at * this.#batch + i) % order.length]),
      epoch,
    }));
  }

  #targets(indexes: readonly number[], count: number): BatchTargets {
    const { training, objective } = this.#options;
    const target = new Float32Array(this.#batch * this.#units);
    const weight = new Float32Array(this.#batch * objective.weightsPerImage);
    indexes.forEach((index, i) => objective.write(training[index], { target, weight }, i, i < count));
    return { target, weight };
  }

  #mix(
    batch: { x: Float32Array; target: Float32Array; weight: Float32Array },
    count: number,
    epoch: number,
    start: number,
  ): number[] {
    const { config } = this.#options;
    const { seed } = config;
    // A blend of images without labels has no answer to be blended.
    const { mixup, cutmix } =
      this.#companion?.companion.labelled === false ? { mixup: 0, cutmix: 0 } : config;
    if (mixup === 0 && cutmix === 0) return Array.from({ length: count }, (_, at) => at);
    const options = { mixup, cutmix, shape: this.#shape, classes: this.#units, count };
    return mixBatch(batch, options, new RandomStream(seed, 'mixing', epoch, start));
  }

  /** Judges a batch that was just learned from as at inference, beside what was said of it on its own statistics. */
  async #compareModes(
    x: Float32Array,
    logits: ArrayLike<number>,
    answers: readonly Answer[],
    watch: StepWatch,
  ): Promise<void> {
    const { objective } = this.#options;
    const inference = (await this.#evaluation.run({ x })).logits.data;
    answers.forEach((answer, i) => {
      const batch = objective.loss(logits, i * this.#units, answer);
      watch.sawModes(batch.loss, objective.loss(inference, i * this.#units, answer).loss, batch.weight);
    });
  }

  #masks(epoch: number, start: number): Record<string, Float32Array> {
    for (const { layer } of this.#dropouts) {
      const mask = this.#dropoutMasks[MASK + layer.name];
      const names = ['dropout', epoch, start, layer.name];
      const { draws, config } = this.#options;
      if (draws) draws.fill(mask, layer.config.rate, config.seed, ...names);
      else new RandomStream(config.seed, ...names).fillDropout(mask, layer.config.rate);
    }
    return this.#dropoutMasks;
  }
}

function companionStream(
  { executor, model, phase, config, objective, signal }: PhaseLoopOptions,
  { companion, inputs }: NonNullable<PhaseLoopOptions['companion']>,
  cut: CutNetwork,
  batch: number,
): CompanionStream {
  const wanted = companion.labelled ? (companion.batchSize ?? batch) : batch;
  return new CompanionStream({
    executor,
    model,
    cut,
    companion,
    inputs,
    units: objective.units,
    labelled: companion.labelled ? batch : 0,
    batch: companion.labelled ? Math.min(wanted, companion.samples.length) : batch,
    epochs: config.epochs,
    seed: config.seed,
    varying: [...phase.trainable, ...phase.assigned],
    ...(signal ? { signal } : {}),
  });
}

/** Lets messages in between two steps, every few milliseconds, and ends the work when someone wants that. */
class Breath {
  #takenAt = 0;

  async take(signal: AbortSignal | undefined): Promise<void> {
    const now = performance.now();
    if (now - this.#takenAt > BREATH_EVERY_MS) {
      await new Promise(setImmediate);
      this.#takenAt = now;
    }
    if (signal?.aborted) throw GraftError.cancelled('Training');
  }
}

/** Each weight's factor of the learning rate, by the stage it belongs to. */
function rateFactors({ network }: Model, { trainable, plan }: Phase): Map<string, number> {
  const stageOf = new Map(network.layers.map(({ name, stage }) => [name, stage]));
  return new Map(
    trainable.map((name) => {
      const stage = stageOf.get(name.slice(0, name.lastIndexOf('/')))!;
      return [name, plan.stageFactors.get(stage) ?? 1];
    }),
  );
}
