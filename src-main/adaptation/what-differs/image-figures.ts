/** A grey image in rows, 0 black to 1 white. */
export interface GreyImage {
  values: ArrayLike<number>;
  height: number;
  width: number;
}

/** What one image is like, whatever it shows. */
export interface ImageFigures {
  /** Mean grey, 0 to 1, of what is not background. */
  brightness: number;
  /** Standard deviation of the same. */
  contrast: number;
  /** Deviation of the noise. */
  noise: number;
  /** How fast detail falls off: the exponent β of the power spectrum f^−β. Larger: smoother, of lower resolution. */
  smoothness: number;
}

/** Darker than this is background: air, collimation, the bars that fill up a square. */
const BACKGROUND = 0.02;

/** All four of one image. */
export function imageFigures(image: GreyImage): ImageFigures {
  const { mean, deviation } = foreground(image);
  return {
    brightness: mean,
    contrast: deviation,
    noise: noiseDeviation(image),
    smoothness: spectralSlope(image),
  };
}

function foreground({ values }: GreyImage): { mean: number; deviation: number } {
  let [count, sum, squares] = [0, 0, 0];
  for (let i = 0; i < values.length; i++) {
    if (values[i] < BACKGROUND) continue;
    count++;
    sum += values[i];
    squares += values[i] ** 2;
  }
  if (count === 0) return { mean: 0, deviation: 0 };
  const mean = sum / count;
  return { mean, deviation: Math.sqrt(Math.max(0, squares / count - mean * mean)) };
}

/**
 * Deviation of the noise by the mean absolute answer of a mask that structures hardly touch: √(π/2) / 6 · mean |I ∗ (1 −2 1; −2 4 −2; 1 −2 1)|
 * (Immerkær 1996). Where all nine pixels are equal, as in a background that was set to black, there is no noise to be measured: left out.
 */
export function noiseDeviation({ values, height, width }: GreyImage): number {
  let [sum, count] = [0, 0];
  for (let row = 1; row < height - 1; row++) {
    for (let column = 1; column < width - 1; column++) {
      const at = row * width + column;
      let [answer, flat] = [0, true];
      for (let dy = -1; dy <= 1; dy++) {
        for (let dx = -1; dx <= 1; dx++) {
          const value = values[at + dy * width + dx];
          answer += (dy === 0 ? -2 : 1) * (dx === 0 ? -2 : 1) * value;
          if (value !== values[at]) flat = false;
        }
      }
      if (flat) continue;
      sum += Math.abs(answer);
      count++;
    }
  }
  return count === 0 ? 0 : (Math.sqrt(Math.PI / 2) / 6) * (sum / count);
}

/**
 * The exponent β of a power spectrum f^−β, by how the variance of Haar's wavelet coefficients grows from one octave to the next (Abry and Veitch 1998): the
 * slope of log₂ variance over the octaves, by least squares. White noise has 0, sharp photographs about 2, blurred ones more.
 */
export function spectralSlope(image: GreyImage): number {
  const variances = haarVariances(image);
  const points = variances.flatMap((variance, octave) =>
    variance > 0 ? [[octave, Math.log2(variance)]] : [],
  );
  if (points.length < 2) return 0;
  const middle = points.reduce((sum, [octave]) => sum + octave, 0) / points.length;
  const level = points.reduce((sum, [, value]) => sum + value, 0) / points.length;
  const covariance = points.reduce((sum, [octave, value]) => sum + (octave - middle) * (value - level), 0);
  return covariance / points.reduce((sum, [octave]) => sum + (octave - middle) ** 2, 0);
}

/** Mean square of horizontal, vertical and diagonal coefficients (orthonormal), octave by octave while both sides have 16 pixels; at most 4. */
function haarVariances({ values, height, width }: GreyImage): number[] {
  let [level, rows, columns] = [values, height, width];
  const variances: number[] = [];
  while (variances.length < 4 && rows >= 16 && columns >= 16) {
    const [h, w] = [rows >> 1, columns >> 1];
    const next = new Float64Array(h * w);
    let sum = 0;
    for (let row = 0; row < h; row++) {
      for (let column = 0; column < w; column++) {
        const at = 2 * row * columns + 2 * column;
        const [a, b, c, d] = [level[at], level[at + 1], level[at + columns], level[at + columns + 1]];
        next[row * w + column] = (a + b + c + d) / 2;
        sum += ((a - b + c - d) / 2) ** 2 + ((a + b - c - d) / 2) ** 2 + ((a - b - c + d) / 2) ** 2;
      }
    }
    variances.push(sum / (3 * h * w));
    [level, rows, columns] = [next, h, w];
  }
  return variances;
}
