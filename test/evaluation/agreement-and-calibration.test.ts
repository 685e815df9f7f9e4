import { describe, expect, it } from 'vitest';
import { calibrate, cohenKappa, confusionMatrix, summarise } from '../../src-main/evaluation/index.ts';
import {
  adaptiveCalibrationError,
  averagedMetrics,
  brierScore,
  calibrationSlope,
  expectedCalibrationError,
  logLoss,
  matthewsCorrelation,
  oneVersusOneAuc,
  oneVersusRestAuc,
  reliabilityCurve,
  spiegelhalterZ,
  weightedKappa,
} from '../../src-main/evaluation/metrics/index.ts';
import { RandomStream } from '../../src-main/platform/random.ts';

const random = new RandomStream(9, 'metrics');
const labels = Array.from({ length: 90 }, () => random.integer(3));
const probabilities = labels.map((label) => {
  const raw = [0, 1, 2].map((k) => Math.exp(random.normal() + Number(k === label)));
  return raw.map((value) => value / (raw[0] + raw[1] + raw[2]));
});
const predicted = probabilities.map((row) => row.indexOf(Math.max(...row)));
const confusion = confusionMatrix(labels, predicted, 3);

describe('metrics of many classes', () => {
  it('agree with the ones that reports use', () => {
    const { precision, recall, f1, accuracy } = summarise(confusion);
    expect(averagedMetrics(confusion, 'macro')).toMatchObject({ precision, recall, f1 });
    expect(averagedMetrics(confusion, 'micro').f1).toBeCloseTo(accuracy, 12);
    const pairs = labels.map((label, i): [number, number] => [label, predicted[i]]);
    expect(weightedKappa(confusion, 'none')).toBeCloseTo(cohenKappa(pairs)!, 12);
    const reported = calibrate(labels, probabilities);
    expect(brierScore(labels, probabilities)).toBeCloseTo(reported.brier, 12);
    expect(logLoss(labels, probabilities)).toBeCloseTo(reported.logLoss, 12);
    expect(expectedCalibrationError(labels, probabilities)).toBeCloseTo(
      reported.expectedCalibrationError,
      12,
    );
  });

  it('are not defined where one class is all there is', () => {
    const one = [
      [5, 0],
      [0, 0],
    ];
    expect(matthewsCorrelation(one)).toBeNull();
    expect(weightedKappa(one, 'quadratic')).toBeNull();
    expect(
      oneVersusRestAuc(
        [0, 0, 1],
        [
          [1, 0, 0],
          [0, 1, 0],
          [0, 0, 1],
        ],
        3,
      ),
    ).toBeNull();
    expect(
      oneVersusOneAuc(
        [0, 0, 1],
        [
          [1, 0, 0],
          [0, 1, 0],
          [0, 0, 1],
        ],
        3,
      ),
    ).toBeNull();
    expect(
      averagedMetrics(
        [
          [0, 0],
          [0, 0],
        ],
        'weighted',
      ),
    ).toEqual({ precision: 0, recall: 0, specificity: 0, f1: 0 });
    expect(
      weightedKappa(
        [
          [0, 0],
          [0, 0],
        ],
        'none',
      ),
    ).toBeNull();
  });

  it('let near grades count for more than far ones, only with weights', () => {
    const near = [
      [8, 2, 0],
      [0, 8, 2],
      [0, 0, 10],
    ];
    const far = [
      [8, 0, 2],
      [2, 8, 0],
      [0, 0, 10],
    ];
    expect(weightedKappa(near, 'none')).toBeCloseTo(weightedKappa(far, 'none')!, 1);
    expect(weightedKappa(near, 'quadratic')!).toBeGreaterThan(weightedKappa(far, 'quadratic')! + 0.1);
  });

  it('of pairs do not move when a class is seen more often, those against the rest do', () => {
    const twice = <T>(values: readonly T[]): T[] =>
      values.flatMap((value, i) => (labels[i] === 0 ? [value, value, value] : [value]));
    expect(oneVersusOneAuc(twice(labels), twice(probabilities), 3)).toBeCloseTo(
      oneVersusOneAuc(labels, probabilities, 3)!,
      12,
    );
    expect(oneVersusRestAuc(twice(labels), twice(probabilities), 3)).not.toBeCloseTo(
      oneVersusRestAuc(labels, probabilities, 3)!,
      6,
    );
  });
});

describe('reliability', () => {
  it('puts a value on an edge into the bin below it, and 0 and 1 into the outermost', () => {
    const curve = reliabilityCurve([0, 0.2, 0.2001, 1], [false, true, true, true], { bins: 5 });
    expect(curve.map(({ count }) => count)).toEqual([2, 1, 1]);
  });

  it('keeps equal values in one bin of equal mass, and is empty of nothing', () => {
    expect(
      reliabilityCurve(Array<number>(9).fill(0.7), Array<boolean>(9).fill(true), { binning: 'mass' }),
    ).toEqual([{ confidence: expect.closeTo(0.7, 12), accuracy: 1, count: 9 }]);
    expect(reliabilityCurve([], [])).toEqual([]);
    expect(adaptiveCalibrationError([], [], 2)).toBe(0);
    expect(expectedCalibrationError([], [])).toBe(0);
  });
});

describe('the calibration slope', () => {
  const odds = Array.from({ length: 4000 }, () => 1.5 * random.normal() - 0.5);
  const came = odds.map((logit) => random.uniform() < 1 / (1 + Math.exp(-logit)));
  const stated = odds.map((logit) => 1 / (1 + Math.exp(-logit)));
  const tooSure = odds.map((logit) => 1 / (1 + Math.exp(-2 * logit - 1)));

  it('is 1 of right probabilities, and a half of log odds twice as far', () => {
    expect(calibrationSlope(came, stated)!.slope).toBeCloseTo(1, 0);
    expect(calibrationSlope(came, tooSure)!.slope).toBeCloseTo(calibrationSlope(came, stated)!.slope / 2, 3);
    expect(Math.abs(spiegelhalterZ(came, stated)!)).toBeLessThan(3);
    expect(Math.abs(spiegelhalterZ(came, tooSure)!)).toBeGreaterThan(5);
  });

  it('is not defined where a side is absent, nothing is told apart, or all is', () => {
    expect(calibrationSlope([true, true], [0.3, 0.6])).toBeNull();
    expect(calibrationSlope([true, false, true], [0.3, 0.3, 0.3])).toBeNull();
    expect(calibrationSlope([true, true, false, false], [0.9, 0.8, 0.2, 0.1])).toBeNull();
    expect(calibrationSlope([], [])).toBeNull();
    expect(calibrationSlope([true, false, true, false], [1, 0, 0, 1])!.slope).toBeCloseTo(0, 9);
    expect(spiegelhalterZ([], [])).toBeNull();
  });
});
