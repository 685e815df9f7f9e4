import type { ViewConfig } from '../../contract/self-supervision.ts';
import { RandomStream } from '../../platform/random.ts';
import { type ImageSize, moveImage } from '../augment.ts';

/** Which view of an image: two of each in an epoch. */
export interface ViewName {
  seed: number;
  /** Names the image: `sampleKey`. */
  key: string;
  epoch: number;
  view: 0 | 1;
}

/**
 * One view of an image, reproducible from its name alone: cropped and enlarged to the whole size, turned, brightness, contrast and gamma
 * changed, half of the time blurred, with noise. What is turned in from outside is black; values stay in [0, 1]; all channels are changed alike, so
 * that grey stays grey.
 *
 * @param image `[height, width, channels]` in [0, 1]; it stays as it is
 */
export function makeView(
  image: Float32Array,
  size: ImageSize,
  config: ViewConfig,
  { seed, key, epoch, view }: ViewName,
): Float32Array {
  const stream = new RandomStream(seed, 'view', key, epoch, view);
  // Every setting draws, used or not: switching one off leaves the others as they were.
  const zoom = 1 / Math.sqrt(stream.uniform(config.scale, 1));
  const angle = (stream.uniform(-config.rotate, config.rotate) * Math.PI) / 180;
  const flipX = stream.uniform() < 0.5 && config.flipHorizontal;
  const flipY = stream.uniform() < 0.5 && config.flipVertical;
  // The crop lies anywhere inside the image.
  const down = stream.uniform(-0.5, 0.5) * (zoom - 1) * (size.height - 1);
  const right = stream.uniform(-0.5, 0.5) * (zoom - 1) * (size.width - 1);
  const brightness = stream.uniform(-config.intensity, config.intensity);
  const contrast = 1 + stream.uniform(-config.intensity, config.intensity);
  const gamma = config.gamma ** stream.uniform(-1, 1);
  const blurred = stream.uniform() < 0.5;
  const deviation = stream.uniform(0, config.blur) * size.width;
  const noise = stream.uniform(0, config.noise);
  const moved = moveImage(image, size, {
    angle,
    scaleX: flipX ? -zoom : zoom,
    scaleY: flipY ? -zoom : zoom,
    down,
    right,
  });
  if (blurred && deviation > LEAST_BLUR) blur(moved, size, deviation);
  changeValues(moved, size.channels, { brightness, contrast, gamma, noise }, stream);
  return moved;
}

/** Below this many pixels a blur changes nothing that could be seen. */
const LEAST_BLUR = 0.2;

/** Gaussian blur in place, along rows and then along columns; at the border the outermost pixel goes on. */
export function blur(image: Float32Array, { height, width, channels }: ImageSize, deviation: number): void {
  const radius = Math.ceil(3 * deviation);
  const kernel = Float64Array.from({ length: 2 * radius + 1 }, (_, at) =>
    Math.exp(-((at - radius) ** 2) / (2 * deviation ** 2)),
  );
  const sum = kernel.reduce((total, weight) => total + weight, 0);
  const line = new Float64Array(Math.max(height, width));
  const along = (start: number, step: number, count: number): void => {
    for (let i = 0; i < count; i++) line[i] = image[start + i * step];
    for (let i = 0; i < count; i++) {
      let value = 0;
      for (let k = -radius; k <= radius; k++)
        value += kernel[k + radius] * line[Math.min(count - 1, Math.max(0, i + k))];
      image[start + i * step] = value / sum;
    }
  };
  for (let c = 0; c < channels; c++) {
    for (let y = 0; y < height; y++) along(y * width * channels + c, channels, width);
    for (let x = 0; x < width; x++) along(x * channels + c, width * channels, height);
  }
}

function changeValues(
  image: Float32Array,
  channels: number,
  change: { brightness: number; contrast: number; gamma: number; noise: number },
  stream: RandomStream,
): void {
  const { brightness, contrast, gamma, noise } = change;
  for (let at = 0; at < image.length; at += channels) {
    const added = noise > 0 ? stream.normal(0, noise) : 0;
    for (let c = at; c < at + channels; c++) {
      const value = (within(image[c]) ** gamma - 0.5) * contrast + 0.5 + brightness + added;
      image[c] = within(value);
    }
  }
}

const within = (value: number): number => (value < 0 ? 0 : value > 1 ? 1 : value);
