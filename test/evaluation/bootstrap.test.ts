import { describe, expect, it } from 'vitest';
import type { ScoredPrediction } from '../../src-main/contract/evaluation.ts';
import { diagnoseCurves, evaluateModels } from '../../src-main/evaluation/index.ts';
import { RandomStream } from '../../src-main/platform/random.ts';

/** Predictions of a model that is right with a given chance, `images` per patient, all of a patient alike if clustered. */
function predictions(
  seed: number,
  patients: number,
  images: number,
  right: number,
  clustered: boolean,
): ScoredPrediction[] {
  const random = new RandomStream(seed, 'predictions');
  return Array.from({ length: patients }, (_, patient) => {
    const label = patient % 2;
    const shared = random.uniform() < right;
    return Array.from({ length: images }, (): ScoredPrediction => {
      const own = random.uniform() < right;
      const hit = clustered ? shared : own;
      const certain = 0.6 + 0.3 * random.uniform();
      const chosen = hit ? label : 1 - label;
      return {
        patientKey: `p${patient}`,
        label,
        probabilities: chosen === 0 ? [certain, 1 - certain] : [1 - certain, certain],
      };
    });
  }).flat();
}

const width = ({ low, high }: { low: number | null; high: number | null }): number => high! - low!;

describe('the bootstrap', () => {
  const classes = ['a', 'b'];

  it('gives the same intervals for the same seed, and others for another', () => {
    const models = [
      { name: 'm', approach: 'fine-tuned' as const, predictions: predictions(1, 20, 2, 0.7, false) },
    ];
    const once = evaluateModels({ classes, models, seed: 3, replicates: 200 });
    expect(evaluateModels({ classes, models, seed: 3, replicates: 200 })).toEqual(once);
    expect(evaluateModels({ classes, models, seed: 4, replicates: 200 }).models[0].metrics.auc).not.toEqual(
      once.models[0].metrics.auc,
    );
  });

  it('resamples patients, not images: images that stand or fall together widen the interval', () => {
    const of = (clustered: boolean) =>
      evaluateModels({
        classes,
        models: [{ name: 'm', approach: 'probe', predictions: predictions(2, 30, 10, 0.7, clustered) }],
        replicates: 500,
      }).models[0].metrics.accuracy;
    expect(width(of(true))).toBeGreaterThan(1.8 * width(of(false)));
  });

  it('covers the truth about as often as it says', () => {
    let covered = 0;
    for (let trial = 0; trial < 60; trial++) {
      const models = [
        { name: 'm', approach: 'probe' as const, predictions: predictions(100 + trial, 60, 1, 0.8, false) },
      ];
      const { low, high } = evaluateModels({ classes, models, seed: trial, replicates: 200 }).models[0]
        .metrics.accuracy;
      covered += Number(low! <= 0.8 && 0.8 <= high!);
    }
    expect(covered).toBeGreaterThanOrEqual(51);
  });

  it('pairs models: of two alike the difference is zero, and no interval claims more than that', () => {
    const same = predictions(5, 15, 2, 0.7, false);
    const { differences } = evaluateModels({
      classes,
      models: [
        { name: 'x', approach: 'scratch', predictions: same },
        { name: 'y', approach: 'fine-tuned', predictions: same },
      ],
      replicates: 100,
    });
    for (const { difference } of differences)
      expect(difference).toEqual({ value: 0, low: null, high: null, withheld: 'no-variation' });
  });

  it('says how many replicates lacked a class, and leaves the area undefined where only one is present', () => {
    const few = predictions(6, 2, 1, 1, false);
    const table = evaluateModels({
      classes,
      models: [{ name: 'm', approach: 'probe', predictions: few }],
      replicates: 400,
    });
    expect(table.bootstrap.lackingAClass / 400).toBeCloseTo(0.5, 1);
    const one = few.slice(0, 1);
    const alone = evaluateModels({
      classes,
      models: [{ name: 'm', approach: 'probe', predictions: one }],
      replicates: 50,
    });
    expect(alone.models[0].metrics.auc).toEqual({ value: null, low: null, high: null });
  });

  /** One image of each patient, some patients of class 0 and some of class 1. */
  const patientsOf = (zeros: number, ones: number): ScoredPrediction[] =>
    Array.from({ length: zeros + ones }, (_, patient) => {
      const label = Number(patient >= zeros);
      // One of each class is wrong, so that draws differ.
      const called = patient === 0 || patient === zeros ? 1 - label : label;
      return {
        patientKey: `p${patient}`,
        label,
        probabilities: called === 0 ? [0.7 + 0.01 * patient, 0.3 - 0.01 * patient] : [0.2, 0.8],
      };
    });
  const metricsOf = (zeros: number, ones: number) =>
    evaluateModels({
      classes,
      models: [{ name: 'm', approach: 'probe', predictions: patientsOf(zeros, ones) }],
      replicates: 200,
    }).models[0].metrics;

  it('withholds what averages over classes where a class has fewer than five patients, and says why', () => {
    const few = metricsOf(12, 4);
    expect(few.accuracy).not.toHaveProperty('withheld');
    expect(few.accuracy.low).toBeLessThan(few.accuracy.high!);
    for (const metric of ['balancedAccuracy', 'precision', 'recall', 'f1', 'auc'] as const) {
      expect(few[metric]).toEqual({
        value: few[metric].value,
        low: null,
        high: null,
        withheld: 'too-few-patients',
      });
      expect(metricsOf(12, 5)[metric].low).not.toBeNull();
    }
    expect(metricsOf(2, 2).accuracy.withheld).toBe('too-few-patients');
  });

  it('counts patients, not images: many images of four patients are four', () => {
    const images = patientsOf(4, 4).flatMap((one) => Array.from({ length: 25 }, () => one));
    const { accuracy, auc } = evaluateModels({
      classes,
      models: [{ name: 'm', approach: 'probe', predictions: images }],
      replicates: 100,
    }).models[0].metrics;
    expect(auc.withheld).toBe('too-few-patients');
    expect(accuracy).not.toHaveProperty('withheld');
  });

  it('withholds differences by the same rule', () => {
    const models = ['scratch', 'fine-tuned'].map((approach, at) => ({
      name: approach,
      approach: approach as 'scratch' | 'fine-tuned',
      predictions: patientsOf(12, 4).map((one, i) =>
        at === 1 && i === 0 ? { ...one, probabilities: [0.9, 0.1] } : one,
      ),
    }));
    const { differences } = evaluateModels({ classes, models, replicates: 200 });
    const of = (metric: string) => differences.find((one) => one.metric === metric)!.difference;
    expect(of('balancedAccuracy')).toMatchObject({ low: null, withheld: 'too-few-patients' });
    expect(of('accuracy').low).not.toBeNull();
  });

  it('refuses models that saw different images, and no images at all', () => {
    const a = { name: 'x', approach: 'scratch' as const, predictions: predictions(1, 5, 1, 0.7, false) };
    const b = { name: 'y', approach: 'probe' as const, predictions: predictions(1, 6, 1, 0.7, false) };
    expect(() => evaluateModels({ classes, models: [a, b] })).toThrow(/same images; y did not/);
    expect(() => evaluateModels({ classes, models: [] })).toThrow(/at least one image/);
  });
});

