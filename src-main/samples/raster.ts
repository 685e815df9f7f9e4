import type { RandomStream } from '../platform/random.ts';

/** A grey picture, row by row. */
export interface Raster {
  width: number;
  height: number;
  values: Float32Array;
}

export function raster(width: number, height: number): Raster {
  return { width, height, values: new Float32Array(width * height) };
}

/** 0 below `low`, 1 above `high`, Hermite between. */
export function smoothStep(low: number, high: number, value: number): number {
  const t = value <= low ? 0 : value >= high ? 1 : (value - low) / (high - low);
  return t * t * (3 - 2 * t);
}

/** A value kept within [low, high]. */
export function clamp(value: number, low = 0, high = 1): number {
  return value < low ? low : value > high ? high : value;
}

/** Gaussian blur in place, `sigma` in pixels; edges repeat. Nothing happens below 0.2 pixels. */
export function gaussianBlur(picture: Raster, sigma: number): void {
  if (sigma < 0.2) return;
  const reach = Math.ceil(2.5 * sigma);
  const weights = Float32Array.from({ length: 2 * reach + 1 }, (_, index) =>
    Math.exp(-((index - reach) ** 2) / (2 * sigma * sigma)),
  );
  const sum = weights.reduce((total, weight) => total + weight, 0);
  for (let index = 0; index < weights.length; index++) weights[index] /= sum;
  const { width, height, values } = picture;
  const line = new Float32Array(Math.max(width, height) + 2 * reach);
  for (let y = 0; y < height; y++) blurLine(values, y * width, 1, width, weights, line);
  for (let x = 0; x < width; x++) blurLine(values, x, width, height, weights, line);
}

function blurLine(
  values: Float32Array,
  start: number,
  stride: number,
  length: number,
  weights: Float32Array,
  line: Float32Array,
): void {
  const reach = (weights.length - 1) / 2;
  for (let index = 0; index < length; index++) line[index + reach] = values[start + index * stride];
  line.fill(line[reach], 0, reach);
  line.fill(line[length + reach - 1], length + reach, length + 2 * reach);
  for (let index = 0; index < length; index++) {
    let sum = 0;
    for (let tap = 0; tap < weights.length; tap++) sum += weights[tap] * line[index + tap];
    values[start + index * stride] = sum;
  }
}

/**
 * Value noise: random values on a lattice of `cell` pixels, interpolated smoothly. About uniform in [−1, 1] at the
 * lattice's points, smoother between.
 */
export function valueNoise(
  stream: RandomStream,
  width: number,
  height: number,
  cellX: number,
  cellY = cellX,
): Raster {
  const columns = Math.ceil(width / cellX) + 2;
  const rows = Math.ceil(height / cellY) + 2;
  const lattice = Float32Array.from({ length: columns * rows }, () => stream.uniform(-1, 1));
  const shiftX = stream.uniform();
  const shiftY = stream.uniform();
  const left = new Uint16Array(width);
  const weight = new Float32Array(width);
  for (let x = 0; x < width; x++) {
    const at = x / cellX + shiftX;
    left[x] = Math.floor(at);
    weight[x] = smoothStep(0, 1, at - left[x]);
  }
  const result = raster(width, height);
  for (let y = 0; y < height; y++) {
    const at = y / cellY + shiftY;
    const top = Math.floor(at);
    const down = smoothStep(0, 1, at - top);
    for (let x = 0; x < width; x++) {
      const first = top * columns + left[x];
      const second = first + columns;
      const upper = lattice[first] + weight[x] * (lattice[first + 1] - lattice[first]);
      const lower = lattice[second] + weight[x] * (lattice[second + 1] - lattice[second]);
      result.values[y * width + x] = upper + down * (lower - upper);
    }
  }
  return result;
}

const normals = new Float32Array(65_536);

/** Independent normal values, quickly: from a table of quantiles of the normal distribution, two at each draw. */
export function normalNoise(stream: RandomStream, length: number): Float32Array {
  if (normals[0] === 0) fillNormals();
  const result = new Float32Array(length);
  for (let index = 0; index < length; index += 2) {
    const bits = stream.uint32();
    result[index] = normals[bits & 0xffff];
    if (index + 1 < length) result[index + 1] = normals[bits >>> 16];
  }
  return result;
}

/** Quantiles by bisection-free inversion (Acklam's rational approximation, error below 1.2e-9 relative). */
function fillNormals(): void {
  for (let index = 0; index < normals.length; index++) {
    normals[index] = normalQuantile((index + 0.5) / normals.length);
  }
}

function normalQuantile(p: number): number {
  if (p > 0.5) return -normalQuantile(1 - p);
  const c = [-7.784894002430293e-3, -0.3223964580411365, -2.400758277161838, -2.549732539343734];
  if (p < 0.02425) {
    const q = Math.sqrt(-2 * Math.log(p));
    const top = ((((c[0] * q + c[1]) * q + c[2]) * q + c[3]) * q + 4.374664141464968) * q + 2.938163982698783;
    const d = [7.784695709041462e-3, 0.3224671290700398, 2.445134137142996, 3.754408661907416];
    return top / ((((d[0] * q + d[1]) * q + d[2]) * q + d[3]) * q + 1);
  }
  const q = p - 0.5;
  const r = q * q;
  const a = [-39.69683028665376, 220.9460984245205, -275.9285104469687, 138.357751867269, -30.66479806614716];
  const b = [
    -54.47609879822406, 161.5858368580409, -155.6989798598866, 66.80131188771972, -13.28068155288572,
  ];
  const top = ((((a[0] * r + a[1]) * r + a[2]) * r + a[3]) * r + a[4]) * r + 2.506628277459239;
  return (top * q) / (((((b[0] * r + b[1]) * r + b[2]) * r + b[3]) * r + b[4]) * r + 1);
}
