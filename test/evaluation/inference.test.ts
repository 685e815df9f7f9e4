import { describe, expect, it } from 'vitest';
import { twoSidedP } from '../../src-main/evaluation/distributions/normal.ts';
import {
  aucCovariance,
  aucInterval,
  clopperPearsonInterval,
  compareAucs,
  holm,
  mcnemarTest,
  pairedPermutationTest,
  wilsonInterval,
} from '../../src-main/evaluation/inference/index.ts';
import { RandomStream } from '../../src-main/platform/random.ts';

const random = new RandomStream(4, 'inference');

describe('the interval of an area', () => {
  const positive = Array.from({ length: 40 }, (_, i) => i % 2 === 0);
  const scores = positive.map((has) => Number(has) + random.normal());

  it('is not given where a side is absent, or seen in one patient only', () => {
    expect(aucCovariance([[0.1, 0.9]], [true, true])).toBeNull();
    expect(aucCovariance([[0.1, 0.9, 0.3]], [true, false, false])).toBeNull();
    expect(aucCovariance([[0.1, 0.9, 0.3, 0.2]], [true, true, false, false], [7, 7, 8, 9])).toBeNull();
  });

  it('is not given of a perfect area, whose variance says nothing', () => {
    const { aucs, covariance } = aucCovariance([[0.9, 0.8, 0.1, 0.2]], [true, true, false, false])!;
    expect(aucs[0]).toBe(1);
    expect(aucInterval(aucs[0], covariance[0][0])).toBeNull();
  });

  it('is as wide with four images alike of each patient as with one', () => {
    const repeat = <T>(values: readonly T[]): T[] => values.flatMap((value) => [value, value, value, value]);
    const patients = repeat([...scores.keys()]);
    const once = aucCovariance([scores], positive)!.covariance[0][0];
    expect(aucCovariance([repeat(scores)], repeat(positive), patients)!.covariance[0][0]).toBeCloseTo(
      once,
      12,
    );
    expect(aucCovariance([repeat(scores)], repeat(positive))!.covariance[0][0]).toBeLessThan(once / 3.5);
  });

  it('finds no difference between a model and the same on another scale', () => {
    const stretched = scores.map((score) => 3 * score - 1);
    expect(compareAucs(aucCovariance([scores, stretched], positive)!)).toMatchObject({ z: 0, pValue: 1 });
  });
});

describe('the interval of a share', () => {
  it('is not given of nothing, and stays within 0 and 1', () => {
    expect(wilsonInterval(0, 0)).toBeNull();
    expect(clopperPearsonInterval(0, 0)).toBeNull();
    expect(clopperPearsonInterval(3, 3)!.high).toBe(1);
    expect(wilsonInterval(0, 3)!.low).toBe(0);
  });

  it.each([
    ['Wilson', wilsonInterval, 0.93],
    ['Clopper and Pearson', clopperPearsonInterval, 0.95],
  ] as const)('of %s covers a true share about as often as it says', (_, interval, least) => {
    let covered = 0;
    for (let trial = 0; trial < 1000; trial++) {
      let successes = 0;
      for (let i = 0; i < 30; i++) successes += Number(random.uniform() < 0.8);
      const { low, high } = interval(successes, 30)!;
      covered += Number(low <= 0.8 && 0.8 <= high);
    }
    expect(covered / 1000).toBeGreaterThan(least - 0.02);
  });
});

describe('tests of two models', () => {
  it('counts only the cases where they differ', () => {
    const first = [true, true, true, false, false];
    const second = [true, false, false, true, false];
    expect(mcnemarTest(first, second)).toEqual({
      onlyFirst: 2,
      onlySecond: 1,
      exact: 1,
      midP: expect.closeTo(0.625, 12),
    });
    expect(mcnemarTest(first, first)).toEqual({ onlyFirst: 0, onlySecond: 0, exact: 1, midP: 1 });
  });

  it('exchanges whole patients: many images of one patient are no evidence', () => {
    const hundred = { differences: Array<number>(100).fill(1), patients: Array<number>(100).fill(0) };
    expect(pairedPermutationTest(hundred.differences, hundred.patients)!.pValue).toBe(1);
    expect(pairedPermutationTest(hundred.differences, [...hundred.patients.keys()])!.pValue).toBeLessThan(
      0.001,
    );
    expect(pairedPermutationTest([], [])).toBeNull();
  });

  it('comes, where it draws, near what all assignments would say, and to the same for the same seed', () => {
    const differences = Array.from(
      { length: 60 },
      () => random.integer(3) - 1 + Number(random.uniform() < 0.25),
    );
    const patients = differences.map((_, i) => i % 30);
    const drawn = pairedPermutationTest(differences, patients, { seed: 1 })!;
    expect(drawn.exact).toBe(false);
    expect(pairedPermutationTest(differences, patients, { seed: 1 })).toEqual(drawn);
    // Sums with random signs are nearly normal, in steps of two.
    const sums = new Float64Array(30);
    differences.forEach((value, i) => (sums[patients[i]] += value));
    const total = sums.reduce((sum, value) => sum + value, 0);
    const z = (Math.abs(total) - 1) / Math.sqrt(sums.reduce((sum, value) => sum + value ** 2, 0));
    expect(Math.abs(drawn.pValue - twoSidedP(z))).toBeLessThan(0.03);
  });

  it('keeps adjusted values within 1, and in order', () => {
    expect(holm([0.6, 0.9, 0.5])).toEqual([1, 1, 1]);
  });
});
