import type { Features } from './frozen-features.ts';

/** Share of the mean variance that is mixed into the covariance: keeps few images from standing for too much. */
const SHRINKAGE = 0.1;

/**
 * Fits Fisher's linear discriminant (Fisher 1936) on some rows, all classes being as likely beforehand as each other, and says of others which class they
 * are. The covariance within classes is shrunk towards a multiple of one (Ledoit and Wolf 2004) by a fixed tenth. Classes that no row to learn from has are
 * never said.
 *
 * @param labels by row, −1 for rows that do not count
 * @returns the class of each row of `judge`
 */
export function discriminate(
  { values, size }: Features,
  labels: ArrayLike<number>,
  classes: number,
  learn: readonly number[],
  judge: readonly number[],
): number[] {
  const counts = new Float64Array(classes);
  const means = Array.from({ length: classes }, () => new Float64Array(size));
  for (const row of learn) {
    counts[labels[row]]++;
    for (let f = 0; f < size; f++) means[labels[row]][f] += values[row * size + f];
  }
  means.forEach((mean, label) =>
    mean.forEach((sum, f) => (mean[f] = counts[label] > 0 ? sum / counts[label] : 0)),
  );
  const covariance = new Float64Array(size * size);
  const own = new Float64Array(size);
  for (const row of learn) {
    const mean = means[labels[row]];
    for (let f = 0; f < size; f++) own[f] = values[row * size + f] - mean[f];
    for (let f = 0; f < size; f++)
      for (let g = 0; g <= f; g++) covariance[f * size + g] += (own[f] * own[g]) / learn.length;
  }
  let trace = 0;
  for (let f = 0; f < size; f++) trace += covariance[f * size + f] / size;
  for (let f = 0; f < size; f++) {
    for (let g = 0; g <= f; g++) covariance[f * size + g] *= 1 - SHRINKAGE;
    // Where images of a class do not differ at all, any multiple of one will do.
    covariance[f * size + f] += trace > 0 ? SHRINKAGE * trace : 1;
  }
  cholesky(covariance, size);
  const weights = means.map((mean) => solve(covariance, size, mean));
  const biases = means.map(
    (mean, label) => -0.5 * mean.reduce((sum, value, f) => sum + value * weights[label][f], 0),
  );
  return judge.map((row) => {
    let best = -1;
    let most = -Infinity;
    for (let label = 0; label < classes; label++) {
      if (counts[label] === 0) continue;
      let score = biases[label];
      for (let f = 0; f < size; f++) score += weights[label][f] * values[row * size + f];
      if (score > most) [best, most] = [label, score];
    }
    return best;
  });
}

/** The lower triangle L of L · Lᵀ, in place. */
function cholesky(a: Float64Array, size: number): void {
  for (let i = 0; i < size; i++)
    for (let j = 0; j <= i; j++) {
      let sum = a[i * size + j];
      for (let k = 0; k < j; k++) sum -= a[i * size + k] * a[j * size + k];
      a[i * size + j] = i === j ? Math.sqrt(sum) : sum / a[j * size + j];
    }
}

function solve(lower: Float64Array, size: number, right: Float64Array): Float64Array {
  const x = right.slice();
  for (let i = 0; i < size; i++) {
    for (let k = 0; k < i; k++) x[i] -= lower[i * size + k] * x[k];
    x[i] /= lower[i * size + i];
  }
  for (let i = size - 1; i >= 0; i--) {
    for (let k = i + 1; k < size; k++) x[i] -= lower[k * size + i] * x[k];
    x[i] /= lower[i * size + i];
  }
  return x;
}
