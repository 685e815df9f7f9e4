/** Amplitudes and phases of the lowest frequencies of one channel; the rest follow, as the image is real. */
export interface LowFrequencies {
  /** Highest frequency, up and down, left and right. */
  reach: number;
  /** `[2 · reach + 1, reach + 1]`: rows from −reach to reach, columns from 0. */
  amplitude: Float64Array;
  phase: Float64Array;
}

/** Half the side of the window of a share β of the smaller side, as in the published code. */
export const reachOf = (height: number, width: number, share: number): number =>
  Math.floor(Math.min(height, width) * share);

/**
 * The lowest frequencies of an image’s discrete Fourier transform. Only these are computed, so that any size will do.
 *
 * @param pixels `[height, width, channels]` @param channel which one
 */
export function lowFrequencies(
  pixels: ArrayLike<number>,
  [height, width, channels]: readonly [number, number, number],
  channel: number,
  reach: number,
): LowFrequencies {
  const columns = reach + 1;
  const along = waves(width);
  const down = waves(height);
  // Along the rows first: [height, columns], real and imaginary.
  const real = new Float64Array(height * columns);
  const imaginary = new Float64Array(height * columns);
  for (let y = 0; y < height; y++) {
    for (let v = 0; v < columns; v++) {
      let [a, b] = [0, 0];
      for (let x = 0; x < width; x++) {
        const value = pixels[(y * width + x) * channels + channel];
        const turn = (v * x) % width;
        a += value * along.cos[turn];
        b -= value * along.sin[turn];
      }
      real[y * columns + v] = a;
      imaginary[y * columns + v] = b;
    }
  }
  const rows = 2 * reach + 1;
  const amplitude = new Float64Array(rows * columns);
  const phase = new Float64Array(rows * columns);
  for (let u = -reach; u <= reach; u++) {
    for (let v = 0; v < columns; v++) {
      let [a, b] = [0, 0];
      for (let y = 0; y < height; y++) {
        const turn = (((u * y) % height) + height) % height;
        const [re, im] = [real[y * columns + v], imaginary[y * columns + v]];
        a += re * down.cos[turn] + im * down.sin[turn];
        b += im * down.cos[turn] - re * down.sin[turn];
      }
      const at = (u + reach) * columns + v;
      amplitude[at] = Math.hypot(a, b);
      phase[at] = Math.atan2(b, a);
    }
  }
  return { reach, amplitude, phase };
}

/**
 * Fourier domain adaptation (Yang and Soatto 2020, equation 2): the image keeps its phases, and gets the amplitudes of another image in a
 * window of the lowest frequencies. In place; values are cut off at 0 and 1.
 *
 * @param wanted of the other image, channel by channel, all of the same reach
 */
export function swapAmplitudes(
  pixels: Float32Array,
  size: readonly [number, number, number],
  wanted: readonly LowFrequencies[],
): void {
  const [height, width, channels] = size;
  wanted.forEach(({ reach, amplitude }, channel) => {
    const own = lowFrequencies(pixels, size, channel, reach);
    const columns = reach + 1;
    const along = waves(width);
    const down = waves(height);
    for (let y = 0; y < height; y++) {
      // What is added to this row, by column frequency: [columns], real and imaginary.
      const real = new Float64Array(columns);
      const imaginary = new Float64Array(columns);
      for (let u = -reach; u <= reach; u++) {
        const turn = (((u * y) % height) + height) % height;
        for (let v = 0; v < columns; v++) {
          const at = (u + reach) * columns + v;
          // Columns from 1 stand for their mirror images as well.
          const more = (v === 0 ? 1 : 2) * (amplitude[at] - own.amplitude[at]);
          const [re, im] = [more * Math.cos(own.phase[at]), more * Math.sin(own.phase[at])];
          real[v] += re * down.cos[turn] - im * down.sin[turn];
          imaginary[v] += re * down.sin[turn] + im * down.cos[turn];
        }
      }
      for (let x = 0; x < width; x++) {
        let sum = 0;
        for (let v = 0; v < columns; v++) {
          const turn = (v * x) % width;
          sum += real[v] * along.cos[turn] - imaginary[v] * along.sin[turn];
        }
        const at = (y * width + x) * channels + channel;
        pixels[at] = Math.min(1, Math.max(0, pixels[at] + sum / (height * width)));
      }
    }
  });
}

/** Cosines and sines of all whole parts of a turn. */
function waves(parts: number): { cos: Float64Array; sin: Float64Array } {
  const angle = (at: number): number => (2 * Math.PI * at) / parts;
  return {
    cos: Float64Array.from({ length: parts }, (_, at) => Math.cos(angle(at))),
    sin: Float64Array.from({ length: parts }, (_, at) => Math.sin(angle(at))),
  };
}
