import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  calibrate,
  cohenKappa,
  confusionMatrix,
  overallAuc,
  perClassMetrics,
  predictedClass,
  rankClasses,
  summarise,
} from '../../src-main/evaluation/index.ts';

interface Case {
  name: string;
  labels: number[];
  probabilities: number[][];
  accuracy: number;
  balancedAccuracy: number;
  precision: number;
  recall: number;
  f1: number;
  auc: number | null;
  perClass: {
    precision: number[];
    recall: number[];
    f1: number[];
    support: number[];
    auc: (number | null)[];
  };
  confusion: number[][];
  logLoss: number;
  brier: number;
  averagePrecision: (number | null)[];
  kappa: number | null;
  roc: [number, number][];
}

const { cases } = JSON.parse(
  readFileSync(new URL('./reference/reference.json', import.meta.url), 'utf8'),
) as { cases: Case[] };

const closeTo = (found: number | null, expected: number | null): void => {
  if (expected === null || found === null) expect(found).toBe(expected);
  else expect(Math.abs(found - expected)).toBeLessThan(1e-9);
};

describe.each(cases)('equals scikit-learn on $name', (reference) => {
  const classes = reference.probabilities[0].map((_, k) => `class ${k}`);
  const predicted = reference.probabilities.map(predictedClass);
  const confusion = confusionMatrix(reference.labels, predicted, classes.length);
  const ranked = rankClasses(reference.labels, reference.probabilities, classes.length);
  const aucs = ranked.map((scores) => scores.auc());

  it('in average precision, and ends its curve at full recall', () => {
    ranked.forEach((scores, k) => {
      const found = scores.precisionRecall();
      closeTo(found?.averagePrecision ?? null, reference.averagePrecision[k]);
      if (found) expect(found.points.at(-1)![0]).toBe(1);
    });
  });

  it('in the agreement of two readers beyond chance', () => {
    closeTo(
      cohenKappa(reference.labels.map((label, at): [number, number] => [label, predicted[at]])),
      reference.kappa,
    );
  });

  it('in the confusion matrix', () => {
    expect(confusion).toEqual(reference.confusion);
  });

  it.each(['accuracy', 'balancedAccuracy', 'precision', 'recall', 'f1'] as const)('in %s', (metric) => {
    closeTo(summarise(confusion)[metric], reference[metric]);
  });

  it('in every class', () => {
    perClassMetrics(confusion, classes, aucs).forEach((found, k) => {
      for (const metric of ['precision', 'recall', 'f1', 'support', 'auc'] as const) {
        closeTo(found[metric], reference.perClass[metric][k]);
      }
    });
  });

  it('in the area under the curve, and in the curve', () => {
    closeTo(overallAuc(aucs), reference.auc);
    const points = ranked[1].curve();
    expect(points).toHaveLength(reference.roc.length);
    points.forEach((point, i) => point.forEach((value, axis) => closeTo(value, reference.roc[i][axis])));
  });

  it('in log loss and Brier score', () => {
    const calibration = calibrate(reference.labels, reference.probabilities);
    closeTo(calibration.logLoss, reference.logLoss);
    closeTo(calibration.brier, reference.brier);
  });
});

describe('specificity', () => {
  it('is the share of the others that were not called', () => {
    const [first] = perClassMetrics(
      [
        [3, 1],
        [2, 4],
      ],
      ['a', 'b'],
      [null, null],
    );
    expect(first.specificity).toBeCloseTo(4 / 6, 12);
  });
});

describe('calibration', () => {
  it('is perfect when every stated probability comes true, and off by the gap otherwise', () => {
    const sure = calibrate(
      [0, 1],
      [
        [1, 0],
        [0, 1],
      ],
    );
    expect(sure.expectedCalibrationError).toBeCloseTo(0, 12);
    const half = calibrate(
      [0, 1, 0, 1],
      Array.from({ length: 4 }, () => [0.9, 0.1]),
    );
    expect(half.expectedCalibrationError).toBeCloseTo(0.4, 12);
    expect(half.bins).toHaveLength(1);
  });
});
