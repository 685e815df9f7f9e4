import { twoSidedT } from '../distributions/beta.ts';

/** What a curve says of one number of training cases. */
export interface Extrapolation {
  score: number;
  /** The interval of the curve, of its level; how single runs scatter around it comes on top. */
  low: number;
  high: number;
}

export interface LearningCurve {
  /** score(n) = ceiling − gain · n^(−rate). */
  ceiling: number;
  gain: number;
  rate: number;
  /** Standard errors of the three, in this order. */
  errors: [number, number, number];
  /** @param level default 0.95 */
  at: (cases: number, level?: number) => Extrapolation;
  /** How many cases the curve asks for a score, rounded up; null from the ceiling on. */
  casesFor: (score: number) => number | null;
}

/** Slower or faster than this no curve is told from a level line. */
const RATES = { slowest: 0.01, fastest: 5, steps: 200 };

/**
 * An inverse power law through scores by number of training cases (Figueroa et al. 2012; Mukherjee 2003), by weighted least squares: for each rate the
 * other two are linear, so that one number is searched for, then Gauss and Newton's steps. Uncertainty from the Jacobian, as SciPy's `curve_fit`, with
 * Student's t. It extrapolates the same kind of cases, and two or three times the largest number, not more.
 *
 * @param cases numbers of training cases, patients rather than images
 * @param scores accuracy or area of each, on the same test data
 * @param weights default those of Figueroa, j/m for the j-th of m points by number of cases: larger ones vary less
 * @returns null with fewer than four different numbers of cases, and where scores do not rise or do not bend: no curve is to be told then
 */
export function fitLearningCurve(
  cases: readonly number[],
  scores: readonly number[],
  weights: readonly number[] = figueroaWeights(cases),
): LearningCurve | null {
  if (new Set(cases).size < 4) return null;
  const best = searchRate(cases, scores, weights);
  if (!best) return null;
  const [ceiling, gain, rate] = polish(cases, scores, weights, best);
  if (!(gain > 0) || !(rate > 0)) return null;
  const freedom = cases.length - 3;
  const jacobian = cases.map((n) => gradient(n, gain, rate));
  const residual = cases.reduce(
    (sum, n, i) => sum + weights[i] * (scores[i] - ceiling + gain * n ** -rate) ** 2,
    0,
  );
  const inverse = invert(normalMatrix(jacobian, weights));
  if (!inverse) return null;
  const covariance = inverse.map((row) => row.map((value) => (value * residual) / freedom));
  return {
    ceiling,
    gain,
    rate,
    errors: [0, 1, 2].map((k) => Math.sqrt(covariance[k][k])) as [number, number, number],
    at: (n, level = 0.95) => {
      const score = ceiling - gain * n ** -rate;
      const slope = gradient(n, gain, rate);
      const variance = slope.reduce(
        (sum, a, i) => sum + slope.reduce((inner, b, j) => inner + a * b * covariance[i][j], 0),
        0,
      );
      const half = twoSidedT(level, freedom) * Math.sqrt(Math.max(0, variance));
      return { score, low: score - half, high: score + half };
    },
    casesFor: (score) =>
      score >= ceiling ? null : Math.ceil((gain / (ceiling - score)) ** (1 / rate) - 1e-9),
  };
}

/** Equal numbers of cases share the mean of their ranks. */
const figueroaWeights = (cases: readonly number[]): number[] =>
  cases.map((n) => {
    const below = cases.filter((other) => other < n).length;
    const equal = cases.filter((other) => other === n).length;
    return (below + (equal + 1) / 2) / cases.length;
  });

/** Derivatives of the score by ceiling, gain and rate. */
const gradient = (n: number, gain: number, rate: number): number[] => [
  1,
  -(n ** -rate),
  gain * n ** -rate * Math.log(n),
];

interface LinearFit {
  ceiling: number;
  gain: number;
  loss: number;
}

