import { describe, expect, it } from 'vitest';
import {
  bcaInterval,
  bootstrapPatients,
  classifierMetrics,
  indexPatients,
  jackknifePatients,
  percentileInterval,
} from '../../src-main/evaluation/resampling/index.ts';
import { RandomStream } from '../../src-main/platform/random.ts';

const random = new RandomStream(8, 'resampling');
/** The mean of one value for each patient. */
const mean =
  (values: readonly number[]) =>
  (counts: Float64Array): number[] => [
    counts.reduce((sum, count, i) => sum + count * values[i], 0) /
      counts.reduce((sum, count) => sum + count, 0),
  ];

describe('the bootstrap by patient', () => {
  it('numbers patients in order of first appearance', () => {
    expect(indexPatients(['b', 'a', 'b', 'c'])).toEqual({ of: Int32Array.of(0, 1, 0, 2), count: 3 });
  });

  it('gives the same for the same seed, and other replicates for another', () => {
    const statistic = mean([1, 2, 3, 4, 5]);
    const once = bootstrapPatients(statistic, 5, { replicates: 20, seed: 2 });
    expect(bootstrapPatients(statistic, 5, { replicates: 20, seed: 2 })).toEqual(once);
    expect(bootstrapPatients(statistic, 5, { replicates: 20, seed: 3 }).replicates).not.toEqual(
      once.replicates,
    );
  });

  it('refuses no patients', () => {
    expect(() => bootstrapPatients(mean([]), 0)).toThrow(/at least one patient/);
  });

  it('gives no interval where all replicates are one value, or none is defined', () => {
    const { point, replicates } = bootstrapPatients(mean([3, 3, 3]), 3, { replicates: 30 });
    expect(percentileInterval(replicates[0])).toBeNull();
    expect(bcaInterval(point[0], replicates[0], jackknifePatients(mean([3, 3, 3]), 3)[0])).toBeNull();
    expect(percentileInterval(Float64Array.of(NaN, NaN))).toBeNull();
    expect(percentileInterval(Float64Array.of())).toBeNull();
  });

  it('leaves the area undefined in replicates without a class, and counts the rest', () => {
    const statistic = classifierMetrics(
      [0, 1],
      [
        [0.9, 0.1],
        [0.2, 0.8],
      ],
      Int32Array.of(0, 1),
      2,
    );
    const { point, replicates } = bootstrapPatients(statistic, 2, { replicates: 400 });
    const lacking = replicates[2].filter(Number.isNaN).length;
    expect(point[2]).toBe(1);
    expect(lacking / 400).toBeCloseTo(0.5, 1);
    expect(replicates[0].some(Number.isNaN)).toBe(false);
  });

  it('reaches further to the side of the tail with BCa than by percentiles', () => {
    let further = 0;
    for (let trial = 0; trial < 60; trial++) {
      const statistic = mean(Array.from({ length: 25 }, () => Math.exp(random.normal())));
      const { point, replicates } = bootstrapPatients(statistic, 25, { replicates: 500, seed: trial });
      const bca = bcaInterval(point[0], replicates[0], jackknifePatients(statistic, 25)[0])!;
      further += Number(bca.high > percentileInterval(replicates[0])!.high);
    }
    expect(further).toBeGreaterThan(50);
  });
});
