import type { QualityProblem } from '../contract/checks.ts';
import { grey } from './picture.ts';

/** What is measured of one image, in shares of black to white. */
export interface ImageQuality {
  /** Between the largest and the smallest value. */
  range: number;
  /** Between the 99th and the 1st percentile. */
  contrast: number;
  /** Share of pixels at the very top. */
  clipped: number;
  /** Standard deviation of the noise (Immerkær 1996). */
  noise: number;
}

/** Less than two steps of 8 bits. */
const CONSTANT = 2 / 255;
/** As scikit-image's `is_low_contrast`, but wider: a twentieth of the range looks uniformly grey. */
const LOW_CONTRAST = 0.1;
/** White saturation of so much of an image hides what is there; black around a patient is nothing of the kind. */
const CLIPPED = 0.2;
/** Noise that is out of the ordinary among these images, and can be seen. */
const [NOISY, DEVIATIONS] = [0.03, 5];

/** @param image `[height, width, channels]` in [0, 1] */
export function measureQuality(
  image: Float32Array,
  height: number,
  width: number,
  channels: number,
): ImageQuality {
  const values = grey(image, channels);
  const sorted = values.slice().sort();
  const at = (share: number): number => sorted[Math.round(share * (sorted.length - 1))];
  return {
    range: at(1) - at(0),
    contrast: at(0.99) - at(0.01),
    clipped: values.reduce((count, value) => count + Number(value >= 0.998), 0) / values.length,
    noise: noiseOf(values, height, width),
  };
}

/** By how far each pixel departs from what its neighbours foretell: √(π/2) times the mean of a Laplacian difference that edges hardly move. */
function noiseOf(values: Float32Array, height: number, width: number): number {
  if (height < 3 || width < 3) return 0;
  let sum = 0;
  for (let row = 1; row < height - 1; row++)
    for (let column = 1; column < width - 1; column++) {
      const v = (down: number, across: number): number => values[(row + down) * width + column + across];
      const corners = v(-1, -1) + v(-1, 1) + v(1, -1) + v(1, 1);
      const sides = v(-1, 0) + v(1, 0) + v(0, -1) + v(0, 1);
      sum += Math.abs(corners - 2 * sides + 4 * v(0, 0));
    }
  return (Math.sqrt(Math.PI / 2) * sum) / (6 * (height - 2) * (width - 2));
}

/** What is wrong with each of these images; noise is compared with that of the others. */
export function qualityProblemsOf(measured: readonly ImageQuality[]): QualityProblem[][] {
  const noises = measured.map(({ noise }) => noise).sort((a, b) => a - b);
  const middle = noises[Math.floor(noises.length / 2)] ?? 0;
  const spread =
    noises.map((noise) => Math.abs(noise - middle)).sort((a, b) => a - b)[Math.floor(noises.length / 2)] ?? 0;
  // 1.4826 times the median deviation is the standard deviation of a normal distribution.
  const noisy = Math.max(NOISY, middle + DEVIATIONS * 1.4826 * spread);
  return measured.map(({ range, contrast, clipped, noise }): QualityProblem[] => {
    if (range < CONSTANT) return ['constant'];
    return [
      ...(contrast < LOW_CONTRAST ? (['low-contrast'] as const) : []),
      ...(clipped > CLIPPED ? (['clipped'] as const) : []),
      ...(noise > noisy ? (['noisy'] as const) : []),
    ];
  });
}
