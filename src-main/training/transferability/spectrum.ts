import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import type { LabelledFeatures } from '../logistic-regression.ts';

/** The thin singular value decomposition of features `[count, size]`, without the right side. */
export interface Spectrum {
  /** Squares of the singular values, the largest first; those that are nothing beside it are left out. */
  squares: Float64Array;
  /** `[count, squares.length]`, columns of length 1. */
  left: Matrix;
}

/** Below this share of the largest, a squared singular value is what rounding left behind. */
const NOTHING = 1e-12;

/** By the eigenvalues of the smaller of the two products of the features with themselves. */
export function spectrumOf({ features, size, labels }: LabelledFeatures, centred: boolean): Spectrum {
  const count = labels.length;
  const x = new Matrix(count, size);
  for (let row = 0; row < count; row++)
    for (let column = 0; column < size; column++) x.set(row, column, features[row * size + column]);
  if (centred) x.subRowVector(x.mean('column'));
  const wide = size > count;
  const product = wide ? x.mmul(x.transpose()) : x.transpose().mmul(x);
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(product, {
    assumeSymmetric: true,
  });
  const order = realEigenvalues.map((_, at) => at).sort((a, b) => realEigenvalues[b] - realEigenvalues[a]);
  const kept = order.filter((at) => realEigenvalues[at] > NOTHING * Math.max(realEigenvalues[order[0]], 0));
  const vectors = eigenvectorMatrix.subMatrixColumn(kept.length > 0 ? kept : [order[0]]);
  const squares = Float64Array.from(kept, (at) => realEigenvalues[at]);
  if (wide) return { squares, left: vectors };
  const left = x.mmul(vectors);
  kept.forEach((_, column) => left.mulColumn(column, 1 / Math.sqrt(squares[column])));
  return { squares, left };
}
