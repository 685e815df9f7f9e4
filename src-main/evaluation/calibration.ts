import type { Finding } from '../contract/dataset.ts';
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
  return { ...reliability(sums, n), brier: brier / n, logLoss: logLoss / n };
}

function reliability(
  sums: readonly { confidence: number; right: number; count: number }[],
  n: number,
): Pick<Calibration, 'expectedCalibrationError' | 'bins'> {
  const bins: CalibrationBin[] = sums
    .filter(({ count }) => count > 0)
    .map(({ confidence, right, count }) => ({
      confidence: confidence / count,
      accuracy: right / count,
      count,
    }));
  const error = bins.reduce((sum, bin) => sum + (bin.count / n) * Math.abs(bin.accuracy - bin.confidence), 0);
  return { expectedCalibrationError: error, bins };
}

/**
 * The same of findings: each known answer counts, by the stated probability that the finding is there. The Brier score is the mean square of the
 * error, the log loss the mean binary cross-entropy.
 */
export function calibrateFindings(
  findings: readonly (readonly Finding[])[],
  probabilities: readonly ArrayLike<number>[],
): Calibration {
  const answers = findings.flatMap((row, i) =>
    row.flatMap((truth, k) => (truth === null ? [] : [{ truth, stated: probabilities[i][k] }])),
  );
  const sums = Array.from({ length: BINS }, () => ({ confidence: 0, right: 0, count: 0 }));
  let brier = 0;
  let logLoss = 0;
  for (const { truth, stated } of answers) {
    const bin = sums[Math.min(BINS - 1, Math.floor(stated * BINS))];
    bin.confidence += stated;
    bin.right += truth;
    bin.count++;
    brier += (stated - truth) ** 2;
    logLoss -= Math.log(Math.min(1 - SMALLEST, Math.max(SMALLEST, truth === 1 ? stated : 1 - stated)));
  }
  const n = Math.max(1, answers.length);
  return { ...reliability(sums, n), brier: brier / n, logLoss: logLoss / n };
}
