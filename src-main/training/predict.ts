import type { Sample } from '../contract/dataset.ts';
import { GraftError } from '../contract/errors.ts';
import type { ProgressListener } from '../contract/progress.ts';
import type { Executor } from '../engine/index.ts';
import { inferenceProgram, type Model } from '../models/index.ts';
import { ProgressMeter } from '../platform/progress-meter.ts';
import type { ImageSource } from './data.ts';

export interface PredictOptions {
  /** Default 16. */
  batchSize?: number;
  onProgress?: ProgressListener;
  signal?: AbortSignal;
}

/**
 * What a model says of images, without augmentation or dropout.
 *
 * @returns probabilities `[images, classes]`, row by row in the order of the samples
 * @throws GraftError `image-size` when the images are not those the model was made for
 */
export async function predict(
  model: Model,
  samples: readonly Sample[],
  images: ImageSource,
  executor: Executor,
  options: PredictOptions = {},
): Promise<Float32Array> {
  const [height, width] = model.network.inputShape;
  if (images.height !== height || images.width !== width || images.channels !== model.imageChannels) {
    throw new GraftError(
      'image-size',
      `Expected images of ${height}×${width} with ${model.imageChannels} channels for this model, found ${images.height}×${images.width} with ${images.channels}. Prepare the dataset at that size.`,
    );
  }
  const classes = model.classes.length;
  const result = new Float32Array(samples.length * classes);
  if (samples.length === 0) return result;
  const batch = Math.min(options.batchSize ?? 16, samples.length);
  const size = height * width * images.channels;
  const meter = new ProgressMeter('Predicting', 'images', samples.length, options.onProgress);
  const compiled = await executor.compile(inferenceProgram(model, batch), model.parameters, {
    constants: 'all',
  });
  try {
    const image = new Float32Array(batch * size);
    for (let start = 0; start < samples.length; start += batch) {
      await new Promise(setImmediate);
      if (options.signal?.aborted) throw GraftError.cancelled('Predicting');
      const count = Math.min(batch, samples.length - start);
      for (let i = 0; i < count; i++) images.read(samples[start + i].cacheIndex, image, i * size);
      const { probabilities } = await compiled.run({ image });
      result.set((probabilities.data as Float32Array).subarray(0, count * classes), start * classes);
      meter.advance(count);
    }
  } finally {
    await compiled.dispose();
  }
  meter.finish();
  return result;
}
