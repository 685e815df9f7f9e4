import { predictedClass } from '../classification.ts';
import { binOf, widthEdges } from '../metrics/reliability.ts';
import type { WeightedStatistic } from './bootstrap.ts';
import { RankingByPatient } from './ranking-by-patient.ts';

/** In the order in which `classifierMetrics` gives them. */
export const classifierMetricNames = ['accuracy', 'macroF1', 'macroAuc', 'brier', 'ece'] as const;

const BINS = 10;

/**
 * Accuracy, macro F1 (over classes that occur), macro area one against the rest (of two classes that of the second; NaN where one is absent), Brier
 * score and expected calibration error (ten bins of equal width) of any resample of patients. What does not change between resamples is
 * computed once: thousands of replicates of ten thousand images take seconds.
 *
 * @param labels class of each image
 * @param probabilities for each image one value for each class
 * @param patientOf for each image its patient, from 0
 */
export function classifierMetrics(
  labels: ArrayLike<number>,
  probabilities: readonly ArrayLike<number>[],
  patientOf: Int32Array,
  classes: number,
): WeightedStatistic {
  const images = probabilities.length;
  const cellOf = new Int32Array(images);
  const binOfImage = new Int32Array(images);
  const gaps = new Float64Array(images);
  const errors = new Float64Array(images);
  const edges = widthEdges(BINS);
  probabilities.forEach((row, i) => {
    const best = predictedClass(row);
    cellOf[i] = labels[i] * classes + best;
    binOfImage[i] = binOf(row[best], edges);
    gaps[i] = Number(best === labels[i]) - row[best];
    for (let k = 0; k < classes; k++) errors[i] += (row[k] - Number(labels[i] === k)) ** 2;
  });
  const rankings = Array.from({ length: classes }, (_, k) => k)
    .filter((k) => classes > 2 || k === 1)
    .map(
      (k) =>
        new RankingByPatient(
          Float64Array.from(probabilities, (row) => row[k]),
          Uint8Array.from(labels, (label) => Number(label === k)),
          patientOf,
        ),
    );
  const confusion = new Float64Array(classes * classes);
  const gapOfBin = new Float64Array(BINS);
  const values = new Float64Array(classifierMetricNames.length);
  return (counts) => {
    confusion.fill(0);
    gapOfBin.fill(0);
    let total = 0;
    let error = 0;
    for (let i = 0; i < images; i++) {
      const count = counts[patientOf[i]];
      if (count === 0) continue;
      total += count;
      confusion[cellOf[i]] += count;
      gapOfBin[binOfImage[i]] += count * gaps[i];
      error += count * errors[i];
    }
    let hits = 0;
    for (let k = 0; k < classes; k++) hits += confusion[k * classes + k];
    values[0] = hits / total;
    values[1] = macroF1(confusion, classes);
    values[2] = rankings.reduce((sum, ranking) => sum + ranking.auc(counts), 0) / rankings.length;
    values[3] = error / total;
    values[4] = gapOfBin.reduce((sum, gap) => sum + Math.abs(gap), 0) / total;
    return values;
  };
}

function macroF1(confusion: Float64Array, classes: number): number {
  let sum = 0;
  let seen = 0;
  for (let k = 0; k < classes; k++) {
    let either = 0;
    for (let other = 0; other < classes; other++) {
      either += confusion[k * classes + other] + confusion[other * classes + k];
    }
    if (either === 0) continue;
    seen++;
    sum += (2 * confusion[k * classes + k]) / either;
  }
  return sum / seen;
}
