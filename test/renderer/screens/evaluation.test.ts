import { describe, expect, it } from 'vitest';
import {
  negativePredictiveValue,
  operatingAt,
  positivePredictiveValue,
  sensitivity,
  specificity,
  youden,
  type ScoredImage,
} from '../../../src-renderer/screens/evaluate/evaluation.svelte.ts';
import { interval, score } from '../../../src-renderer/screens/evaluate/words.ts';

const image = (label: number, probability: number): ScoredImage => ({
  at: 0,
  instanceId: 1,
  frameIndex: 0,
  pseudonym: 'P-001',
  label,
  predicted: probability >= 0.5 ? 1 : 0,
  confidence: Math.max(probability, 1 - probability),
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
    const one = operatingAt(images, 1, 0.6);
    expect(one).toMatchObject({ truePositives: 2, falseNegatives: 1, falsePositives: 1, trueNegatives: 3 });
    expect(sensitivity(one)).toBeCloseTo(2 / 3);
    expect(specificity(one)).toBeCloseTo(3 / 4);
    expect(positivePredictiveValue(one)).toBeCloseTo(2 / 3);
    expect(negativePredictiveValue(one)).toBeCloseTo(3 / 4);
  });

  it('has no predictive value where nothing is called so', () => {
    expect(positivePredictiveValue(operatingAt(images, 1, 1.01))).toBeNull();
    expect(negativePredictiveValue(operatingAt(images, 1, 0))).toBeNull();
  });

  it('of Youden has the largest sum of sensitivity and specificity', () => {
    // At 0.3: 3/3 and 3/4, more than at 0.6 (2/3, 3/4) and at 0.9 (1/3, 1).
    expect(youden(images, 1)).toMatchObject({ threshold: 0.3, falsePositives: 1, falseNegatives: 0 });
    expect(youden([image(1, 0.4)], 1)).toBeNull();
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