describe('the diagnosis of curves', () => {
  const epoch = (trainLoss: number, valLoss: number, trainAccuracy: number, valAccuracy: number) => ({
    trainLoss,
    valLoss,
    trainAccuracy,
    valAccuracy,
  });

  it.each([
    ['too-short', [epoch(1, 1, 0.5, 0.5)]],
    ['overfitting', [epoch(1, 1, 0.5, 0.5), epoch(0.5, 0.8, 0.8, 0.7), epoch(0.1, 1.2, 1, 0.7)]],
    ['underfitting', [epoch(1.1, 1.1, 0.34, 0.3), epoch(1.1, 1.1, 0.35, 0.3), epoch(1.1, 1.1, 0.36, 0.3)]],
    ['no-gain', [epoch(1.1, 1, 0.5, 0.5), epoch(1, 1.06, 0.6, 0.5), epoch(0.9, 1.05, 0.65, 0.55)]],
    ['past-its-best', [epoch(1.1, 1, 0.5, 0.5), epoch(1, 0.9, 0.6, 0.6), epoch(0.9, 0.94, 0.65, 0.6)]],
    ['still-improving', [epoch(1, 1, 0.5, 0.5), epoch(0.8, 0.9, 0.6, 0.6), epoch(0.6, 0.8, 0.7, 0.7)]],
    ['healthy', [epoch(1, 1, 0.5, 0.5), epoch(0.6, 0.7, 0.8, 0.8), epoch(0.55, 0.71, 0.82, 0.79)]],
  ] as const)('says %s', (verdict, epochs) => {
    expect(diagnoseCurves(epochs, 1 / 3).verdict).toBe(verdict);
  });
});
