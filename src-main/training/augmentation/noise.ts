import type { RandomStream } from '../../platform/random.ts';

/** What noise makes of a value: `draw` gives normal numbers of deviation 1, always as many. */
type Noise = (value: number, draws: readonly number[]) => number;

/** Changes each pixel by noise that is the same on all its channels, so that grey stays grey. In place. */
function addNoise(
  image: Float32Array,
  channels: number,
  stream: RandomStream,
  draws: number,
  noise: Noise,
): void {
  const drawn = Array.from({ length: draws }, () => 0);
  for (let at = 0; at < image.length; at += channels) {
    for (let i = 0; i < draws; i++) drawn[i] = stream.normal();
    for (let c = at; c < at + channels; c++) {
      const value = noise(image[c], drawn);
      image[c] = value < 0 ? 0 : value > 1 ? 1 : value;
    }
  }
}

/** The magnitude of a complex value with noise on both parts, as MR reconstructs it (Gudbjartsson and Patz 1995). */
export function addRicianNoise(
  image: Float32Array,
  channels: number,
  deviation: number,
  stream: RandomStream,
): void {
  addNoise(image, channels, stream, 2, (value, [real, imaginary]) =>
    Math.hypot(value + deviation * real, deviation * imaginary),
  );
}

/**
 * Noise whose deviation grows with the root of the value, as that of counted photons does: a Poisson distribution of mean
 * `value / deviation²`, taken as normal.
 */
export function addQuantumNoise(
  image: Float32Array,
  channels: number,
  deviation: number,
  stream: RandomStream,
): void {
  addNoise(image, channels, stream, 1, (value, [drawn]) => value + deviation * Math.sqrt(value) * drawn);
}

/** Noise in proportion to the value: speckle of coherent sound. */
export function addSpeckle(
  image: Float32Array,
  channels: number,
  deviation: number,
  stream: RandomStream,
): void {
  addNoise(image, channels, stream, 1, (value, [drawn]) => value * (1 + deviation * drawn));
}
