import { axisWeights } from '../../cohort/resize.ts';
import type { ImageSize } from './image-size.ts';

/** Convolves with a Gaussian, along rows and then along columns; beyond the border its last pixel goes on. */
export function blurImage(image: Float32Array, size: ImageSize, deviation: number): Float32Array {
  const radius = Math.ceil(3 * deviation);
  const kernel = Float64Array.from({ length: 2 * radius + 1 }, (_, at) =>
    Math.exp(-((at - radius) ** 2) / (2 * deviation ** 2)),
  );
  const sum = kernel.reduce((total, value) => total + value, 0);
  for (let at = 0; at < kernel.length; at++) kernel[at] /= sum;
  const { height, width, channels } = size;
  const rowStep = width * channels;
  const along = convolve(
    image,
    kernel,
    { lines: height, lineStep: rowStep, length: width, step: channels },
    channels,
  );
  return convolve(
    along,
    kernel,
    { lines: width, lineStep: channels, length: height, step: rowStep },
    channels,
  );
}

interface Lines {
  lines: number;
  lineStep: number;
  length: number;
  step: number;
}

function convolve(image: Float32Array, kernel: Float64Array, lines: Lines, channels: number): Float32Array {
  const result = new Float32Array(image.length);
  const radius = kernel.length >> 1;
  const last = lines.length - 1;
  for (let line = 0; line < lines.lines; line++) {
    for (let at = 0; at <= last; at++) {
      for (let c = 0; c < channels; c++) {
        const start = line * lines.lineStep + c;
        let sum = 0;
        for (let k = -radius; k <= radius; k++) {
          const from = at + k < 0 ? 0 : at + k > last ? last : at + k;
          sum += kernel[k + radius] * image[start + from * lines.step];
        }
        result[start + at * lines.step] = sum;
      }
    }
  }
  return result;
}

/** Unsharp masking: `amount` times what a blur of one pixel takes away is added. In place. */
export function sharpenImage(image: Float32Array, size: ImageSize, amount: number): void {
  const blurred = blurImage(image, size, 1);
  for (let i = 0; i < image.length; i++) {
    const value = image[i] + amount * (image[i] - blurred[i]);
    image[i] = value < 0 ? 0 : value > 1 ? 1 : value;
  }
}

/** Takes away a share of the resolution and makes up for it by interpolation: averages over areas, then bilinear. */
export function loseResolution(image: Float32Array, size: ImageSize, share: number): Float32Array {
  const { height, width, channels } = size;
  const rows = Math.max(1, Math.round(height * (1 - share)));
  const columns = Math.max(1, Math.round(width * (1 - share)));
  const narrow = resizeAxis(image, { lines: height, length: width, to: columns, inner: channels });
  const small = resizeAxis(narrow, { lines: 1, length: height, to: rows, inner: columns * channels });
  const wide = resizeAxis(small, { lines: rows, length: columns, to: width, inner: channels });
  return resizeAxis(wide, { lines: 1, length: rows, to: height, inner: width * channels });
}

/** `[lines, length, inner]` → `[lines, to, inner]` */
function resizeAxis(
  image: Float32Array,
  { lines, length, to, inner }: { lines: number; length: number; to: number; inner: number },
): Float32Array {
  const { first, count, weights, most } = axisWeights(length, to);
  const result = new Float32Array(lines * to * inner);
  for (let line = 0; line < lines; line++) {
    for (let at = 0; at < to; at++) {
      for (let k = 0; k < count[at]; k++) {
        const weight = weights[at * most + k];
        const from = (line * length + first[at] + k) * inner;
        const into = (line * to + at) * inner;
        for (let i = 0; i < inner; i++) result[into + i] += weight * image[from + i];
      }
    }
  }
  return result;
}
