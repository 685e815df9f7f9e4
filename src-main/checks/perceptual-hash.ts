import { axisAverages } from './picture.ts';

/** Side of the picture that is looked at, and how many of its slowest waves count in each direction. */
const SIDE = 32;
const WAVES = 8;

/** Cosine transform of type II: `[wave][position]`. */
const COSINES = Array.from({ length: WAVES }, (_, wave) =>
  Float64Array.from({ length: SIDE }, (__, at) => Math.cos((Math.PI / SIDE) * (at + 0.5) * wave)),
);

/**
 * A hash of 63 bits that stays nearly the same when a picture is scaled, brightened, compressed or written anew (Zauner 2010): signs of its slow waves
 * against their median. The mean of the picture is left out.
 *
 * @param image `[height, width, channels]`
 */
export function perceptualHash(image: Float32Array, height: number, width: number, channels: number): bigint {
  const small = axisAverages(image, height, width, channels, SIDE);
  const waves: number[] = [];
  for (let down = 0; down < WAVES; down++)
    for (let across = 0; across < WAVES; across++) {
      if (down === 0 && across === 0) continue;
      let sum = 0;
      for (let row = 0; row < SIDE; row++)
        for (let column = 0; column < SIDE; column++)
          sum += small[row * SIDE + column] * COSINES[down][row] * COSINES[across][column];
      waves.push(sum);
    }
  const median = [...waves].sort((a, b) => a - b)[Math.floor(waves.length / 2)];
  return waves.reduce((hash, wave, at) => (wave > median ? hash | (1n << BigInt(at)) : hash), 0n);
}

/** Bits that differ. */
export function hammingDistance(first: bigint, second: bigint): number {
  let bits = first ^ second;
  let count = 0;
  for (; bits > 0n; bits &= bits - 1n) count++;
  return count;
}
