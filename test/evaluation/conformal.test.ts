import { describe, expect, it } from 'vitest';
import {
  adaptive,
  conformalQuantile,
  evaluateSets,
  fitConformal,
  leastAmbiguous,
  regularised,
} from '../../src-main/evaluation/conformal/index.ts';
import { RandomStream } from '../../src-main/platform/random.ts';

const random = new RandomStream(6, 'conformal');

/** A model that is right more often than not, and far too sure; the first class is hard. */
function draw(n: number): { labels: number[]; probabilities: number[][] } {
  const labels = Array.from({ length: n }, () => random.integer(4));
  const probabilities = labels.map((label) => {
    const raw = [0, 1, 2, 3].map((k) =>
      Math.exp(3 * (random.normal() + (k === label && label > 0 ? 1.5 : 0))),
    );
    const sum = raw.reduce((total, value) => total + value, 0);
    return raw.map((value) => value / sum);
  });
  return { labels, probabilities };
}

const calibration = draw(1500);
const test = draw(3000);
const quality = (options: Omit<Parameters<typeof fitConformal>[3], 'miss'>, drawn = false) => {
  const shares = (n: number) => (drawn ? Array.from({ length: n }, () => random.uniform()) : undefined);
  const predictor = fitConformal(calibration.labels, calibration.probabilities, 4, {
    miss: 0.1,
    shares: shares(1500),
    ...options,
  });
  return evaluateSets(predictor.sets(test.probabilities, shares(3000)), test.labels, 4)!;
};

describe('prediction sets', () => {
  it.each([
    ['least ambiguous', leastAmbiguous],
    ['adaptive', adaptive],
    ['regularised', regularised()],
  ])('that are %s hold the true class as often as asked for, of a model far too sure', (_, score) => {
    expect(Math.abs(quality({ score }).coverage - 0.9)).toBeLessThan(0.03);
    expect(Math.abs(quality({ score }, true).coverage - 0.9)).toBeLessThan(0.03);
  });

  it('by class hold a hard class as often as others, one threshold for all does not', () => {
    expect(quality({}).coverageOfClass[0]).toBeLessThan(0.8);
    for (const coverage of quality({ byClass: true }).coverageOfClass) expect(coverage).toBeGreaterThan(0.86);
  });

  it('are smallest where they are least ambiguous, and smaller with a penalty than without', () => {
    expect(quality({}).meanSize).toBeLessThan(quality({ score: adaptive }).meanSize);
    expect(quality({ score: regularised() }).meanSize).toBeLessThan(quality({ score: adaptive }).meanSize);
  });

  it('hold every class where too few cases calibrate', () => {
    const few = fitConformal(
      [0, 0, 1],
      [
        [0.9, 0.1],
        [0.8, 0.2],
        [0.3, 0.7],
      ],
      2,
      { miss: 0.1 },
    );
    expect(few.thresholds).toEqual([Infinity, Infinity]);
    expect(few.sets([[1, 0]])).toEqual([[0, 1]]);
    expect(fitConformal([], [], 2, { miss: 0.5, byClass: true }).thresholds).toEqual([Infinity, Infinity]);
  });

  it('take the nineteenth of nineteen scores for 95 %, not one more', () => {
    expect(
      conformalQuantile(
        Array.from({ length: 19 }, (_, i) => i),
        0.05,
      ),
    ).toBe(18);
    expect(
      conformalQuantile(
        Array.from({ length: 18 }, (_, i) => i),
        0.05,
      ),
    ).toBe(Infinity);
  });

  it('are counted by size, empty ones too', () => {
    expect(evaluateSets([[], [0], [0, 1]], [0, 0, 2], 3)).toEqual({
      coverage: 1 / 3,
      coverageOfClass: [0.5, null, 0],
      meanSize: 1,
      empty: 1 / 3,
      single: 1 / 3,
      bySize: [
        { size: 0, cases: 1, coverage: 0 },
        { size: 1, cases: 1, coverage: 1 },
        { size: 2, cases: 1, coverage: 0 },
      ],
    });
    expect(evaluateSets([], [], 2)).toBeNull();
  });

  it('are refused for a share of misses that is none', () => {
    expect(() => fitConformal([], [], 2, { miss: 1 })).toThrow(/between 0 and 1, found 1/);
  });
});
