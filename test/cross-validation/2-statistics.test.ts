import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { metricNames, type MetricName } from '../../src-main/contract/evaluation.ts';
import { correctedT, foldsOfApproaches, spreadOf } from '../../src-main/evaluation/cross-validation/index.ts';
import { evaluateModels } from '../../src-main/evaluation/index.ts';

type Approach = 'probe' | 'fine-tuned';
type Values = Record<MetricName, number>;
interface Corrected {
  mean: number;
  low: number;
  high: number;
  pValue: number;
}
interface Reference {
  classes: number;
  group: number[];
  truth: number[];
  fold: number[];
  answers: Record<Approach, number[][]>;
  sides: { learned: number; judged: number }[];
  folds: Record<Approach, Values>[];
  spread: Record<Approach, Record<MetricName, { mean: number; standardDeviation: number }>>;
  differences: Record<MetricName, Corrected>;
  pooled: Record<Approach, Values>;
  tests: ({ differences: number[]; ratio: number } & Corrected)[];
}

const path = new URL('reference/cross-validation.json', import.meta.url);
const reference = JSON.parse(readFileSync(path, 'utf8')) as Reference;
const approaches: Approach[] = ['probe', 'fine-tuned'];
const classes = ['a', 'b', 'c'];

const predictions = (approach: Approach, fold: number | null) =>
  reference.truth.flatMap((label, i) => {
    if (fold !== null && reference.fold[i] !== fold) return [];
    const raw = reference.answers[approach][i];
    const sum = raw.reduce((total, one) => total + one, 0);
    return [{ patientKey: `p${reference.group[i]}`, label, probabilities: raw.map((one) => one / sum) }];
  });

describe('the statistics of folds', () => {
  const found = foldsOfApproaches(
    reference.sides.map((sides, fold) => ({
      ...sides,
      models: approaches.map((approach) => ({ approach, predictions: predictions(approach, fold) })),
    })),
    classes,
    false,
  );

  it('are, fold by fold, what scikit-learn computes of the same answers', () => {
    found.folds.forEach((of, fold) => {
      for (const { approach, metrics } of of)
        for (const name of metricNames)
          expect(metrics[name]).toBeCloseTo(reference.folds[fold][approach as Approach][name], 10);
    });
    expect(found.folds).toHaveLength(5);
  });

  it('have NumPy’s mean and standard deviation', () => {
    for (const { approach, metric, mean, standardDeviation, folds } of found.spread) {
      const expected = reference.spread[approach as Approach][metric];
      expect([folds, mean]).toEqual([5, expect.closeTo(expected.mean, 10)]);
      expect(standardDeviation).toBeCloseTo(expected.standardDeviation, 10);
    }
    expect(found.spread).toHaveLength(12);
  });

  it('compare the last approach with each before it, as the corrected t-test does with SciPy', () => {
    for (const { first, second, metric, mean, low, high, pValue } of found.differences) {
      const expected = reference.differences[metric];
      expect([first, second]).toEqual(['fine-tuned', 'probe']);
      expect(mean).toBeCloseTo(expected.mean, 10);
      expect([low, high, pValue]).toEqual(
        [expected.low, expected.high, expected.pValue].map((one) => expect.closeTo(one, 8)),
      );
    }
    expect(found.differences).toHaveLength(6);
  });

  it('pooled are what scikit-learn computes of all answers together', () => {
    const table = evaluateModels({
      classes,
      replicates: 50,
      models: approaches.map((approach) => ({
        name: approach,
        approach,
        predictions: predictions(approach, null),
      })),
    });
    table.models.forEach(({ metrics }, m) => {
      for (const name of metricNames)
        expect(metrics[name].value).toBeCloseTo(reference.pooled[approaches[m]][name], 10);
    });
  });
});

describe('the statistics of folds with findings', () => {
  it('are those of each fold alone, unknown answers left out', () => {
    const fold = (shift: number) => ({
      learned: 12,
      judged: 6,
      models: approaches.map((approach, m) => ({
        approach,
        predictions: Array.from({ length: 12 }, (_, i) => ({
          patientKey: `p${shift}/${i % 6}`,
          label: -1,
          findings: [i % 2, i % 5 === 0 ? null : i % 3 === 0 ? 1 : 0] as never,
          // The first approach errs on one image in four, the second on one in six.
          probabilities: [Math.abs((i % 2) - ((i + shift) % (4 + 2 * m) === 0 ? 0.9 : 0.1)), 0.2],
        })),
      })),
    });
    const judged = [fold(0), fold(1)];
    const found = foldsOfApproaches(judged, ['x', 'y'], true);
    judged.forEach(({ models }, at) => {
      const { models: alone } = evaluateModels({
        classes: ['x', 'y'],
        multiLabel: true,
        replicates: 50,
        models: models.map((one) => ({ ...one, name: one.approach })),
      });
      found.folds[at].forEach(({ metrics }, m) => {
        for (const name of metricNames) expect(metrics[name]).toBe(alone[m].metrics[name].value);
      });
    });
    const accuracy = found.differences.find(({ metric }) => metric === 'accuracy')!;
    expect(accuracy.mean).toBeGreaterThan(0);
    expect(accuracy.folds).toBe(2);
  });
});

describe('the corrected t-test', () => {
  it.each(reference.tests)('of $differences is SciPy’s', ({ differences, ratio, ...expected }) => {
    const found = correctedT(differences, ratio);
    for (const name of ['mean', 'low', 'high', 'pValue'] as const)
      expect(found[name]).toBeCloseTo(expected[name], 8);
  });

  it('is wider than the plain one, which takes folds as independent', () => {
    const differences = [0.03, 0.01, 0.05, -0.01, 0.02];
    const [plain, corrected] = [correctedT(differences, 0), correctedT(differences, 0.25)];
    expect((corrected.high! - corrected.low!) / (plain.high! - plain.low!)).toBeCloseTo(1.5, 10);
    expect(corrected.pValue!).toBeGreaterThan(plain.pValue!);
  });

  it('gives no interval where all folds differ by the same', () => {
    expect(correctedT([0.1, 0.1, 0.1], 0.5)).toEqual({
      mean: expect.closeTo(0.1),
      low: null,
      high: null,
      pValue: null,
    });
  });
});

describe('the spread over folds', () => {
  it('counts those in which a metric is defined', () => {
    expect(spreadOf([0.5, null, 0.7])).toEqual({
      folds: 2,
      mean: 0.6,
      standardDeviation: expect.closeTo(Math.SQRT2 / 10),
      lowest: 0.5,
      highest: 0.7,
    });
    expect(spreadOf([null]).mean).toBeNull();
    expect(spreadOf([0.5]).standardDeviation).toBeNull();
  });
});
