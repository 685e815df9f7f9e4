import type * as tf from '@tensorflow/tfjs-core';
import type { Sample } from '../contract/dataset.ts';
import { GraftError } from '../contract/errors.ts';
import type { ProgressListener } from '../contract/progress.ts';
import { type Executor, type Program, sizeOf } from '../engine/index.ts';
import {
  applyNetwork,
  featureLayer,
  type Model,
  outputShapes,
  preprocess,
  probabilitiesOf,
} from '../models/index.ts';
import { ProgressMeter } from '../platform/progress-meter.ts';
import { type ImageSource, requireImageSize } from '../training/index.ts';

/** What a model makes of images, row by row in their order. */
export interface Observation {
  /** `[images, width]`: what the classes are read off. */
  features: Float32Array;
  width: number;
  /** `[images, units]`: the head’s own numbers; one for two classes that share a sigmoid. */
  logits: Float32Array;
  units: number;
  /** `[images, classes]` */
  probabilities: Float32Array;
  classes: number;
}

export interface ObserveOptions {
  /** Default 16. */
  batchSize?: number;
  onProgress?: ProgressListener;
  signal?: AbortSignal;
}

/**
 * Features, logits and probabilities of images as at inference, in one pass: what distances between domains, pseudo-labels and maps are
 * computed from. Labels are not looked at.
 *
 * @throws GraftError `image-size`, `cancelled`
 */
export async function observe(
  model: Model,
  samples: readonly Sample[],
  images: Pick<ImageSource, 'height' | 'width' | 'channels' | 'read'>,
  executor: Executor,
  options: ObserveOptions = {},
): Promise<Observation> {
  requireImageSize(model, images);
  const { network } = model;
  const { height, width } = images;
  const shapes = outputShapes(network);
  const features = sizeOf(shapes.get(featureLayer(network))!);
  const units = sizeOf(shapes.get(network.layers.at(-1)!.name)!);
  const classes = model.classes.length;
  const result: Observation = {
    features: new Float32Array(samples.length * features),
    width: features,
    logits: new Float32Array(samples.length * units),
    units,
    probabilities: new Float32Array(samples.length * classes),
    classes,
  };
  if (samples.length === 0) return result;
  const batch = Math.min(options.batchSize ?? 16, samples.length);
  const size = height * width * images.channels;
  const meter = new ProgressMeter('Looking at images', 'images', samples.length, options.onProgress);
  const compiled = await executor.compile(observingProgram(model, batch), model.parameters, {
    constants: 'all',
  });
  try {
    const image = new Float32Array(batch * size);
    for (let start = 0; start < samples.length; start += batch) {
      await new Promise(setImmediate);
      if (options.signal?.aborted) throw GraftError.cancelled('Looking at images');
      const count = Math.min(batch, samples.length - start);
      for (let i = 0; i < count; i++) images.read(samples[start + i].cacheIndex, image, i * size);
      const outputs = await compiled.run({ image });
      const keep = (into: Float32Array, name: string, each: number): void =>
        into.set(outputs[name].data.subarray(0, count * each), start * each);
      keep(result.features, 'features', features);
      keep(result.logits, 'logits', units);
      keep(result.probabilities, 'probabilities', classes);
      meter.advance(count);
    }
  } finally {
    await compiled.dispose();
  }
  meter.finish();
  return result;
}

/** `image` `[batch, height, width, channels]` in [0, 1] → `features`, `logits`, `probabilities`. */
function observingProgram(model: Model, batch: number): Program {
  const { network, preprocessing, imageChannels } = model;
  const [height, width, channels] = network.inputShape;
  const wanted = featureLayer(network);
  return {
    name: `${network.name}, observed`,
    inputs: { image: { shape: [batch, height, width, imageChannels], dtype: 'float32' } },
    body: ({ image }, scope) => {
      let features: tf.Tensor | undefined;
      const x = preprocess(image as tf.Tensor4D, channels, preprocessing);
      const logits = applyNetwork(network, scope, x, {
        visit: (layer, output) => {
          if (layer === wanted) features = output;
        },
      }) as tf.Tensor2D;
      return { features: features!, logits, probabilities: probabilitiesOf(model, logits) };
    },
  };
}
