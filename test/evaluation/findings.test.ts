import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Finding } from '../../src-main/contract/dataset.ts';
import type { ScoredPrediction } from '../../src-main/contract/evaluation.ts';
import { evaluateModels, youdenThresholds } from '../../src-main/evaluation/index.ts';
import { RandomStream } from '../../src-main/platform/random.ts';

interface Reference {
  truths: (0 | 1 | -1)[][];
  probabilities: number[][];
  perFinding: Record<
    'auc' | 'averagePrecision' | 'precision' | 'recall' | 'f1' | 'specificity' | 'youden',
    number
  >[];
  macro: Record<'auc' | 'averagePrecision' | 'precision' | 'recall' | 'f1' | 'balancedAccuracy', number>;
  microF1: number;
  accuracy: number;
  subsetAccuracy: number;
  brier: number;
  logLoss: number;
  complete: Record<
    'hammingLoss' | 'subsetAccuracy' | 'f1' | 'microF1' | 'auc' | 'averagePrecision',
    number
  > & { truths: (0 | 1)[][] };
}
const { findings: reference } = JSON.parse(
  readFileSync(new URL('./reference/reference.json', import.meta.url), 'utf8'),
) as { findings: Reference };

const classes = ['Effusion', 'Mass', 'Edema'];

/** Two images for each patient. */
const predictionsOf = (truths: readonly (readonly number[])[]): ScoredPrediction[] =>
  truths.map((row, i) => ({
    patientKey: `p${i >> 1}`,
    label: -1,
    findings: row.map((truth): Finding => (truth === -1 ? null : (truth as 0 | 1))),
    probabilities: reference.probabilities[i],
  }));

const evaluate = (truths: readonly (readonly number[])[], replicates = 1) =>
  evaluateModels({
    classes,
    multiLabel: true,
    replicates,
    models: [{ name: 'm', approach: 'fine-tuned', predictions: predictionsOf(truths) }],
  }).models[0];

describe('findings are judged as scikit-learn judges them', () => {
  it('each on the images of which it is known', () => {
    const { findings, perClass, metrics, calibration } = evaluate(reference.truths);
    reference.perFinding.forEach((expected, k) => {
      const { half, auc, averagePrecision, present, absent } = findings!.perFinding[k];
      expect(auc.value).toBeCloseTo(expected.auc, 9);
      expect(averagePrecision.value).toBeCloseTo(expected.averagePrecision, 9);
      for (const name of ['precision', 'recall', 'f1', 'specificity'] as const) {
        expect(half[name]).toBeCloseTo(expected[name], 9);
        expect(perClass[k][name]).toBe(half[name]);
      }
      expect(present + absent).toBe(reference.truths.filter((row) => row[k] !== -1).length);
    });
    const { macro } = reference;
    for (const name of ['auc', 'precision', 'recall', 'f1', 'balancedAccuracy'] as const)
      expect(metrics[name].value).toBeCloseTo(macro[name], 9);
    expect(metrics.accuracy.value).toBeCloseTo(reference.accuracy, 9);
    expect(findings!.metrics.averagePrecision.value).toBeCloseTo(macro.averagePrecision, 9);
    expect(findings!.metrics.microF1.value).toBeCloseTo(reference.microF1, 9);
    expect(findings!.metrics.hammingLoss.value).toBeCloseTo(1 - reference.accuracy, 9);
    expect(findings!.metrics.subsetAccuracy.value).toBeCloseTo(reference.subsetAccuracy, 9);
    expect(calibration.brier).toBeCloseTo(reference.brier, 9);
    expect(calibration.logLoss).toBeCloseTo(reference.logLoss, 9);
  });

  it('and all together where all is known', () => {
    const { complete } = reference;
    const { findings, metrics } = evaluate(complete.truths);
    expect(findings!.metrics.hammingLoss.value).toBeCloseTo(complete.hammingLoss, 9);
    expect(findings!.metrics.subsetAccuracy.value).toBeCloseTo(complete.subsetAccuracy, 9);
    expect(findings!.metrics.microF1.value).toBeCloseTo(complete.microF1, 9);
    expect(findings!.metrics.averagePrecision.value).toBeCloseTo(complete.averagePrecision, 9);
    expect(metrics.f1.value).toBeCloseTo(complete.f1, 9);
    expect(metrics.auc.value).toBeCloseTo(complete.auc, 9);
  });

  it('at the threshold that Youden’s index chooses', () => {
    const thresholds = youdenThresholds(predictionsOf(reference.truths), 3);
    reference.perFinding.forEach(({ youden }, k) => expect(thresholds[k]).toBeCloseTo(youden, 12));
    const [model] = evaluateModels({
      classes,
      multiLabel: true,
      replicates: 1,
      models: [
        {
          name: 'm',
          approach: 'probe',
          predictions: predictionsOf(reference.truths),
          thresholds: [0.3, null, 1],
        },
      ],
    }).models;
    const [first, second, third] = model.findings!.perFinding;
    expect(first.youden!.recall).toBeGreaterThanOrEqual(first.half.recall);
    expect(second.youden).toBeNull();
    expect(third.youden!.hits + third.youden!.alarms).toBeLessThan(third.half.hits + third.half.alarms);
  });

  it('where guessing is no worse, no threshold is chosen', () => {
    const same = predictionsOf(reference.truths).map((one) => ({ ...one, probabilities: [0.3, 0.2, 0.1] }));
    expect(youdenThresholds(same, 3)).toEqual([null, null, null]);
  });
});