/** Ceiling and gain of least squares for one rate. */
function fitLinear(
  cases: readonly number[],
  scores: readonly number[],
  weights: readonly number[],
  rate: number,
): LinearFit {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const powers = cases.map((n) => n ** -rate);
  const mean = (values: readonly number[]): number =>
    values.reduce((sum, value, i) => sum + weights[i] * value, 0) / total;
  const [middle, score] = [mean(powers), mean(scores)];
  const covariance = mean(powers.map((power, i) => (power - middle) * (scores[i] - score)));
  const gain = -covariance / mean(powers.map((power) => (power - middle) ** 2));
  const ceiling = score + gain * middle;
  const loss = mean(powers.map((power, i) => (scores[i] - ceiling + gain * power) ** 2));
  return { ceiling, gain, loss };
}

/** The rate of least loss, ceiling and gain with it; null where it is slower or faster than is looked at. */
function searchRate(
  cases: readonly number[],
  scores: readonly number[],
  weights: readonly number[],
): [number, number, number] | null {
  const { slowest, fastest, steps } = RATES;
  const rateAt = (step: number): number => slowest * (fastest / slowest) ** (step / steps);
  const lossAt = (rate: number): number => fitLinear(cases, scores, weights, rate).loss;
  const losses = Array.from({ length: steps + 1 }, (_, step) => lossAt(rateAt(step)));
  const least = losses.indexOf(Math.min(...losses));
  if (least === 0 || least === steps) return null;
  let low = rateAt(least - 1);
  let high = rateAt(least + 1);
  for (let step = 0; step < 60; step++) {
    const [a, b] = [low + (high - low) / 3, high - (high - low) / 3];
    if (lossAt(a) < lossAt(b)) high = b;
    else low = a;
  }
  const rate = (low + high) / 2;
  const { ceiling, gain } = fitLinear(cases, scores, weights, rate);
  return [ceiling, gain, rate];
}

/** Gauss and Newton's steps: the search stops at half the digits, where the loss is flat. */
function polish(
  cases: readonly number[],
  scores: readonly number[],
  weights: readonly number[],
  start: [number, number, number],
): [number, number, number] {
  let [ceiling, gain, rate] = start;
  for (let step = 0; step < 50; step++) {
    const jacobian = cases.map((n) => gradient(n, gain, rate));
    const inverse = invert(normalMatrix(jacobian, weights));
    if (!inverse) return start;
    const residuals = cases.map((n, i) => scores[i] - (ceiling - gain * n ** -rate));
    const right = [0, 1, 2].map((k) =>
      jacobian.reduce((sum, row, i) => sum + weights[i] * row[k] * residuals[i], 0),
    );
    const [dc, dg, dr] = inverse.map((row) => row.reduce((sum, value, k) => sum + value * right[k], 0));
    // Near the least loss full steps contract; where they do not, the search's answer stands.
    if (Math.abs(dr) > 0.1 * rate) return start;
    [ceiling, gain, rate] = [ceiling + dc, gain + dg, rate + dr];
    if (Math.abs(dr) < 1e-13 * rate) break;
  }
  return [ceiling, gain, rate];
}

const normalMatrix = (jacobian: readonly number[][], weights: readonly number[]): number[][] =>
  [0, 1, 2].map((a) =>
    [0, 1, 2].map((b) => jacobian.reduce((sum, row, i) => sum + weights[i] * row[a] * row[b], 0)),
  );

/** Of a symmetric 3 × 3 matrix; null where it is singular. */
function invert([[a, b, c], [, d, e], [, , f]]: number[][]): number[][] | null {
  const first = [d * f - e * e, c * e - b * f, b * e - c * d];
  const determinant = a * first[0] + b * first[1] + c * first[2];
  if (!(Math.abs(determinant) > 1e-14 * a * d * f)) return null;
  const rows = [first, [first[1], a * f - c * c, b * c - a * e], [first[2], b * c - a * e, a * d - b * b]];
  return rows.map((row) => row.map((value) => value / determinant));
}
