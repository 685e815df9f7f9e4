import { CholeskyDecomposition, Matrix } from 'ml-matrix';
import { answerCount, type Answers } from '../validators/index.ts';

/** Probabilities nearer to 0 than this are rounding. */
const LEAST = 1e-6;
/** How many images the covariance of the source counts for beside the target's own. */
const SHRINKAGE = 20;
/** A shift of so many deviations costs e^−½: of two explanations that fit equally well, the one that moves less is taken. */
const USUAL_SHIFT = 3;
const ROUNDS = 200;
const TOLERANCE = 1e-7;

export interface ShiftedPrevalence {
  /** In class order, adding up to 1. */
  prevalence: Float64Array;
  /** How likely each image of the target is of each class, `[images, classes]`. */
  memberships: Float64Array;
  /** Common shift of all classes, in deviations within a class of the source. */
  shift: number;
}

/**
 * Prevalence of the classes where the target may look different too: log-odds of a model are taken as one Gaussian for each class, placed as on the source
 * but for one shift and one scale that all classes share; these, the common covariance and the prevalence are found by expectation
 * maximisation. Where the appearance has changed, BBSE and EM take the change for a prevalence; this asks where the classes' heaps lie.
 *
 * @param source the model's answers on labelled images of the source that it did not learn from
 * @param labels what those show; every class at least twice
 * @returns null where a class of the source has fewer than two images
 */
export function shiftedPrevalence(
  source: Answers,
  labels: readonly number[],
  target: Answers,
): ShiftedPrevalence | null {
  const { classes } = source;
  const counts = new Float64Array(classes);
  for (const label of labels) counts[label]++;
  if (counts.some((count) => count < 2)) return null;
  const prior = counts.map((count) => count / labels.length);
  const place = placesOf(logRatios(source), labels, classes);
  const rows = logRatios(target);
  const fits = startsOf(place, prior, rows).map((start) => maximise(rows, place, prior, start));
  const best = fits.reduce((a, b) => (b.value > a.value ? b : a));
  return { prevalence: best.prevalence, memberships: best.memberships, shift: best.distance };
}

/** Log-odds in the K − 1 directions of Helmert's contrasts: all that softmax leaves of logits. */
function logRatios(answers: Answers): Matrix {
  const { probabilities, classes } = answers;
  const rows = new Matrix(answerCount(answers), classes - 1);
  for (let i = 0; i < rows.rows; i++) {
    let before = 0;
    for (let c = 0; c < classes; c++) {
      const log = Math.log(Math.max(LEAST, probabilities[i * classes + c]));
      if (c > 0) rows.set(i, c - 1, Math.sqrt(c / (c + 1)) * (before / c - log));
      before += log;
    }
  }
  return rows;
}

interface Places {
  /** `[classes, K − 1]` */
  means: Matrix;
  covariance: Matrix;
}

function placesOf(rows: Matrix, labels: readonly number[], classes: number): Places {
  const { columns } = rows;
  const means = Matrix.zeros(classes, columns);
  const counts = new Float64Array(classes);
  labels.forEach((label, i) => {
    counts[label]++;
    for (let d = 0; d < columns; d++) means.set(label, d, means.get(label, d) + rows.get(i, d));
  });
  for (let c = 0; c < classes; c++) means.mulRow(c, 1 / counts[c]);
  const covariance = Matrix.zeros(columns, columns);
  labels.forEach((label, i) => {
    for (let a = 0; a < columns; a++)
      for (let b = 0; b < columns; b++)
        covariance.set(
          a,
          b,
          covariance.get(a, b) +
            ((rows.get(i, a) - means.get(label, a)) * (rows.get(i, b) - means.get(label, b))) / labels.length,
        );
  });
  return { means, covariance: ridged(covariance) };
}

/** Symmetric to the last bit, and never singular. */
const ridged = (covariance: Matrix): Matrix => {
  const little = 1e-3 * Math.max(1e-3, covariance.trace() / covariance.rows);
  const symmetric = Matrix.add(covariance, covariance.transpose()).mul(0.5);
  return Matrix.add(symmetric, Matrix.eye(covariance.rows).mul(little));
};

interface State {
  prevalence: Float64Array;
  shift: Float64Array;
  scale: number;
  covariance: Matrix;
}

/** Nothing moved; only the look; and for each class that it is nearly all of the target. */
function startsOf({ means, covariance }: Places, prior: Float64Array, rows: Matrix): State[] {
  const classes = prior.length;
  const middle = rows.mean('column');
  const centred = (prevalence: Float64Array): Float64Array =>
    Float64Array.from(middle, (value, d) =>
      prevalence.reduce((sum, share, c) => sum - share * means.get(c, d), value),
    );
  const common = { scale: 1, covariance };
  const nearlyAll = Array.from(prior, (_, k) => prior.map((_, c) => (c === k ? 0.9 : 0.1 / (classes - 1))));
  const still = new Float64Array(means.columns);
  return [
    { ...common, prevalence: prior, shift: still },
    { ...common, prevalence: prior, shift: centred(prior) },
    ...nearlyAll.flatMap((prevalence) => [
      { ...common, prevalence, shift: still },
      { ...common, prevalence, shift: centred(prevalence) },
    ]),
  ];
}

