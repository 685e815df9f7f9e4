import type { AugmentationConfig } from '../contract/training.ts';
import { RandomStream } from '../platform/random.ts';

/** The size of an image `[height, width, channels]`. */
export interface ImageSize {
  height: number;
  width: number;
  channels: number;
}

/** Whether the configuration changes anything at all. */
export function augments(config: AugmentationConfig): boolean {
  const { flipHorizontal, flipVertical, rotate, shift, zoom, intensity, noise } = config;
  return flipHorizontal || flipVertical || [rotate, shift, zoom, intensity, noise].some((by) => by > 0);
}

/**
 * One version of an image, reproducible from seed, image and version alone. Version 0 is the image itself. What is
 * turned or shifted in from outside is black; values stay in [0, 1]. Brightness, contrast and noise are the same on
 * all channels, so that grey stays grey.
 *
 * @param image `[height, width, channels]` in [0, 1]; it is changed in place
 * @param key names the image: `sampleKey`
 */
export function augmentImage(
  image: Float32Array,
  size: ImageSize,
  config: AugmentationConfig,
  seed: number,
  key: string,
  version: number,
): void {
  if (version === 0 || !augments(config)) return;
  const stream = new RandomStream(seed, 'augment', key, version);
  // Every setting draws, used or not: switching one off leaves the others as they were.
  const flipX = stream.uniform() < 0.5 && config.flipHorizontal;
  const flipY = stream.uniform() < 0.5 && config.flipVertical;
  const angle = (stream.uniform(-config.rotate, config.rotate) * Math.PI) / 180;
  const scale = 1 + stream.uniform(-config.zoom, config.zoom);
  const down = stream.uniform(-config.shift, config.shift) * size.height;
  const right = stream.uniform(-config.shift, config.shift) * size.width;
  const brightness = stream.uniform(-config.intensity, config.intensity);
  const contrast = 1 + stream.uniform(-config.intensity, config.intensity);
  if (flipX || flipY || angle !== 0 || scale !== 1 || down !== 0 || right !== 0) {
    const moved = moveImage(image, size, {
      angle,
      scaleX: flipX ? -scale : scale,
      scaleY: flipY ? -scale : scale,
      down,
      right,
    });
    image.set(moved);
  }
  changeIntensity(image, size.channels, brightness, contrast, config.noise, stream);
}

/** Scale and turn about the centre, then shift, in pixels. */
export interface Affine {
  /** Radians, clockwise on the screen. */
  angle: number;
  scaleX: number;
  scaleY: number;
  down: number;
  right: number;
}

/** Moves an image, bilinearly between pixels, black outside. */
export function moveImage(image: Float32Array, size: ImageSize, affine: Affine): Float32Array {
  const { height, width, channels } = size;
  const result = new Float32Array(image.length);
  const centreY = (height - 1) / 2;
  const centreX = (width - 1) / 2;
  const cos = Math.cos(affine.angle);
  const sin = Math.sin(affine.angle);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const dy = y - centreY - affine.down;
      const dx = x - centreX - affine.right;
      const sourceX = (cos * dx + sin * dy) / affine.scaleX + centreX;
      const sourceY = (cos * dy - sin * dx) / affine.scaleY + centreY;
      const left = Math.floor(sourceX);
      const top = Math.floor(sourceY);
      if (left < -1 || top < -1 || left >= width || top >= height) continue;
      const shareX = sourceX - left;
      const shareY = sourceY - top;
      const to = (y * width + x) * channels;
      for (let corner = 0; corner < 4; corner++) {
        const row = top + (corner >> 1);
        const column = left + (corner & 1);
        if (row < 0 || column < 0 || row >= height || column >= width) continue;
        const weight = (corner >> 1 ? shareY : 1 - shareY) * (corner & 1 ? shareX : 1 - shareX);
        if (weight === 0) continue;
        const from = (row * width + column) * channels;
        for (let c = 0; c < channels; c++) result[to + c] += weight * image[from + c];
      }
    }
  }
  return result;
}

function changeIntensity(
  image: Float32Array,
  channels: number,
  brightness: number,
  contrast: number,
  noise: number,
  stream: RandomStream,
): void {
  for (let at = 0; at < image.length; at += channels) {
    const added = brightness + (noise > 0 ? stream.normal(0, noise) : 0);
    for (let c = at; c < at + channels; c++) {
      const value = (image[c] - 0.5) * contrast + 0.5 + added;
      image[c] = value < 0 ? 0 : value > 1 ? 1 : value;
    }
  }
}
