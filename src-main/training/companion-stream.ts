import { GraftError } from '../contract/errors.ts';
import { type CompiledProgram, type Executor, type HostInputs, Parameters, sizeOf } from '../engine/index.ts';
import type { Model } from '../models/index.ts';
import { RandomStream } from '../platform/random.ts';
import type { PhaseInputs, TrainingBatch } from './batches.ts';
import type { Companion } from './companion.ts';
import { type CompanionSizes, featureWidth, seeingProgram } from './companion-program.ts';
import { type CutNetwork, suffixInputShape } from './programs.ts';

/** Its weights lie under this name among the optimiser's slots, so that a checkpoint holds them. */
const PREFIX = 'companion/';

export interface CompanionStreamOptions {
  executor: Executor;
  model: Model;
  cut: CutNetwork;
  companion: Companion;
  /** Of the companion's images. */
  inputs: PhaseInputs;
  /** Outputs of the head. */
  units: number;
  /** Labelled images of a step, and those of the companion. */
  labelled: number;
  batch: number;
  epochs: number;
  seed: number;
  /** Weights of the model that move. */
  varying: readonly string[];
  signal?: AbortSignal;
}

/** Hands a phase the batches of its companion, and the companion what the network makes of its images. */
export class CompanionStream {
  readonly companion: Companion;
  /** The model's weights and the companion's, in one set. */
  readonly parameters = new Parameters();
  /** Of the companion's weights those that learn. */
  readonly learning: readonly string[];
  readonly #options: CompanionStreamOptions;
  readonly #x: Float32Array;
  #seeing: CompiledProgram | undefined;
  #batches: TrainingBatch[] = [];

  constructor(options: CompanionStreamOptions) {
    const { companion, model, cut, units, batch } = options;
    this.#options = options;
    this.companion = companion;
    this.#x = new Float32Array(batch * sizeOf(suffixInputShape(cut)));
    const { learning, constant } = companion.weights(featureWidth(cut), units);
    for (const set of [model.parameters, learning, constant])
      for (const { name, shape, data } of set) this.parameters.add(name, shape, data);
    this.learning = learning.names;
  }

  get batch(): number {
    return this.#options.batch;
  }

  get sizes(): CompanionSizes {
    const { labelled, batch, units } = this.#options;
    return { labelled, unlabelled: batch, units };
  }

  /** Puts the weights that learn among what a checkpoint keeps: the same arrays. */
  keepIn(slots: Parameters): void {
    for (const name of this.learning) {
      const { shape, data } = this.parameters.get(name);
      slots.add(PREFIX + name, shape, data);
    }
  }

  /** @param epoch from 1 @param steps of an epoch */
  async begin(epoch: number, steps: number): Promise<void> {
    const { companion, batch, seed } = this.#options;
    if (companion.prepare) companion.prepare(await this.#see(), this.#progress(epoch, 0, steps));
    if (!companion.labelled) return;
    const eligible = companion.eligible?.() ?? companion.samples.map((_, index) => index);
    if (eligible.length === 0) {
      throw new GraftError(
        'adaptation-nothing-believed',
        'Expected target images whose class the network is sure of, found none. Start from a model that fits them better, or choose another method.',
      );
    }
    const stream = new RandomStream(seed, 'unlabelled order', epoch);
    const order: number[] = [];
    while (order.length < steps * batch) order.push(...stream.shuffle(eligible));
    this.#batches = Array.from({ length: steps }, (_, at) => ({
      indexes: order.slice(at * batch, (at + 1) * batch),
      epoch,
    }));
  }

  /** Inputs of a step beside those of the labelled images. @param own where there are none: its images, and which they are */
  async feed(
    epoch: number,
    at: number,
    steps: number,
    own: { x: Float32Array; indexes: readonly number[] },
  ): Promise<HostInputs> {
    const { companion, inputs } = this.#options;
    const progress = this.#progress(epoch, at, steps);
    if (!companion.labelled)
      return { unlabelled: own.x, ...companion.feed({ progress, indexes: own.indexes }) };
    const batch = this.#batches[at];
    await inputs.readTraining(batch, this.#x, this.#batches.slice(at + 1, at + 9));
    return { unlabelled: this.#x, ...companion.feed({ progress, indexes: batch.indexes }) };
  }

  async dispose(): Promise<void> {
    await this.#seeing?.dispose();
  }

  #progress(epoch: number, at: number, steps: number): number {
    return (epoch - 1 + at / steps) / this.#options.epochs;
  }

  async #see(): Promise<{ features: Float32Array; logits: Float32Array }> {
    const { executor, model, cut, companion, inputs, batch, units, varying, signal } = this.#options;
    const moving = new Set(varying);
    this.#seeing ??= await executor.compile(seeingProgram(cut, batch), model.parameters, {
      constants: model.parameters.names.filter((name) => !moving.has(name)),
    });
    const images = companion.samples.length;
    const width = featureWidth(cut);
    const features = new Float32Array(images * width);
    const logits = new Float32Array(images * units);
    const size = sizeOf(suffixInputShape(cut));
    const x = new Float32Array(batch * size);
    for (let start = 0; start < images; start += batch) {
      await new Promise(setImmediate);
      if (signal?.aborted) throw GraftError.cancelled('Training');
      const count = Math.min(batch, images - start);
      for (let i = 0; i < count; i++) inputs.readValidation(start + i, x, i * size);
      const seen = await this.#seeing.run({ x });
      features.set(seen.features.data.subarray(0, count * width), start * width);
      logits.set(seen.logits.data.subarray(0, count * units), start * units);
    }
    return { features, logits };
  }
}