function maximise(
  rows: Matrix,
  { means, covariance }: Places,
  prior: Float64Array,
  start: State,
): { prevalence: Float64Array; memberships: Float64Array; value: number; distance: number } {
  const classes = prior.length;
  const [count, size] = [rows.rows, rows.columns];
  let state = start;
  let before = -Infinity;
  const memberships = new Float64Array(count * classes);
  const ofSource = new CholeskyDecomposition(covariance);
  let distance = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const cholesky = new CholeskyDecomposition(state.covariance);
    const inverse = cholesky.solve(Matrix.eye(size));
    const half = cholesky.lowerTriangularMatrix.diagonal().reduce((sum, value) => sum + Math.log(value), 0);
    let value = 0;
    const logs = new Float64Array(classes);
    const apart = new Float64Array(size);
    for (let i = 0; i < count; i++) {
      let largest = -Infinity;
      for (let c = 0; c < classes; c++) {
        for (let d = 0; d < size; d++)
          apart[d] = rows.get(i, d) - state.shift[d] - state.scale * means.get(c, d);
        logs[c] = Math.log(state.prevalence[c] + 1e-12) - half - quadratic(inverse, apart) / 2;
        largest = Math.max(largest, logs[c]);
      }
      let sum = 0;
      for (let c = 0; c < classes; c++) sum += logs[c] = Math.exp(logs[c] - largest);
      for (let c = 0; c < classes; c++) memberships[i * classes + c] = logs[c] / sum;
      value += largest + Math.log(sum);
    }
    const moved = Float64Array.from(state.shift);
    distance = Math.sqrt(quadratic(ofSource.solve(Matrix.eye(size)), moved));
    value -= (distance / USUAL_SHIFT) ** 2 / 2;
    if (value - before < TOLERANCE * Math.abs(value)) {
      before = value;
      break;
    }
    before = value;
    state = next(rows, memberships, means, covariance, inverse);
  }
  return { prevalence: state.prevalence, memberships, value: before, distance };
}

const quadratic = (inverse: Matrix, v: Float64Array): number => {
  let sum = 0;
  for (let a = 0; a < v.length; a++)
    for (let b = 0; b < v.length; b++) sum += v[a] * v[b] * inverse.get(a, b);
  return sum;
};

/** Prevalence, shift, scale and covariance that suit the memberships best. */
function next(
  rows: Matrix,
  memberships: Float64Array,
  means: Matrix,
  covariance: Matrix,
  inverse: Matrix,
): State {
  const classes = means.rows;
  const [count, size] = [rows.rows, rows.columns];
  const prevalence = new Float64Array(classes);
  memberships.forEach((value, at) => {
    prevalence[at % classes] += value / count;
  });
  const middle = rows.mean('column');
  const centre = Float64Array.from({ length: size }, (_, d) =>
    prevalence.reduce((sum, share, c) => sum + share * means.get(c, d), 0),
  );
  let [along, length] = [0, 0];
  for (let i = 0; i < count; i++) {
    for (let c = 0; c < classes; c++) {
      const share = memberships[i * classes + c];
      if (share < 1e-9) continue;
      for (let a = 0; a < size; a++) {
        const lever = means.get(c, a) - centre[a];
        for (let b = 0; b < size; b++) {
          along += share * lever * inverse.get(a, b) * (rows.get(i, b) - middle[b]);
          length += share * lever * inverse.get(a, b) * (means.get(c, b) - centre[b]);
        }
      }
    }
  }
  // With next to one class in the target nothing says how far classes lie apart there.
  const scale = length > 0.02 * count ? Math.min(1.5, Math.max(0.5, along / length)) : 1;
  const shift = Float64Array.from(middle, (value, d) => value - scale * centre[d]);
  const spread = covariance.clone().mul(SHRINKAGE);
  for (let i = 0; i < count; i++) {
    for (let c = 0; c < classes; c++) {
      const share = memberships[i * classes + c];
      if (share < 1e-9) continue;
      for (let a = 0; a < size; a++) {
        const first = rows.get(i, a) - shift[a] - scale * means.get(c, a);
        for (let b = 0; b < size; b++) {
          const second = rows.get(i, b) - shift[b] - scale * means.get(c, b);
          spread.set(a, b, spread.get(a, b) + share * first * second);
        }
      }
    }
  }
  return { prevalence, shift, scale, covariance: ridged(spread.mul(1 / (count + SHRINKAGE))) };
}
