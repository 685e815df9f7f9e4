import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { GraftError } from '../contract/errors.ts';
import type { EpochMetrics, RunResult, TrainingConfig } from '../contract/training.ts';
import { type Executor, openExecutor } from '../engine/index.ts';
import {
  backboneStages,
  countParameters,
  freezeMap,
  type Model,
  parameterSpecs,
  saveModel,
} from '../models/index.ts';
import { ProgressMeter } from '../platform/progress-meter.ts';
import { answerOf } from './answers.ts';
import {
  type Arrays,
  discardCheckpoint,
  readCheckpoint,
  restore,
  snapshot,
  type TrainingState,
  writeCheckpoint,
} from './checkpoint.ts';
import { fingerprint } from './fingerprint.ts';
import { PhaseLoop } from './loop.ts';
import { better, monitored, predictionsOf } from './monitor.ts';
import { objectiveFor } from './objective.ts';
import { openInputs } from './open-inputs.ts';
import { type Phase, planPhases, withFixedHead } from './phase.ts';
import { withTrainShare } from './train-share.ts';
import type { RunContext } from './run-context.ts';
import { sourceModel, startingModel } from './starting-model.ts';
import type { TrainingTask } from './training-task.ts';

const networkOf = ({ networkFrom }: TrainingTask): { networkFrom?: string } =>
  networkFrom === undefined ? {} : { networkFrom };

/**
 * Trains a model and saves it, with the weights of its best epoch, under the run's folder. After every epoch a
 * checkpoint is on disk; a run that was cut off anywhere and is resumed ends with the same weights and metrics as
 * one that was not.
 *
 * @throws GraftError `images-missing`, `training-diverged`, `checkpoint-mismatch`, `cancelled`, and what
 * `startingModel` and `planFreeze` throw
 */
export async function train(task: TrainingTask, context: RunContext = {}): Promise<RunResult> {
  const { config } = task;
  const options = { engine: config.engine, ...(config.threads === null ? {} : { threads: config.threads }) };
  const executor = context.executor ?? (await openExecutor(options));
  try {
    const dataset = withTrainShare(task.dataset, config);
    return await new Training({ ...task, dataset }, context, executor).run();
  } finally {
    if (!context.executor) await executor.dispose();
  }
}

class Training {
  readonly #task: TrainingTask;
  readonly #context: RunContext;
  readonly #executor: Executor;
  readonly #model: Model;
  readonly #phases: Phase[];
  /** For each phase the names of the weights that have changed by its end. */
  readonly #changing: string[][];
  /** Names of the weights that change in no phase. */
  readonly #frozen: string[];
  /** Weights of the backbone as the run began, where something pulls towards them. */
  readonly #starts: ReadonlyMap<string, Float32Array>;
  readonly #meter: ProgressMeter;
  #state: TrainingState;
  #best: Arrays;
  #features = { bytes: 0, seconds: 0 };
  #checkpointAt = performance.now();

