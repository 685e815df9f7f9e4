import * as tf from '@tensorflow/tfjs-core';
import type { Sample } from '../contract/dataset.ts';
import type { ProgressListener } from '../contract/progress.ts';
import { GraftError } from '../contract/errors.ts';
import type { Executor, Program } from '../engine/index.ts';
import { applyNetwork, backboneStages, type Model, preprocess } from '../models/index.ts';
import { ProgressMeter } from '../platform/progress-meter.ts';
import type { ImageSource } from '../training/index.ts';

/** Vectors in rows. */
export interface Features {
  /** `[count, size]` */
  values: Float32Array;
  size: number;
}

const BATCH = 16;

/** What a backbone sees in images: the mean over all places of what it ends with. `image` in [0, 1] → `features` `[batch, size]`. */
function featureProgram({ network, preprocessing, imageChannels }: Model, batch: number): Program {
  const [height, width, channels] = network.inputShape;
  const to = backboneStages(network).at(-1)!;
  return {
    name: `${network.name} features`,
    inputs: { image: { shape: [batch, height, width, imageChannels], dtype: 'float32' } },
    body: ({ image }, scope) => {
      const x = preprocess(image as tf.Tensor4D, channels, preprocessing);
      const end = applyNetwork(network, scope, x, { to });
      const places = end.shape.slice(1, -1).map((_, at) => at + 1);
      return { features: places.length > 0 ? tf.mean(end, places) : end };
    },
  };
}

/**
 * Features of images by a model as it is, augmentation and head left aside.
 *
 * @param alter changes an image `[height, width, channels]` before the network sees it. Default: nothing
 */
export async function frozenFeatures(
  model: Model,
  samples: readonly Pick<Sample, 'cacheIndex'>[],
  images: ImageSource,
  executor: Executor,
  options: {
    alter?: (image: Float32Array) => void;
    signal?: AbortSignal;
    onProgress?: ProgressListener;
    phase?: string;
  } = {},
): Promise<Features> {
  const length = images.height * images.width * images.channels;
  const phase = options.phase ?? 'Computing features';
  const meter = new ProgressMeter(phase, 'images', samples.length, options.onProgress);
  const compiled = await executor.compile(featureProgram(model, BATCH), model.parameters, {
    constants: 'all',
  });
  try {
    let values: Float32Array | null = null;
    let size = 0;
    for (let start = 0; start < samples.length; start += BATCH) {
      await new Promise(setImmediate);
      if (options.signal?.aborted) throw GraftError.cancelled('Computing features');
      const image = new Float32Array(BATCH * length);
      const count = Math.min(BATCH, samples.length - start);
      for (let at = 0; at < count; at++) {
        images.read(samples[start + at].cacheIndex, image, at * length);
        options.alter?.(image.subarray(at * length, (at + 1) * length));
      }
      const { features } = await compiled.run({ image });
      size = features.shape[1];
      values ??= new Float32Array(samples.length * size);
      values.set((features.data as Float32Array).subarray(0, count * size), start * size);
      meter.advance(count);
    }
    meter.finish();
    return { values: values ?? new Float32Array(0), size };
  } finally {
    await compiled.dispose();
  }
}
