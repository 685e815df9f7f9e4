import { describe, expect, it } from 'vitest';
import {
  cheapestPoint,
  decisionCurve,
  operatingPoints,
  pointAtSensitivity,
  pointAtSpecificity,
  predictiveValues,
  youdenPoint,
} from '../../src-main/evaluation/thresholds/index.ts';

const scores = [0.1, 0.4, 0.35, 0.8];
const positive = [false, false, true, true];

describe('operating points', () => {
  it('go from nobody called to everybody', () => {
    const points = operatingPoints(scores, positive);
    expect(points).toHaveLength(5);
    expect(points[0]).toMatchObject({ threshold: Infinity, sensitivity: 0, specificity: 1 });
    expect(points.at(-1)).toMatchObject({ threshold: 0.1, sensitivity: 1, specificity: 0 });
  });

  it('are none where a side is absent, and nothing is chosen then', () => {
    const none = operatingPoints([0.2, 0.7], [true, true]);
    expect(none).toEqual([]);
    expect(youdenPoint(none)).toBeNull();
    expect(pointAtSensitivity(none, 0.5)).toBeNull();
    expect(pointAtSpecificity(none, 0.5)).toBeNull();
    expect(cheapestPoint(none, { falseNegative: 1, falsePositive: 1 })).toBeNull();
  });

  it('take the higher of two thresholds that are as good', () => {
    expect(youdenPoint(operatingPoints(scores, positive))!.threshold).toBe(0.8);
  });

  it('call nobody where false alarms cost all, and everybody where missed cases do', () => {
    const points = operatingPoints(scores, positive);
    expect(cheapestPoint(points, { falseNegative: 0, falsePositive: 1 })!.threshold).toBe(Infinity);
    expect(cheapestPoint(points, { falseNegative: 1, falsePositive: 0 })!.sensitivity).toBe(1);
  });

  it('have no predictive value for what nobody is called', () => {
    expect(predictiveValues({ sensitivity: 0, specificity: 1 }, 0.1)).toEqual({
      positive: null,
      negative: 0.9,
    });
    expect(predictiveValues({ sensitivity: 1, specificity: 0 }, 0.1)).toEqual({
      positive: 0.1,
      negative: null,
    });
  });
});

describe('the decision curve', () => {
  it('meets that of treating everybody where everybody is called, and is zero where nobody is', () => {
    const curve = decisionCurve(positive, scores, { thresholds: [0.05, 0.9] });
    expect(curve[0].model).toBeCloseTo(curve[0].treatAll, 12);
    expect(curve[1].model).toBe(0);
  });

  it('is empty of no cases, and has 99 points unless others are asked for', () => {
    expect(decisionCurve([], [])).toEqual([]);
    expect(decisionCurve(positive, scores)).toHaveLength(99);
  });
});