  constructor(task: TrainingTask, context: RunContext, executor: Executor) {
    const { config, dataset, images } = task;
    if (dataset.train.length === 0) {
      throw new GraftError(
        'images-missing',
        'Expected at least one training image, found none. Label more images or change the split.',
      );
    }
    this.#task = task;
    this.#context = context;
    this.#executor = executor;
    this.#model =
      task.model ??
      startingModel(
        { ...config, ...networkOf(task) },
        dataset.classes,
        images,
        dataset.multiLabel,
        (context.sourceOf ?? sourceModel)(config),
      );
    const phases = planPhases(config, this.#model);
    this.#phases = task.companion?.fixedHead ? withFixedHead(phases, this.#model) : phases;
    const { names } = this.#model.parameters;
    const changing = new Set<string>();
    this.#changing = this.#phases.map(({ trainable, assigned }) => {
      for (const name of [...trainable, ...assigned]) changing.add(name);
      return names.filter((name) => changing.has(name));
    });
    this.#frozen = names.filter((name) => !changing.has(name));
    this.#starts = startsOf(config, this.#model, changing);
    this.#best = this.#snapshot(0);
    const total = config.epochs * dataset.train.length;
    this.#meter = new ProgressMeter('Training', 'images', total, context.onProgress);
    const frozenBefore = this.#hashOf(this.#frozen);
    const learning = this.#hashOf([...changing]);
    this.#state = {
      fingerprint: fingerprint(task, this.#model, [frozenBefore, learning]),
      phase: 0,
      epochsOfPhase: 0,
      phaseOver: false,
      steps: 0,
      epochs: [],
      bestEpoch: 0,
      bestValue: null,
      waited: 0,
      plateau: 1,
      plateauWaited: 0,
      stoppedEarly: false,
      frozenBefore,
      phasesUnmoved: true,
    };
  }

  async run(): Promise<RunResult> {
    const start = performance.now();
    mkdirSync(this.#task.paths.runFolder, { recursive: true });
    let slots = this.#resume();
    for (let at = this.#state.phase; at < this.#phases.length && !this.#held; at++) {
      if (at > this.#state.phase) this.#enter(at);
      if (!this.#state.phaseOver) await this.#runPhase(this.#phases[at], slots);
      slots = undefined;
    }
    restore(this.#model.parameters, this.#best);
    this.#meter.finish();
    return this.#finish((performance.now() - start) / 1000);
  }

  /** Whether it has come as far as it is to go for now. */
  get #held(): boolean {
    return this.#state.epochs.length >= (this.#task.until ?? Infinity);
  }

  /** Restores the checkpoint, if there is one to go on from; returns the optimiser's slots of its phase. */
  #resume(): Arrays | undefined {
    const { paths, resume = false } = this.#task;
    if (!resume) discardCheckpoint(paths.runFolder);
    const checkpoint = resume ? readCheckpoint(paths.runFolder, this.#state.fingerprint) : undefined;
    if (!checkpoint) return undefined;
    this.#state = checkpoint.state;
    this.#best = checkpoint.best;
    restore(this.#model.parameters, checkpoint.weights);
    for (const metrics of this.#state.epochs) this.#context.onEpoch?.(metrics);
    this.#meter.advance(this.#state.epochs.length * this.#task.dataset.train.length);
    return checkpoint.optimizer;
  }

  /** The next phase starts from the best weights so far. */
  #enter(phase: number): void {
    restore(this.#model.parameters, this.#best);
    this.#best = this.#snapshot(phase);
    const anew = { epochsOfPhase: 0, phaseOver: false, steps: 0, waited: 0, plateau: 1, plateauWaited: 0 };
    this.#state = { ...this.#state, ...anew, phase };
  }

  #hashOf(names: readonly string[]): string {
    const { parameters } = this.#model;
    return this.#context.hashOf?.(parameters, names) ?? parameters.hash(names);
  }

  /** All that a phase and those before it may have changed: the rest is as the run began. */
  #snapshot(phase = this.#state.phase): Arrays {
    return snapshot(this.#model.parameters, this.#changing[phase]);
  }

  async #runPhase(phase: Phase, slots: Arrays | undefined): Promise<void> {
    const { config, dataset, companion } = this.#task;
    const { signal, gate, onProgress } = this.#context;
    const { train: training, validation } = dataset;
    const later = this.#phases[this.#phases.indexOf(phase) + 1]?.plan.cut ?? null;
    const model = this.#model;
    const common = { executor: this.#executor, ...(signal ? { signal } : {}), ...(gate ? { gate } : {}) };
    const network = { ...model, cut: phase.plan.cut };
    const { hashOf, onReady, draws } = this.#context;
    const {
      own: inputs,
      others,
      account,
      close,
    } = await openInputs(
      this.#task,
      {
        ...common,
        network,
        parameters: model.parameters,
        baseCut: later,
        ...(hashOf ? { hashOf } : {}),
      },
      onProgress,
    );
    onReady?.();
    this.#features.bytes += account.bytes;
    this.#features.seconds += account.seconds;
    const loop = await PhaseLoop.open({
      ...common,
      model,
      phase,
      config,
      inputs,
      objective: objectiveFor(config, dataset),
      training: training.map(answerOf),
      validation: validation.map(answerOf),
      starts: this.#starts,
      ...(draws ? { draws } : {}),
      ...(companion && others ? { companion: { companion, inputs: others } } : {}),
      onImages: (count) => this.#meter.advance(count),
    }).catch(async (error: unknown) => {
      await close();
      throw error;
    });
    // A weight that learns later has to stay as it is until then: each phase is held to its own list.
    const learning = new Set([...phase.trainable, ...phase.assigned]);
    const still = model.parameters.names.filter((name) => !learning.has(name));
    // In the first phase these are often all that stay as they are to the end, whose hash is known.
    const same = this.#state.phase === 0 && still.length === this.#frozen.length;
    const before = same ? this.#state.frozenBefore : this.#hashOf(still);
    try {
      if (slots) restore(loop.optimizerState, slots);
      loop.steps = this.#state.steps;
      loop.plateau = this.#state.plateau;
      while (!this.#state.phaseOver && !this.#held) await this.#runEpoch(phase, loop);
      if (this.#hashOf(still) !== before) this.#state = { ...this.#state, phasesUnmoved: false };
    } finally {
      await close();
      await loop.dispose();
    }
  }

  async #runEpoch(phase: Phase, loop: PhaseLoop): Promise<void> {
    const { config, dataset, paths, companion } = this.#task;
    const state = this.#state;
    const epoch = state.epochs.length + 1;
    const start = performance.now();
    const { counts, learningRate, figures } = await loop.train(epoch);
    const trainingSeconds = (performance.now() - start) / 1000;
    const monitor = config.earlyStopping?.monitor ?? 'val_loss';
    const { validation, value, best } = await loop.averaged(async () => {
      const counts = await loop.validate(epoch);
      // What fits the labelled domain best may have adapted least.
      const value = counts && companion?.keep !== 'last' ? monitored(monitor, counts) : null;
      // Without validation images there is nothing to choose by: the last epoch counts.
      const best = value === null || state.bestValue === null || better(monitor, value, state.bestValue);
      if (best) this.#best = this.#snapshot();
      return { validation: counts, value, best };
    });
    const plateauWaited = best || value === null ? 0 : state.plateauWaited + 1;
    const falls = config.schedule === 'plateau' && plateauWaited >= config.plateau.patience;
    if (falls) loop.plateau *= config.plateau.factor;
    const metrics: EpochMetrics = {
      epoch,
      phase: phase.name,
      trainLoss: counts.loss,
      trainAccuracy: counts.accuracy,
      trainF1: counts.f1,
      validationLoss: validation?.loss ?? null,
      validationAccuracy: validation?.accuracy ?? null,
      validationF1: validation?.f1 ?? null,
      validationAuc: validation?.auc ?? null,
      validationBalancedAccuracy: validation?.balancedAccuracy ?? null,
      ...(validation?.findings ? { validationFindings: validation.findings } : {}),
      learningRate,
      seconds: (performance.now() - start) / 1000,
      imagesPerSecond: dataset.train.length / trainingSeconds,
      best,
      ...figures,
      ...predictionsOf(counts, validation),
    };
    const epochsOfPhase = state.epochsOfPhase + 1;
    const waited = best ? 0 : state.waited + 1;
    const patience = config.earlyStopping?.patience ?? Infinity;
    const impatient = waited >= patience && epochsOfPhase < phase.epochs;
    this.#state = {
      ...state,
      epochsOfPhase,
      phaseOver: impatient || epochsOfPhase >= phase.epochs,
      steps: loop.steps,
      epochs: [...state.epochs, metrics],
      bestEpoch: best ? epoch : state.bestEpoch,
      bestValue: best ? value : state.bestValue,
      waited,
      plateau: loop.plateau,
      plateauWaited: falls ? 0 : plateauWaited,
      stoppedEarly: state.stoppedEarly || impatient,
    };
    const { checkpointEveryMs = 0 } = this.#task;
    // One that is held goes on from here, however short it was.
    if (this.#held || performance.now() - this.#checkpointAt >= checkpointEveryMs) {
      writeCheckpoint(paths.runFolder, {
        state: this.#state,
        weights: this.#snapshot(),
        best: this.#best,
        optimizer: snapshot(loop.optimizerState, loop.optimizerState.names),
      });
      this.#checkpointAt = performance.now();
    }
    this.#meter.advance(0, `epoch ${epoch} of ${config.epochs}, loss ${counts.loss.toFixed(3)}`);
    this.#context.onEpoch?.(metrics);
  }

  #finish(seconds: number): RunResult {
    const { config, dataset, paths } = this.#task;
    const { network, parameters } = this.#model;
    const { epochs, bestEpoch, stoppedEarly, frozenBefore, phasesUnmoved } = this.#state;
    const monitor = config.earlyStopping?.monitor ?? 'val_loss';
    // Where a class is absent the loss decided in place of the area, which has no value.
    const undefinedArea = monitor === 'val_auc' && epochs[bestEpoch - 1]?.validationAuc === null;
    const bestValue = undefinedArea ? null : this.#state.bestValue;
    const complete = this.#state.phaseOver && this.#state.phase === this.#phases.length - 1;
    const last = this.#phases[this.#phases.length - 1];
    const { keepModel = true } = this.#task;
    const modelFolder = keepModel ? join(paths.runFolder, 'model') : '';
    const after = this.#hashOf(this.#frozen);
    const metadata = { ...this.#model.metadata, config, bestEpoch };
    if (keepModel) saveModel(modelFolder, { ...this.#model, metadata });
    return {
      config,
      classes: [...dataset.classes],
      epochs,
      bestEpoch,
      monitor,
      bestValue,
      stoppedEarly,
      ...(complete ? {} : { complete }),
      modelFolder,
      freezeMap: freezeMap(network, last.plan),
      cut: last.plan.cut,
      parameters: {
        total: countParameters(network),
        trainable: last.trainable.reduce((sum, name) => sum + parameters.get(name).data.length, 0),
      },
      frozen: { before: frozenBefore, after, unmoved: frozenBefore === after && phasesUnmoved },
      features: this.#features,
      engine: this.#executor.description,
      seconds,
      ...((config.trainShare ?? 1) < 1
        ? {
            learned: {
              patients: new Set(dataset.train.map(({ patientKey }) => patientKey)).size,
              images: dataset.train.length,
            },
          }
        : {}),
    };
  }
}

/** What L2-SP pulls towards: the backbone as it was pre-trained; a new head has nothing to go back to, nor have drawn weights. */
function startsOf(
  { l2sp, initial }: TrainingConfig,
  { network, parameters }: Model,
  changing: ReadonlySet<string>,
): ReadonlyMap<string, Float32Array> {
  if (l2sp === 0 || initial === 'random') return new Map();
  const backbone = new Set(backboneStages(network));
  return new Map(
    parameterSpecs(network)
      .filter(({ layer, name }) => {
        const stage = network.layers.find((one) => one.name === layer)!.stage;
        return changing.has(name) && backbone.has(stage);
      })
      .map(({ name }) => [name, parameters.get(name).data.slice()]),
  );
}