describe('intervals of findings', () => {
  it('are given where enough patients show a finding and enough do not, and are the same for the same seed', () => {
    const rare = reference.truths.map((row, i) => [row[0], i < 4 ? 1 : 0, row[2]]);
    const one = evaluate(rare, 200);
    expect(evaluate(rare, 200)).toEqual(one);
    const [effusion, mass] = one.findings!.perFinding;
    expect(effusion.auc.low!).toBeLessThan(effusion.auc.value!);
    expect(effusion.auc.high!).toBeGreaterThan(effusion.auc.value!);
    // Two patients show a mass: neither of it nor of averages over findings is there an interval.
    expect(mass.auc).toMatchObject({ low: null, withheld: 'too-few-patients' });
    expect(one.metrics.f1).toMatchObject({ low: null, withheld: 'too-few-patients' });
    expect(one.findings!.metrics.hammingLoss.low).not.toBeNull();
    expect(effusion.auc.method).toBe('bca');
    for (const [name, { value, low }] of Object.entries(effusion.estimates)) {
      expect(value, name).toBe(effusion.half[name as 'f1']);
      expect(low!, name).toBeLessThan(value!);
    }
  });

  it('pair two models, and refuse others than the same answers', () => {
    const stream = new RandomStream(2, 'guess');
    const better = predictionsOf(reference.truths);
    const guessing = better.map((one) => ({ ...one, probabilities: classes.map(() => stream.uniform()) }));
    const models = [
      { name: 'guess', approach: 'majority' as const, predictions: guessing },
      { name: 'm', approach: 'fine-tuned' as const, predictions: better },
    ];
    const { differences } = evaluateModels({ classes, multiLabel: true, replicates: 300, models });
    const { difference } = differences.find(({ metric }) => metric === 'auc')!;
    expect(difference.value!).toBeGreaterThan(0.1);
    expect(difference.low!).toBeGreaterThan(0);
    const other = better.map((one, i) => (i === 3 ? { ...one, findings: [0, 0, null] as const } : one));
    expect(() =>
      evaluateModels({
        classes,
        multiLabel: true,
        models: [models[0], { name: 'x', approach: 'probe', predictions: other }],
      }),
    ).toThrow(/the same images; x did not/);
  });

  it('count patients, not images', () => {
    const twice = [...reference.truths, ...reference.truths];
    const probabilities = [...reference.probabilities, ...reference.probabilities];
    const predictions = predictionsOf(reference.truths);
    const doubled = twice.map((_, i): ScoredPrediction => ({
      ...predictions[i % predictions.length],
      probabilities: probabilities[i],
    }));
    const of = (own: ScoredPrediction[]) =>
      evaluateModels({
        classes,
        multiLabel: true,
        replicates: 300,
        models: [{ name: 'm', approach: 'probe', predictions: own }],
      }).models[0].findings!.perFinding[0].auc;
    const [once, again] = [of(predictions), of(doubled)];
    // The same images a second time are nothing new: the interval stays as wide as it was.
    expect(Math.abs(again.high! - again.low! - (once.high! - once.low!))).toBeLessThan(0.01);
  });
});
