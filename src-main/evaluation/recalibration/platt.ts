/** P(positive | s) = 1 / (1 + exp(slope · s + offset)); the slope is negative where higher scores are more likely positive. */
export interface PlattScaling {
  slope: number;
  offset: number;
}

/**
 * A logistic curve from scores to probabilities (Platt 1999), by Newton's method with halved steps (Lin, Lin and Weng 2007). Targets are smoothed as Platt
 * does, (N₊ + 1)/(N₊ + 2) and 1/(N₋ + 2), so that data that one score separates, or of one side only, still have an answer.
 *
 * @param positive for each case whether it has the condition
 * @returns slope 0 and offset 0 of no cases; slope 0 where all scores are equal
 */
export function fitPlatt(scores: ArrayLike<number>, positive: ArrayLike<boolean>): PlattScaling {
  const n = scores.length;
  const positives = Array.from(positive).filter(Boolean).length;
  if (n === 0) return { slope: 0, offset: 0 };
  const high = (positives + 1) / (positives + 2);
  const low = 1 / (n - positives + 2);
  const targets = Float64Array.from(positive, (has) => (has ? high : low));
  // Around their mean and by their spread scores are well conditioned, whatever they are.
  const mean = Array.from(scores).reduce((sum, score) => sum + score, 0) / n;
  const spread = Math.sqrt(Array.from(scores).reduce((sum, score) => sum + (score - mean) ** 2, 0) / n);
  const scaled = Float64Array.from(scores, (score) =>
    spread > 1e-12 * Math.abs(mean) ? (score - mean) / spread : 0,
  );
  const lossAt = (a: number, b: number): number =>
    scaled.reduce((sum, x, i) => sum + softplus(-(a * x + b)) + targets[i] * (a * x + b), 0);
  let a = 0;
  let b = 0;
  let loss = lossAt(a, b);
  for (let step = 0; step < 100; step++) {
    let [ga, gb, haa, hab, hbb] = [0, 0, 1e-12, 0, 1e-12];
    scaled.forEach((x, i) => {
      const p = 1 / (1 + Math.exp(a * x + b));
      const weight = p * (1 - p);
      ga += (targets[i] - p) * x;
      gb += targets[i] - p;
      haa += weight * x * x;
      hab += weight * x;
      hbb += weight;
    });
    const determinant = haa * hbb - hab * hab;
    const da = -(hbb * ga - hab * gb) / determinant;
    const db = -(haa * gb - hab * ga) / determinant;
    // So near the least loss a full step squares what is left of the error, and losses differ by rounding alone.
    if (-(ga * da + gb * db) < 1e-10 * loss) {
      a += da;
      b += db;
      break;
    }
    let size = 1;
    while (size > 1e-10 && lossAt(a + size * da, b + size * db) > loss + 1e-4 * size * (ga * da + gb * db))
      size /= 2;
    if (size <= 1e-10) break;
    a += size * da;
    b += size * db;
    loss = lossAt(a, b);
    if (Math.abs(da) + Math.abs(db) < 1e-13) break;
  }
  return spread > 1e-12 * Math.abs(mean)
    ? { slope: a / spread, offset: b - (a * mean) / spread }
    : { slope: 0, offset: b };
}

const softplus = (x: number): number => Math.max(0, x) + Math.log1p(Math.exp(-Math.abs(x)));

export const applyPlatt = ({ slope, offset }: PlattScaling, scores: ArrayLike<number>): Float64Array =>
  Float64Array.from(scores, (score) => 1 / (1 + Math.exp(slope * score + offset)));
