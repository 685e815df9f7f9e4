export interface MapOptions {
  /** How many neighbours count, roughly; default 30, and no more than a third of the points. */
  perplexity?: number;
  /** Default 750, of which the first third is exaggerated. */
  iterations?: number;
  signal?: AbortSignal;
  /** Told now and then. */
  onIteration?: (done: number, total: number) => void;
}

const EXAGGERATION = 12;

/**
 * t-SNE (van der Maaten and Hinton 2008), exact, so that time grows with the square of the points and is some seconds for a thousand: a map on which near neighbours stay near; distances between groups and their sizes say nothing. From where
 * the points start it is deterministic: from the first two principal components, which keeps the large arrangement (Kobak and Berens 2019).
 *
 * @param squaredDistances of all pairs, `[n, n]`
 * @param start `[n, 2]`, of any scale
 * @returns `[n, 2]`
 */
export async function tsne(
  squaredDistances: Float64Array,
  start: Float64Array,
  options: MapOptions = {},
): Promise<Float64Array> {
  const count = start.length / 2;
  const { iterations = 750, signal, onIteration } = options;
  const perplexity = Math.min(options.perplexity ?? 30, Math.max(2, (count - 1) / 3));
  if (count < 4) return Float64Array.from(start);
  const affinities = jointAffinities(squaredDistances, count, perplexity);
  const early = Math.floor(iterations / 3);
  const rate = Math.max(count / EXAGGERATION / 4, 50);
  const y = scaledStart(start);
  const speed = new Float64Array(y.length);
  const gain = new Float64Array(y.length).fill(1);
  for (let iteration = 0; iteration < iterations; iteration++) {
    const { gradient } = divergence(affinities, y, iteration < early ? EXAGGERATION : 1);
    const momentum = iteration < early ? 0.5 : 0.8;
    for (let i = 0; i < y.length; i++) {
      gain[i] = Math.max(0.01, speed[i] * gradient[i] < 0 ? gain[i] + 0.2 : gain[i] * 0.8);
      speed[i] = momentum * speed[i] - rate * gain[i] * gradient[i];
      y[i] += speed[i];
    }
    if (iteration % 10 === 9) {
      onIteration?.(iteration + 1, iterations);
      await new Promise(setImmediate);
      signal?.throwIfAborted();
    }
  }
  return y;
}

/** The first axis with a deviation of 1e-4: points begin close together. */
function scaledStart(start: Float64Array): Float64Array {
  const count = start.length / 2;
  let [mean, square] = [0, 0];
  for (let i = 0; i < count; i++) mean += start[2 * i] / count;
  for (let i = 0; i < count; i++) square += (start[2 * i] - mean) ** 2 / count;
  const scale = 1e-4 / (Math.sqrt(square) || 1);
  return start.map((value) => value * scale);
}

/**
 * How likely each pair is as neighbours: Gaussian around each point, as wide as the perplexity asks, then both directions together; adds up to 1.
 */
export function jointAffinities(
  squaredDistances: Float64Array,
  count: number,
  perplexity: number,
): Float64Array {
  const wanted = Math.log(perplexity);
  const conditional = new Float64Array(count * count);
  for (let i = 0; i < count; i++) {
    const row = squaredDistances.subarray(i * count, (i + 1) * count);
    const own = conditional.subarray(i * count, (i + 1) * count);
    let nearest = Infinity;
    for (let j = 0; j < count; j++) if (j !== i) nearest = Math.min(nearest, row[j]);
    let [precision, low, high] = [1, 0, Infinity];
    for (let step = 0; step < 100; step++) {
      let [sum, weighted] = [0, 0];
      for (let j = 0; j < count; j++) {
        own[j] = j === i ? 0 : Math.exp(-(row[j] - nearest) * precision);
        sum += own[j];
        weighted += own[j] * (row[j] - nearest);
      }
      for (let j = 0; j < count; j++) own[j] /= sum;
      const entropy = Math.log(sum) + (precision * weighted) / sum;
      if (Math.abs(entropy - wanted) < 1e-6) break;
      if (entropy > wanted) {
        low = precision;
        precision = high === Infinity ? precision * 2 : (precision + high) / 2;
      } else {
        high = precision;
        precision = (precision + low) / 2;
      }
    }
  }
  return conditional.map(
    (value, at) => (value + conditional[(at % count) * count + Math.floor(at / count)]) / (2 * count),
  );
}

/** Kullback and Leibler's divergence of the map's neighbours from the affinities, and its gradient by the points `[n, 2]`. */
export function divergence(
  affinities: Float64Array,
  y: Float64Array,
  exaggeration = 1,
): { value: number; gradient: Float64Array } {
  const count = y.length / 2;
  const near = new Float64Array(count * count);
  let total = 0;
  for (let i = 0; i < count; i++) {
    for (let j = 0; j < i; j++) {
      const [dx, dy] = [y[2 * i] - y[2 * j], y[2 * i + 1] - y[2 * j + 1]];
      const closeness = 1 / (1 + dx * dx + dy * dy);
      near[i * count + j] = closeness;
      total += 2 * closeness;
    }
  }
  const gradient = new Float64Array(y.length);
  let value = 0;
  for (let i = 0; i < count; i++) {
    for (let j = 0; j < i; j++) {
      const closeness = near[i * count + j];
      const p = exaggeration * affinities[i * count + j];
      const q = closeness / total;
      if (p > 0) value += 2 * p * Math.log(p / q);
      const pull = 4 * (p - q) * closeness;
      const [dx, dy] = [y[2 * i] - y[2 * j], y[2 * i + 1] - y[2 * j + 1]];
      gradient[2 * i] += pull * dx;
      gradient[2 * i + 1] += pull * dy;
      gradient[2 * j] -= pull * dx;
      gradient[2 * j + 1] -= pull * dy;
    }
  }
  return { value, gradient };
}
