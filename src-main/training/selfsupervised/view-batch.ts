import type { ViewConfig } from '../../contract/self-supervision.ts';
import type { ImageSize } from '../augment.ts';
import { makeView } from './views.ts';

/** Images of a batch, and which views of them are wanted. */
export interface ViewTask {
  /** `[count, height, width, channels]` in [0, 1]. */
  pixels: Float32Array;
  /** Of each image: `sampleKey`. */
  keys: string[];
  size: ImageSize;
  config: ViewConfig;
  seed: number;
  epoch: number;
}

/** The two views of each image, shaped as the images were. */
export interface ViewBatch {
  first: Float32Array;
  second: Float32Array;
}

/** Makes both views of every image of a batch. */
export function makeViews({ pixels, keys, size, config, seed, epoch }: ViewTask): ViewBatch {
  const length = size.height * size.width * size.channels;
  const first = new Float32Array(pixels.length);
  const second = new Float32Array(pixels.length);
  keys.forEach((key, at) => {
    const image = pixels.subarray(at * length, (at + 1) * length);
    first.set(makeView(image, size, config, { seed, key, epoch, view: 0 }), at * length);
    second.set(makeView(image, size, config, { seed, key, epoch, view: 1 }), at * length);
  });
  return { first, second };
}
