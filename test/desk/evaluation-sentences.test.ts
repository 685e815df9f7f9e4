import { describe, expect, it } from 'vitest';
import { sentencesOf } from '../../src-main/app/desk/evaluation-sentences.ts';
import type { Estimate, EvaluationTable } from '../../src-main/contract/evaluation.ts';

/** A table that says this of fine-tuning against training from scratch. */
function tableWith(difference: Estimate): EvaluationTable {
  const models = (['scratch', 'fine-tuned'] as const).map((approach) => ({ name: approach, approach }));
  return {
    models,
    differences: [
      {
        first: 'fine-tuned',
        second: 'scratch',
        metric: 'accuracy',
        difference: { value: 0, low: -1, high: 1 },
      },
      { first: 'fine-tuned', second: 'scratch', metric: 'balancedAccuracy', difference },
    ],
  } as unknown as EvaluationTable;
}

const sentence = (difference: Estimate): string => {
  const sentences = sentencesOf(tableWith(difference));
  expect(sentences).toHaveLength(1);
  return sentences[0];
};

describe('a difference in a sentence', () => {
  it('is one only when the interval leaves out zero', () => {
    expect(sentence({ value: 0.042, low: 0.01, high: 0.11 })).toBe(
      'Fine-tuning is better than training from scratch by 4.2 points of balanced accuracy (95 % interval +1.0 to +11.0).',
    );
    expect(sentence({ value: -0.042, low: -0.11, high: -0.01 })).toContain(
      'is worse than training from scratch',
    );
  });

  it('may be chance when the interval holds zero, its ends included', () => {
    const chance =
      'Fine-tuning is better than training from scratch by 4.2 points of balanced accuracy (95 % interval −3.0 to +11.0): this may be chance.';
    expect(sentence({ value: 0.042, low: -0.03, high: 0.11 })).toBe(chance);
    expect(sentence({ value: 0.042, low: 0, high: 0.11 })).toContain('may be chance');
    expect(sentence({ value: 0, low: -0.1, high: 0.1 })).toContain('do equally well');
  });

  it('claims nothing without an interval, and says why there is none', () => {
    const few = sentence({ value: 0.2, low: null, high: null, withheld: 'too-few-patients' });
    expect(few).toContain('better than training from scratch by 20.0 points of balanced accuracy');
    expect(few).toContain('too few patients for an interval');
    const same = sentence({ value: 0, low: null, high: null, withheld: 'no-variation' });
    expect(same).toBe(
      'Fine-tuning and training from scratch do equally well in every resampling of these patients, so there is no interval.',
    );
    expect(sentence({ value: null, low: null, high: null })).toContain('cannot be compared');
  });
});
