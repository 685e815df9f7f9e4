import { predictedClass } from '../classification.ts';

/**
 * Where bins end: `width`, all as wide, (i/B, (i+1)/B]; `mass`, at the quantiles of the stated probabilities, so that each holds as many cases
 * as ties allow.
 */
export type Binning = 'width' | 'mass';

export interface ReliabilityBin {
  /** Mean stated probability, and how often it came true. */
  confidence: number;
  accuracy: number;
  count: number;
}

export interface BinOptions {
  /** Default 10. */
  bins?: number;
  /** Default `width`. */
  binning?: Binning;
}

/**
 * What came true of what was stated, by bins; empty bins are left out (scikit-learn's `calibration_curve`, `uniform` and `quantile`). A value on
 * an edge belongs to the bin below it (Guo et al. 2017).
 *
 * @param stated probabilities
 * @param came for each whether it came true
 */
export function reliabilityCurve(
  stated: ArrayLike<number>,
  came: ArrayLike<boolean>,
  { bins = 10, binning = 'width' }: BinOptions = {},
): ReliabilityBin[] {
  if (stated.length === 0) return [];
  const edges = binning === 'width' ? widthEdges(bins) : massEdges(stated, bins);
  const sums = Array.from({ length: bins }, () => ({ stated: 0, came: 0, count: 0 }));
  for (let i = 0; i < stated.length; i++) {
    const bin = sums[binOf(stated[i], edges)];
    bin.stated += stated[i];
    bin.came += Number(came[i]);
    bin.count++;
  }
  return sums
    .filter(({ count }) => count > 0)
    .map(({ stated: total, came: times, count }) => ({
      confidence: total / count,
      accuracy: times / count,
      count,
    }));
}

/** The edges between bins, without the two ends. */
export const widthEdges = (bins: number): Float64Array =>
  Float64Array.from({ length: bins - 1 }, (_, i) => (i + 1) / bins);

function massEdges(stated: ArrayLike<number>, bins: number): Float64Array {
  const sorted = Float64Array.from(stated).sort();
  return Float64Array.from({ length: bins - 1 }, (_, i) => {
    const at = ((i + 1) / bins) * (sorted.length - 1);
    const below = Math.floor(at);
    const above = Math.min(sorted.length - 1, below + 1);
    return sorted[below] + (at - below) * (sorted[above] - sorted[below]);
  });
}

/** How many edges lie below a value. */
export function binOf(value: number, edges: Float64Array): number {
  let bin = 0;
  while (bin < edges.length && edges[bin] < value) bin++;
  return bin;
}

/** Mean gap between what was stated and what came true, weighted by cases; 0 of no bins. */
export function meanGap(curve: readonly ReliabilityBin[]): number {
  const total = curve.reduce((sum, { count }) => sum + count, 0);
  return curve.reduce(
    (sum, { confidence, accuracy, count }) => sum + (count / total) * Math.abs(accuracy - confidence),
    0,
  );
}

/**
 * Expected calibration error of the predicted class's probability (ECE; Naeini 2015, Guo et al. 2017). `calibrate` puts a value on an edge into
 * the bin above it; else they are the same.
 */
export function expectedCalibrationError(
  labels: ArrayLike<number>,
  probabilities: readonly ArrayLike<number>[],
  options: BinOptions = {},
): number {
  const predicted = probabilities.map(predictedClass);
  return meanGap(
    reliabilityCurve(
      probabilities.map((row, i) => row[predicted[i]]),
      predicted.map((best, i) => best === labels[i]),
      options,
    ),
  );
}

/**
 * Adaptive calibration error (ACE; Nixon et al. 2019): every class's probabilities in bins of equal mass, and the plain mean of all gaps. Equal
 * values stay in one bin, and bins that this leaves empty do not count. 0 of no cases.
 *
 * @param options `bins` default 10, `binning` default `mass`
 */
export function adaptiveCalibrationError(
  labels: ArrayLike<number>,
  probabilities: readonly ArrayLike<number>[],
  classes: number,
  { bins = 10, binning = 'mass' }: BinOptions = {},
): number {
  const gaps = Array.from({ length: classes }, (_, k) =>
    reliabilityCurve(
      probabilities.map((row) => row[k]),
      Array.from(labels, (label) => label === k),
      { bins, binning },
    ),
  )
    .flat()
    .map(({ accuracy, confidence }) => Math.abs(accuracy - confidence));
  return gaps.length === 0 ? 0 : gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
}
