/** Percentiles that grey scales are compared at: the ends without outliers, and the deciles (landmark set L4 of the paper). */
export const landmarkPercentiles = [1, 10, 20, 30, 40, 50, 60, 70, 80, 90, 99] as const;

/**
 * Where the percentiles of an image lie (Nyúl and Udupa 1999), interpolated between neighbours as NumPy does. A black frame, with which an
 * image was filled up, does not count. The paper also leaves out all below the mean, which in CT would be the lung.
 *
 * @param pixels `[height, width, channels]`
 * @returns null where the image is black all over
 */
export function landmarksOf(
  pixels: Float32Array,
  [height, width, channels]: readonly [number, number, number],
): Float64Array | null {
  let [top, bottom, left, right] = [height, -1, width, -1];
  for (let at = 0; at < pixels.length; at++) {
    if (!(pixels[at] > 0)) continue;
    const pixel = Math.floor(at / channels);
    const [y, x] = [Math.floor(pixel / width), pixel % width];
    [top, bottom] = [Math.min(top, y), Math.max(bottom, y)];
    [left, right] = [Math.min(left, x), Math.max(right, x)];
  }
  if (bottom < 0) return null;
  const row = (right + 1 - left) * channels;
  const seen = new Float32Array((bottom + 1 - top) * row);
  for (let y = top; y <= bottom; y++) {
    const from = (y * width + left) * channels;
    seen.set(pixels.subarray(from, from + row), (y - top) * row);
  }
  seen.sort();
  return Float64Array.from(landmarkPercentiles, (percentile) => {
    const at = ((seen.length - 1) * percentile) / 100;
    const below = Math.floor(at);
    const above = Math.min(seen.length - 1, below + 1);
    return seen[below] + (at - below) * (seen[above] - seen[below]);
  });
}

/** The standard scale of a set of images: the mean of each landmark. */
export function standardScale(landmarks: readonly Float64Array[]): Float64Array {
  return Float64Array.from(
    landmarkPercentiles,
    (_, at) => landmarks.reduce((sum, own) => sum + own[at], 0) / landmarks.length,
  );
}

/**
 * Maps an image onto a scale, linearly between landmarks; black stays black and white stays white.
 *
 * @param strength 1: all the way; 0: not at all
 */
export function mapToScale(pixels: Float32Array, own: Float64Array, scale: Float64Array, strength = 1): void {
  const from = [0, ...own, 1];
  const to = [0, ...scale, 1];
  for (let i = 0; i < pixels.length; i++) {
    const mapped = interpolate(pixels[i], from, to);
    pixels[i] += strength * (mapped - pixels[i]);
  }
}

function interpolate(value: number, from: readonly number[], to: readonly number[]): number {
  if (value <= 0) return 0;
  let at = 1;
  while (at < from.length - 1 && value > from[at]) at++;
  const width = from[at] - from[at - 1];
  if (width <= 0) return to[at];
  const share = Math.min(1, (value - from[at - 1]) / width);
  return to[at - 1] + share * (to[at] - to[at - 1]);
}
