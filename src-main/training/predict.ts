import type { AugmentationConfig } from '../contract/augmentation.ts';
import type { Sample } from '../contract/dataset.ts';
import { GraftError } from '../contract/errors.ts';
import type { ProgressListener } from '../contract/progress.ts';
import type { Executor } from '../engine/index.ts';
import { inferenceProgram, type Model } from '../models/index.ts';
import { allFinite } from '../platform/all-finite.ts';
import { ProgressMeter } from '../platform/progress-meter.ts';
import { augmentImage } from './augment.ts';
import { type ImageSource, sampleKey } from './data.ts';

export interface PredictOptions {
  /** Default 16. */
  batchSize?: number;
  onProgress?: ProgressListener;
  signal?: AbortSignal;
  /** Judges so many altered versions of each image beside it and gives the mean of the probabilities. Default: the image alone. */
  versions?: { count: number; augmentation: AugmentationConfig; seed: number };
}

/**
 * What a model says of images, without dropout, and without augmentation unless versions are asked for.
 *
 * @returns probabilities `[images, classes]`, row by row in the order of the samples
 * @throws GraftError `image-size` when the images are not those the model was made for, `answers-no-numbers`
 */
export async function predict(
  model: Model,
  samples: readonly Sample[],
  images: ImageSource,
  executor: Executor,
  options: PredictOptions = {},
): Promise<Float32Array> {
  requireImageSize(model, images);
  const { height, width } = images;
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
    const {
      count: versions,
      augmentation,
      seed,
    } = options.versions ?? { count: 0, augmentation: null, seed: 0 };
    for (let start = 0; start < samples.length; start += batch) {
      await new Promise(setImmediate);
      if (options.signal?.aborted) throw GraftError.cancelled('Predicting');
      const count = Math.min(batch, samples.length - start);
      for (let version = 0; version <= versions; version++) {
        for (let i = 0; i < count; i++) {
          const sample = samples[start + i];
          images.read(sample.cacheIndex, image, i * size);
          if (augmentation)
            augmentImage(
              image.subarray(i * size, (i + 1) * size),
              images,
              augmentation,
              seed,
              sampleKey(sample),
              version,
            );
        }
        const { probabilities } = await compiled.run({ image });
        if (!allFinite(probabilities.data, count * classes)) throw noNumbers();
        for (let at = 0; at < count * classes; at++)
          result[start * classes + at] += probabilities.data[at] / (versions + 1);
      }
      meter.advance(count);
    }
  } finally {
    await compiled.dispose();
  }
  meter.finish();
  return result;
}

/** Whoever ranks answers would look for the place of such a one for ever. */
const noNumbers = (): GraftError =>
  new GraftError(
    'answers-no-numbers',
    'Expected the model to answer with probabilities, found answers that are no numbers: its weights overflow. Train it again at a lower rate.',
  );

/**
 * That images are what a model takes.
 *
 * @throws GraftError `image-size`
 */
export function requireImageSize(
  { network, imageChannels }: Model,
  images: Pick<ImageSource, 'height' | 'width' | 'channels'>,
): void {
  const [height, width] = network.inputShape;
  if (images.height === height && images.width === width && images.channels === imageChannels) return;
  throw new GraftError(
    'image-size',
    `Expected images of ${height}×${width} with ${imageChannels} channels for this model, found ${images.height}×${images.width} with ${images.channels}. Prepare the dataset at that size.`,
  );
}
