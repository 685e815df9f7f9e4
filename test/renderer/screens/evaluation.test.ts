import { describe, expect, it } from 'vitest';
import {
  negativePredictiveValue,
  OperatingPoints,
  positivePredictiveValue,
  sensitivity,
  specificity,
  type Scored,
} from '../../../src-renderer/screens/evaluate/operating.ts';
import { worstFirst } from '../../../src-renderer/screens/evaluate/worst-first.ts';
import { Evaluation, type ScoredImage } from '../../../src-renderer/screens/evaluate/evaluation.svelte.ts';
import { interval, score, withinSentence } from '../../../src-renderer/screens/evaluate/words.ts';
import { playBridge } from '../bridge.ts';

const image = (label: number, probability: number): Scored => ({
  label,
  probabilities: [1 - probability, probability],
});
const images = [
  image(1, 0.9),
  image(1, 0.6),
  image(1, 0.3),
  image(0, 0.7),
  image(0, 0.2),
  image(0, 0.1),
  image(0, 0.05),
];

describe('a threshold', () => {
  it('counts what it calls positive, itself included', () => {
    const one = new OperatingPoints(images, 1).at(0.6);
    expect(one).toMatchObject({ truePositives: 2, falseNegatives: 1, falsePositives: 1, trueNegatives: 3 });
    expect(sensitivity(one)).toBeCloseTo(2 / 3);
    expect(specificity(one)).toBeCloseTo(3 / 4);
    expect(positivePredictiveValue(one)).toBeCloseTo(2 / 3);
    expect(negativePredictiveValue(one)).toBeCloseTo(3 / 4);
  });

  it('has no predictive value where nothing is called so', () => {
    expect(positivePredictiveValue(new OperatingPoints(images, 1).at(1.01))).toBeNull();
    expect(negativePredictiveValue(new OperatingPoints(images, 1).at(0))).toBeNull();
  });

  it('of Youden has the largest sum of sensitivity and specificity', () => {
    // At 0.3: 3/3 and 3/4, more than at 0.6 (2/3, 3/4) and at 0.9 (1/3, 1).
    const best = new OperatingPoints(images, 1).youden();
    expect(best).toMatchObject({ threshold: 0.3, falsePositives: 1, falseNegatives: 0 });
    expect(new OperatingPoints([image(1, 0.4)], 1).youden()).toBeNull();
  });

  it('for a sensitivity is the most specific one that reaches it', () => {
    const points = new OperatingPoints(images, 1);
    expect(points.forSensitivity(2 / 3)).toMatchObject({ threshold: 0.6, falsePositives: 1 });
    expect(points.forSensitivity(0.9)).toMatchObject({ threshold: 0.3, falsePositives: 1 });
  });

  it('calls equal scores alike, and agrees with counting one by one', () => {
    const tied = [0.5, 0.5, 0.2, 0.2, 0.2, 0.9, 0.1].map((score, at) => image(at % 2, score));
    const points = new OperatingPoints(tied, 1);
    for (const threshold of [0, 0.1, 0.15, 0.2, 0.5, 0.7, 0.9, 1]) {
      const called = tied.filter(({ probabilities }) => probabilities[1] >= threshold);
      const hits = called.filter(({ label }) => label === 1).length;
      expect(points.at(threshold)).toEqual({
        threshold,
        truePositives: hits,
        falsePositives: called.length - hits,
        trueNegatives: 4 - (called.length - hits),
        falseNegatives: 3 - hits,
      });
    }
    expect(points.youden()!.threshold).toBeOneOf([0.1, 0.2, 0.5, 0.9]);
  });

  it('is found among ten thousand images in a moment', () => {
    const many = Array.from({ length: 10_000 }, (_, at) => image(at % 2, ((at * 7919) % 10_007) / 10_007));
    const start = performance.now();
    const points = new OperatingPoints(many, 1);
    points.youden();
    for (let at = 0; at < 100; at++) points.at(at / 100);
    expect(performance.now() - start).toBeLessThan(1_000);
  });
});

describe('a threshold of a finding', () => {
  it('counts the images of which it is known, whatever else they show', () => {
    const shown = ([truth, p]: [0 | 1 | null, number]): Scored => ({
      label: -1,
      findings: [1, truth],
      probabilities: [0.9, p],
    });
    const known: [0 | 1 | null, number][] = [
      [1, 0.8],
      [1, 0.4],
      [0, 0.6],
      [0, 0.1],
      [null, 0.95],
      [null, 0.05],
    ];
    const points = new OperatingPoints(known.map(shown), 1);
    expect(points.at(0.5)).toMatchObject({
      truePositives: 1,
      falseNegatives: 1,
      falsePositives: 1,
      trueNegatives: 1,
    });
    expect(points.youden()).toMatchObject({ threshold: 0.8, falsePositives: 0 });
    // All images show the first: nothing is there to tell apart.
    expect(new OperatingPoints(known.map(shown), 0).youden()).toBeNull();
  });
});

describe('a value with its interval', () => {
  it('is printed with three digits, and says when there is no interval', () => {
    expect(score(0.5)).toBe('0.500');
    expect(score(null)).toBe('–');
    expect(interval({ value: 0.5, low: 0.41, high: 0.6 })).toBe('0.410–0.600');
    expect(interval({ value: 0.5, low: null, high: null, withheld: 'no-variation' })).toBe('no interval');
    expect(interval({ value: 0.5, low: null, high: null, withheld: 'too-few-patients' })).toBe(
      'too few patients',
    );
    expect(interval({ value: null, low: null, high: null })).toBe('');
  });
});

describe('images to look at', () => {
  const scored = (at: number, predicted: number, confidence: number, disagreement: number): ScoredImage => ({
    ...{ at, instanceId: at, frameIndex: 0, pseudonym: `P-${at}`, label: 0 },
    ...{ predicted, confidence, probabilities: [1 - confidence, confidence], disagreement },
  });
  const some = [scored(0, 0, 0.9, 0.3), scored(1, 1, 0.6, 0.1), scored(2, 1, 0.8, 0.2)];

  it('are those called wrongly, most certain first', () => {
    expect(worstFirst(some, 'certain').map(({ at }) => at)).toEqual([2, 1]);
  });

  it('are of an ensemble also those on which its members are furthest apart, right or wrong', () => {
    expect(worstFirst(some, 'apart').map(({ at }) => at)).toEqual([0, 2, 1]);
  });
});

describe('results that are shown', () => {
  it('stay while they are read again, and go when another set is chosen', async () => {
    const sets = ['validation', 'test'].map((name) => ({ name, evaluated: true }));
    playBridge({
      'evaluations.list': () => [{ comparisonId: 1, approaches: ['fine-tuned'], sets }],
      'evaluations.result': ({ setName }: { setName: string }) => ({ setName }),
    });
    const evaluation = new Evaluation();
    await evaluation.load();
    expect(evaluation.result).toEqual({ setName: 'validation' });
    const again = evaluation.load();
    for (let turn = 0; turn < 20; turn++) {
      expect(evaluation.result).toEqual({ setName: 'validation' });
      await Promise.resolve();
    }
    await again;
    const other = evaluation.chooseSet('test');
    expect(evaluation.result).toBeNull();
    await other;
    expect(evaluation.result).toEqual({ setName: 'test' });
  });
});

it('names of metrics within a sentence lose their capital, and abbreviations none', () => {
  expect(['Balanced accuracy', 'AUC', 'F1'].map(withinSentence)).toEqual(['balanced accuracy', 'AUC', 'F1']);
});
