import type { Calibration, CalibrationBin } from '../contract/evaluation.ts';
import { predictedClass } from './classification.ts';

const BINS = 10;
/** scikit-learn clips probabilities at the precision of their type; Graft's are single. */
const SMALLEST = 2 ** -23;

/**
 * How far stated probabilities can be trusted: expected calibration error (Guo et al. 2017; ten equal bins of the
 * predicted class's probability), multi-class Brier score and log loss.
 */
export function calibrate(
  labels: ArrayLike<number>,
  probabilities: readonly ArrayLike<number>[],
): Calibration {
  const sums = Array.from({ length: BINS }, () => ({ confidence: 0, right: 0, count: 0 }));
  let brier = 0;
  let logLoss = 0;
  probabilities.forEach((row, i) => {
    const best = predictedClass(row);
    const bin = sums[Math.min(BINS - 1, Math.floor(row[best] * BINS))];
    bin.confidence += row[best];
    bin.right += Number(best === labels[i]);
    bin.count++;
    for (let k = 0; k < row.length; k++) brier += (row[k] - Number(labels[i] === k)) ** 2;
    logLoss -= Math.log(Math.min(1 - SMALLEST, Math.max(SMALLEST, row[labels[i]])));
  });
  const n = Math.max(1, probabilities.length);
  const bins: CalibrationBin[] = sums
    .filter(({ count }) => count > 0)
    .map(({ confidence, right, count }) => ({
      confidence: confidence / count,
      accuracy: right / count,
      count,
    }));
  const error = bins.reduce((sum, bin) => sum + (bin.count / n) * Math.abs(bin.accuracy - bin.confidence), 0);
  return { expectedCalibrationError: error, brier: brier / n, logLoss: logLoss / n, bins };
}
