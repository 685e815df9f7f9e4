/**
 * The first two principal components of centred rows, `[n, 2]`, by orthogonal iteration. Signs are chosen so that the largest coordinate of each is
 * positive: the same points give the same plane.
 */
export function principalPlane(features: ArrayLike<number>, size: number): Float64Array {
  const count = features.length / size;
  const rows = Float64Array.from(features);
  for (let f = 0; f < size; f++) {
    let mean = 0;
    for (let i = 0; i < count; i++) mean += rows[i * size + f] / count;
    for (let i = 0; i < count; i++) rows[i * size + f] -= mean;
  }
  // Over images, not features: the scores themselves converge, and two vectors of their length are all that is held.
  let plane: [Float64Array, Float64Array] = [
    Float64Array.from({ length: count }, (_, i) => Math.sin(i + 1)),
    Float64Array.from({ length: count }, (_, i) => Math.cos(2 * i + 1)),
  ];
  let before = 0;
  for (let round = 0; round < 300; round++) {
    const [first, second] = plane.map((scores) => timesGram(rows, scores, count, size));
    const length = norm(first);
    const share = dot(first, second) / (length * length || 1);
    const rest = second.map((value, i) => value - share * first[i]);
    const other = norm(rest);
    plane = [scaled(first, length), scaled(rest, other)];
    if (Math.abs(length + other - before) <= 1e-13 * (length + other)) break;
    before = length + other;
  }
  const scores = new Float64Array(2 * count);
  plane.forEach((direction, axis) => {
    const deviation = Math.sqrt(norm(timesGram(rows, direction, count, size)));
    const largest = direction.reduce((a, b) => (Math.abs(b) > Math.abs(a) ? b : a), 0);
    direction.forEach((value, i) => {
      scores[2 * i + axis] = value * deviation * (largest < 0 ? -1 : 1);
    });
  });
  return scores;
}

/** X Xᵀ v */
function timesGram(rows: Float64Array, v: Float64Array, count: number, size: number): Float64Array {
  const across = new Float64Array(size);
  for (let i = 0; i < count; i++) for (let f = 0; f < size; f++) across[f] += rows[i * size + f] * v[i];
  return Float64Array.from({ length: count }, (_, i) => {
    let sum = 0;
    for (let f = 0; f < size; f++) sum += rows[i * size + f] * across[f];
    return sum;
  });
}

const dot = (a: Float64Array, b: Float64Array): number => a.reduce((sum, value, i) => sum + value * b[i], 0);
const norm = (a: Float64Array): number => Math.sqrt(dot(a, a));
const scaled = (a: Float64Array, length: number): Float64Array => a.map((value) => value / (length || 1));
