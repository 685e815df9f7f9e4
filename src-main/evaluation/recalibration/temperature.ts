/** Beyond these no validation set says more than "surer" or "less sure". */
const COLDEST = 0.01;
const HOTTEST = 100;

/**
 * The temperature T that makes softmax(z / T) most likely on validation data (Guo et al. 2017): above 1 for a network that is too sure. One number
 * for all classes: the order of classes, and so accuracy, stays. By Newton's method on 1/T, in which the loss is convex.
 *
 * @param logits for each case one value for each class; of probabilities their logarithms, see `logitsOf`
 * @param labels class of each case
 * @returns within 0.01 and 100: the ends are for a network that is always right, or no better than chance. 1 of no cases, and of logits that do
 *   not differ
 */
export function fitTemperature(logits: readonly ArrayLike<number>[], labels: ArrayLike<number>): number {
  if (logits.every((row) => Math.max(...Array.from(row)) === Math.min(...Array.from(row)))) return 1;
  let low = 1 / HOTTEST;
  let high = 1 / COLDEST;
  if (slope(logits, labels, low).first >= 0) return HOTTEST;
  if (slope(logits, labels, high).first <= 0) return COLDEST;
  let inverse = 1;
  for (let step = 0; step < 200 && high - low > 1e-15 * high; step++) {
    const { first, second } = slope(logits, labels, inverse);
    if (first > 0) high = inverse;
    else low = inverse;
    const newton = inverse - first / second;
    const next = newton > low && newton < high ? newton : (low + high) / 2;
    if (Math.abs(next - inverse) < 1e-14 * inverse) break;
    inverse = next;
  }
  return 1 / inverse;
}

/** First and second derivative of the summed loss by 1/T: Σ E[z] − z_y and Σ Var[z], under softmax(z / T). */
function slope(
  logits: readonly ArrayLike<number>[],
  labels: ArrayLike<number>,
  inverse: number,
): { first: number; second: number } {
  let first = 0;
  let second = 0;
  logits.forEach((row, i) => {
    const chances = softmax(row, inverse);
    const mean = chances.reduce((sum, chance, k) => sum + chance * row[k], 0);
    first += mean - row[labels[i]];
    second += chances.reduce((sum, chance, k) => sum + chance * (row[k] - mean) ** 2, 0);
  });
  return { first, second };
}

function softmax(row: ArrayLike<number>, inverse: number): Float64Array {
  let largest = -Infinity;
  for (let k = 0; k < row.length; k++) largest = Math.max(largest, row[k]);
  const exponents = Float64Array.from(row, (logit) => Math.exp((logit - largest) * inverse));
  const sum = exponents.reduce((total, value) => total + value, 0);
  return exponents.map((value) => value / sum);
}

/** softmax(z / T) of each row. */
export const applyTemperature = (logits: readonly ArrayLike<number>[], temperature: number): Float64Array[] =>
  logits.map((row) => softmax(row, 1 / temperature));

/** Logarithms of probabilities, logits up to a constant; 0 counts as the smallest normal single-precision number. */
export const logitsOf = (probabilities: readonly ArrayLike<number>[]): Float64Array[] =>
  probabilities.map((row) => Float64Array.from(row, (p) => Math.log(Math.max(p, 2 ** -126))));
