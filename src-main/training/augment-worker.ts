import type { AugmentationConfig } from '../contract/augmentation.ts';
import { serveTasks } from '../platform/worker-pool.ts';
import { augmentImage, type ImageSize } from './augment.ts';

/** Images to be drawn in one version. */
export interface AugmentTask {
  /** `[images, height, width, channels]` as they are. */
  pixels: Float32Array;
  size: ImageSize;
  config: AugmentationConfig;
  seed: number;
  /** Names of the images: `sampleKey`. */
  keys: string[];
  version: number;
}

/** Draws versions of images: the very ones that `augmentImage` draws anywhere else. */
serveTasks<AugmentTask, Float32Array>(({ pixels, size, config, seed, keys, version }) => {
  const length = size.height * size.width * size.channels;
  keys.forEach((key, at) => {
    augmentImage(pixels.subarray(at * length, (at + 1) * length), size, config, seed, key, version);
  });
  return pixels;
});
