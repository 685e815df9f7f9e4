import { RandomStream } from '../platform/random.ts';
import type { Features } from './frozen-features.ts';

/** Rounds of multiplication: after these the leading directions have settled for features of networks, whose variance falls fast. */
const ROUNDS = 12;

/**
 * The first principal components of features, each scaled to a deviation of 1 (Pearson 1901), by subspace iteration from a drawn start (Halko et al.
 * 2011). They look at no label. Directions without variance are left out.
 *
 * @param most components at the most; never more than half the images
 */
export function principalComponents({ values, size }: Features, most: number, seed: number): Features {
  const count = values.length / size;
  const wanted = Math.max(1, Math.min(most, size, Math.floor(count / 2)));
  const x = centred(values, size);
  const stream = new RandomStream(seed, 'components');
  // One array for each direction `[size]`.
  let directions: Float64Array[] = Array.from({ length: wanted }, () =>
    Float64Array.from({ length: size }, () => stream.normal()),
  );
  for (let round = 0; round < ROUNDS; round++) {
    directions = orthonormal(directions.map((direction) => transposed(x, size, project(x, size, direction))));
  }
  // What is left is turned so that scores are uncorrelated: again by their products with one another.
  const scores = directions.map((direction) => project(x, size, direction));
  const kept = uncorrelated(scores);
  const out = new Float32Array(count * kept.length);
  kept.forEach((column, at) => {
    const deviation = Math.sqrt(column.reduce((sum, value) => sum + value * value, 0) / count);
    for (let row = 0; row < count; row++) out[row * kept.length + at] = column[row] / deviation;
  });
  return { values: out, size: kept.length };
}

function centred(values: Float32Array, size: number): Float64Array {
  const count = values.length / size;
  const mean = new Float64Array(size);
  for (let i = 0; i < values.length; i++) mean[i % size] += values[i] / count;
  return Float64Array.from(values, (value, i) => value - mean[i % size]);
}

function project(x: Float64Array, size: number, direction: Float64Array): Float64Array {
  const out = new Float64Array(x.length / size);
  for (let row = 0; row < out.length; row++) {
    let sum = 0;
    for (let f = 0; f < size; f++) sum += x[row * size + f] * direction[f];
    out[row] = sum;
  }
  return out;
}

function transposed(x: Float64Array, size: number, scores: Float64Array): Float64Array {
  const out = new Float64Array(size);
  for (let row = 0; row < scores.length; row++)
    for (let f = 0; f < size; f++) out[f] += x[row * size + f] * scores[row];
  return out;
}

const dot = (a: Float64Array, b: Float64Array): number => {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
};

/** Gram and Schmidt, twice for rounding; what depends on those before it is dropped. */
function orthonormal(vectors: readonly Float64Array[]): Float64Array[] {
  const kept: Float64Array[] = [];
  for (const vector of vectors) {
    const before = Math.sqrt(dot(vector, vector));
    const own = vector.slice();
    for (let pass = 0; pass < 2; pass++)
      for (const other of kept) {
        const share = dot(own, other);
        for (let i = 0; i < own.length; i++) own[i] -= share * other[i];
      }
    const length = Math.sqrt(dot(own, own));
    if (length > 1e-9 * before && length > 0) kept.push(own.map((value) => value / length));
  }
  return kept;
}

/** Jacobi's rotations (1846) of columns, until no two have anything in common; the longest first, those of no length left out. */
function uncorrelated(columns: Float64Array[]): Float64Array[] {
  for (let sweep = 0; sweep < 30; sweep++) {
    let largest = 0;
    for (let i = 0; i < columns.length; i++)
      for (let j = i + 1; j < columns.length; j++) {
        const [a, b] = [columns[i], columns[j]];
        const [aa, bb, ab] = [dot(a, a), dot(b, b), dot(a, b)];
        if (aa === 0 || bb === 0) continue;
        const common = Math.abs(ab) / Math.sqrt(aa * bb);
        largest = Math.max(largest, common);
        if (common < 1e-10) continue;
        const angle = 0.5 * Math.atan2(2 * ab, aa - bb);
        const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
        for (let row = 0; row < a.length; row++) {
          const [x, y] = [a[row], b[row]];
          a[row] = cos * x + sin * y;
          b[row] = cos * y - sin * x;
        }
      }
    if (largest < 1e-8) break;
  }
  const squares = columns.map((column) => dot(column, column));
  const most = Math.max(...squares);
  return columns
    .map((column, at) => ({ column, square: squares[at] }))
    .filter(({ square }) => square > 1e-10 * most)
    .sort((a, b) => b.square - a.square)
    .map(({ column }) => column);
}
