import * as tf from '@tensorflow/tfjs-core';
import type { Sample } from '../contract/dataset.ts';
import { GraftError } from '../contract/errors.ts';
import type { ProgressListener } from '../contract/progress.ts';
import { type Executor, type Program } from '../engine/index.ts';
import { applyNetwork, type LayerOf, type Model, preprocess } from '../models/index.ts';
import { ProgressMeter } from '../platform/progress-meter.ts';
import { RandomStream } from '../platform/random.ts';
import type { ImageSource } from '../training/index.ts';

export interface AdaBnOptions {
  /** Images that are normalised together; the more, the better. Default 64. */
  batchSize?: number;
  /** How far the averages go from the source’s (0) to the target’s (1). Default 1. */
  strength?: number;
  seed?: number;
  onProgress?: ProgressListener;
  signal?: AbortSignal;
}

/**
 * AdaBN (Li et al. 2017): the averages of each BatchNorm layer become those of target images, what comes before being normalised by theirs
 * already. No weight learns, no label is needed. In place.
 *
 * @throws GraftError `no-batch-normalization`, `images-too-few`, `cancelled`
 */
export async function adaptNormalization(
  model: Model,
  target: readonly Sample[],
  images: ImageSource,
  executor: Executor,
  { batchSize = 64, strength = 1, seed = 7, onProgress, signal }: AdaBnOptions = {},
): Promise<void> {
  const layers = normalizationLayers(model);
  if (target.length < 2) {
    throw new GraftError(
      'images-too-few',
      `Expected at least 2 target images to take averages of, found ${target.length}. Choose a larger target.`,
    );
  }
  const batch = Math.min(batchSize, target.length);
  const statistics = layers.flatMap(({ name }) => [`${name}/moving_mean`, `${name}/moving_variance`]);
  const { parameters } = model;
  const before = new Map(statistics.map((name) => [name, parameters.get(name).data.slice()]));
  const sums = layers.map(({ name }) => new Moments(parameters.get(`${name}/moving_mean`).data.length));
  const moving = new Set(statistics);
  const compiled = await executor.compile(normalizingProgram(model, batch), parameters, {
    constants: parameters.names.filter((name) => !moving.has(name)),
  });
  const meter = new ProgressMeter('Taking averages of target images', 'images', target.length, onProgress);
  try {
    const size = images.height * images.width * images.channels;
    const image = new Float32Array(batch * size);
    // In any order but that of the archive, where neighbours are alike; the last batch is filled up from the first.
    const order = new RandomStream(seed, 'target order').shuffle(target);
    for (let start = 0; start < order.length; start += batch) {
      await new Promise(setImmediate);
      if (signal?.aborted) throw GraftError.cancelled('Taking averages');
      for (let i = 0; i < batch; i++)
        images.read(order[(start + i) % order.length].cacheIndex, image, i * size);
      // From nothing, so that what the program leaves there is the batch’s own share.
      for (const name of statistics) parameters.get(name).data.fill(0);
      await compiled.run({ image });
      layers.forEach(({ name, config: { momentum } }, at) => {
        const of = (which: string): Float64Array =>
          Float64Array.from(
            parameters.get(`${name}/moving_${which}`).data,
            (value) => value / (1 - momentum),
          );
        sums[at].add(of('mean'), of('variance'));
      });
      meter.advance(Math.min(batch, order.length - start));
    }
  } catch (error) {
    for (const [name, data] of before) parameters.get(name).data.set(data);
    throw error;
  } finally {
    await compiled.dispose();
  }
  meter.finish();
  layers.forEach(({ name }, at) => {
    const { mean, variance } = sums[at];
    const set = (which: string, values: Float64Array): void => {
      const { data } = parameters.get(`${name}/moving_${which}`);
      const old = before.get(`${name}/moving_${which}`)!;
      for (let i = 0; i < data.length; i++) data[i] = old[i] + strength * (values[i] - old[i]);
    };
    set('mean', mean);
    set('variance', variance);
  });
}

/** @throws GraftError `no-batch-normalization` */
export function normalizationLayers({ network }: Pick<Model, 'network'>): LayerOf<'batchNormalization'>[] {
  const found = network.layers.filter((layer) => layer.kind === 'batchNormalization');
  if (found.length > 0) return found as LayerOf<'batchNormalization'>[];
  throw new GraftError(
    'no-batch-normalization',
    `Expected a network with BatchNorm layers, whose averages can be taken anew; ${network.name} has none. Choose another method.`,
  );
}

/** Means and variances of batches, made into those of all: the variance is that within batches and that between their means. */
class Moments {
  readonly #mean: Float64Array;
  readonly #square: Float64Array;
  readonly #within: Float64Array;
  #count = 0;

  constructor(channels: number) {
    this.#mean = new Float64Array(channels);
    this.#square = new Float64Array(channels);
    this.#within = new Float64Array(channels);
  }

  add(mean: Float64Array, variance: Float64Array): void {
    this.#count++;
    for (let i = 0; i < mean.length; i++) {
      this.#mean[i] += mean[i];
      this.#square[i] += mean[i] ** 2;
      this.#within[i] += variance[i];
    }
  }

  get mean(): Float64Array {
    return this.#mean.map((sum) => sum / this.#count);
  }

  get variance(): Float64Array {
    return this.#within.map((sum, i) => {
      const mean = this.#mean[i] / this.#count;
      return sum / this.#count + Math.max(0, this.#square[i] / this.#count - mean ** 2);
    });
  }
}

/** One pass with BatchNorm on the statistics of the batch, which it leaves in the moving averages. */
function normalizingProgram({ network, preprocessing, imageChannels }: Model, batch: number): Program {
  const [height, width, channels] = network.inputShape;
  return {
    name: `${network.name}, its averages`,
    inputs: { image: { shape: [batch, height, width, imageChannels], dtype: 'float32' } },
    body: ({ image }, scope) => {
      const logits = applyNetwork(network, scope, preprocess(image as tf.Tensor4D, channels, preprocessing), {
        batchNormalization: 'training',
      });
      return { done: tf.mean(logits) };
    },
  };
}
