import { describe, expect, it } from 'vitest';
import { averagedMetricNames, averageNames } from '../../src-main/contract/evaluation.ts';
import { calibrate } from '../../src-main/evaluation/calibration.ts';
import { confusionMatrix, predictedClass, summarise } from '../../src-main/evaluation/index.ts';
import {
  averagedMetrics,
  matthewsCorrelation,
  meanAveragePrecision,
  oneVersusOneAuc,
  oneVersusRestAuc,
  weightedKappa,
} from '../../src-main/evaluation/metrics/index.ts';
import {
  bcaInterval,
  bootstrapPatients,
  fullMetrics,
  jackknifePatients,
} from '../../src-main/evaluation/resampling/index.ts';
import { rankClasses } from '../../src-main/evaluation/roc.ts';
import { RandomStream } from '../../src-main/platform/random.ts';

const random = new RandomStream(3, 'full metrics');
const CLASSES = 4;
const PATIENTS = 40;
const patientOf = Int32Array.from({ length: 130 }, () => random.integer(PATIENTS));
// The last class is never anybody's, and now and then called.
const labels = Int32Array.from(patientOf, () => random.integer(CLASSES - 1));
const probabilities = Array.from(labels, (label) => {
  const raw = Array.from({ length: CLASSES }, (_, k) => Math.exp(random.normal() + Number(k === label)));
  const sum = raw.reduce((total, value) => total + value, 0);
  // Coarse, so that there are ties.
  return raw.map((value) => Math.round((20 * value) / sum) / 20);
});

/** Rows as often as their patient counts. */
function drawn(counts: Float64Array) {
  const rows = Array.from(labels, (_, i) => i).flatMap((i) => Array<number>(counts[patientOf[i]]).fill(i));
  return { labels: rows.map((i) => labels[i]), probabilities: rows.map((i) => probabilities[i]) };
}

describe('every metric of a resample', () => {
  const counts = Float64Array.from({ length: PATIENTS }, () => random.integer(4));

  it('is that of the images written out as often as their patients were drawn', () => {
    const { statistic, layout } = fullMetrics(labels, probabilities, patientOf, CLASSES);
    const values = Float64Array.from(statistic(counts));
    const written = drawn(counts);
    const confusion = confusionMatrix(written.labels, written.probabilities.map(predictedClass), CLASSES);
    const summary = summarise(confusion);
    for (const name of ['accuracy', 'balancedAccuracy', 'precision', 'recall', 'f1'] as const)
      expect(values[layout.overall(name)]).toBeCloseTo(summary[name], 12);
    for (const average of averageNames)
      for (const name of averagedMetricNames)
        expect(values[layout.average(average, name)], `${average} ${name}`).toBeCloseTo(
          averagedMetrics(confusion, average)[name],
          12,
        );
    expect(values[layout.overall('matthews')]).toBeCloseTo(matthewsCorrelation(confusion)!, 12);
    expect(values[layout.overall('kappa')]).toBeCloseTo(weightedKappa(confusion, 'none')!, 12);
    const stated = calibrate(written.labels, written.probabilities);
    expect(values[layout.overall('brier')]).toBeCloseTo(stated.brier, 12);
    expect(values[layout.overall('logLoss')]).toBeCloseTo(stated.logLoss, 12);
    expect(values[layout.overall('expectedCalibrationError')]).toBeCloseTo(
      stated.expectedCalibrationError,
      12,
    );
    rankClasses(written.labels, written.probabilities, CLASSES - 1).forEach((ranked, k) => {
      expect(values[layout.ofClass(k, 'auc')]).toBeCloseTo(ranked.auc()!, 12);
      expect(values[layout.ofClass(k, 'averagePrecision')]).toBeCloseTo(ranked.averagePrecision()!, 12);
    });
    // A class that nobody has leaves no mean area.
    expect(values[layout.overall('auc')]).toBeNaN();
    expect(values[layout.overall('aucOneVersusOne')]).toBeNaN();
    expect(values[layout.present]).toBe(CLASSES - 1);
  });

  it('averages areas over classes and over pairs of classes as scikit-learn does', () => {
    const three = probabilities.map((row) => row.slice(0, 3));
    const { statistic, layout } = fullMetrics(labels, three, patientOf, 3);
    const values = statistic(counts);
    const written = drawn(counts);
    const rows = written.probabilities.map((row) => row.slice(0, 3));
    expect(values[layout.overall('auc')]).toBeCloseTo(oneVersusRestAuc(written.labels, rows, 3)!, 12);
    expect(values[layout.overall('aucOneVersusOne')]).toBeCloseTo(
      oneVersusOneAuc(written.labels, rows, 3)!,
      12,
    );
    expect(values[layout.overall('averagePrecision')]).toBeCloseTo(
      meanAveragePrecision(written.labels, rows, 3)!,
      12,
    );
  });

  it('is of two classes the area of the second, and not a number where one class is left', () => {
    const two = Int32Array.from(labels, (label) => Number(label > 0));
    const rows = probabilities.map((row) => [row[0], 1 - row[0]]);
    const { statistic, layout } = fullMetrics(two, rows, patientOf, 2);
    const { point } = bootstrapPatients(statistic, PATIENTS, { replicates: 1 });
    expect(point[layout.overall('auc')]).toBe(point[layout.ofClass(1, 'auc')]);
    expect(point[layout.overall('aucOneVersusOne')]).toBe(point[layout.overall('auc')]);
    const alone = fullMetrics(two.fill(1), rows, patientOf, 2);
    const values = alone.statistic(new Float64Array(PATIENTS).fill(1));
    expect(values[alone.layout.overall('auc')]).toBeNaN();
    expect(values[alone.layout.overall('matthews')]).toBeNaN();
    expect(values[alone.layout.ofClass(1, 'averagePrecision')]).toBe(1);
  });
});

describe('leaving out groups of patients', () => {
  it('moves a BCa interval as leaving out one after the other does', () => {
    const stream = new RandomStream(8, 'groups');
    const values = Float64Array.from({ length: 3000 }, () => Math.exp(stream.normal()));
    const mean = (counts: Float64Array): number[] => {
      const all = counts.reduce((sum, count) => sum + count, 0);
      return [values.reduce((sum, value, i) => sum + counts[i] * value, 0) / all];
    };
    const { point, replicates } = bootstrapPatients(mean, values.length, { replicates: 300 });
    const each = bcaInterval(point[0], replicates[0], jackknifePatients(mean, values.length)[0])!;
    const [grouped] = jackknifePatients(mean, values.length, 500);
    expect(grouped).toHaveLength(500);
    const inGroups = bcaInterval(point[0], replicates[0], grouped)!;
    const width = each.high - each.low;
    expect(Math.abs(inGroups.low - each.low)).toBeLessThan(0.02 * width);
    expect(Math.abs(inGroups.high - each.high)).toBeLessThan(0.02 * width);
  });
});
