import { describe, expect, it } from 'vitest';
import {
  aggregate,
  aggregateFindings,
  aggregateLabels,
} from '../../src-main/evaluation/aggregation/index.ts';
import { compareSubgroups, type SubgroupOptions } from '../../src-main/evaluation/subgroups/index.ts';
import { RandomStream } from '../../src-main/platform/random.ts';

const random = new RandomStream(23, 'subgroups');

/** Accuracy of images that are right with the chance of their group, two for each patient. */
function compare(chances: Record<string, number>, patients: number, options: SubgroupOptions = {}) {
  const names = Object.keys(chances);
  const groups = Array.from({ length: 2 * patients }, (_, i) => names[(i >> 1) % names.length]);
  const right = groups.map((group) => Number(random.uniform() < chances[group]));
  return compareSubgroups(
    {
      groups,
      patientOf: Int32Array.from(groups, (_, i) => i >> 1),
      metric: (unitOf) => (counts) => {
        let [hits, total] = [0, 0];
        unitOf.forEach((unit, i) => {
          hits += counts[unit] * right[i];
          total += counts[unit];
        });
        return hits / total;
      },
    },
    { replicates: 200, ...options },
  );
}

describe('subgroups', () => {
  it('that are served worse are found, the others of them as well only if they are', () => {
    const found = compare({ a: 0.9, b: 0.9, c: 0.5 }, 240);
    expect(found.map(({ group }) => group)).toEqual(['a', 'b', 'c']);
    expect(found[2]).toMatchObject({ patients: 80, images: 160, disparity: 'found' });
    expect(found[2].difference!).toBeLessThan(-0.2);
    expect(found[2].adjusted!).toBeGreaterThanOrEqual(found[2].pValue!);
  });

  it('that are served alike are seldom taken for others', () => {
    let flagged = 0;
    for (let trial = 0; trial < 60; trial++) {
      flagged += Number(
        compare({ a: 0.8, b: 0.8, c: 0.8 }, 90, { seed: trial, margin: 0, replicates: 100 }).some(
          ({ disparity }) => disparity === 'found',
        ),
      );
    }
    expect(flagged).toBeLessThan(9);
  });

  it('that differ by less than matters are not flagged, however sure it is', () => {
    const [first] = compare({ a: 0.95, b: 0.8 }, 400, { margin: 0.3 });
    expect(first.adjusted!).toBeLessThan(0.05);
    expect(first.disparity).toBe('none-found');
  });

  it('of two are one test, and of fewer than five patients none', () => {
    const [a, b] = compare({ a: 0.9, b: 0.6 }, 40);
    expect(a.adjusted).toBe(a.pValue);
    expect(b.adjusted).toBe(a.pValue);
    const few = compare({ a: 0.9, b: 0.6 }, 8);
    expect(few[0]).toMatchObject({ patients: 4, interval: null, pValue: null, disparity: 'not-tested' });
    expect(few[0].value).not.toBeNull();
  });

  it('of which there is one, or none is known, are not compared', () => {
    const [only] = compare({ a: 0.7 }, 10);
    expect(only).toMatchObject({ difference: null, disparity: 'not-tested' });
    expect(
      compareSubgroups({ groups: [null, null], patientOf: Int32Array.of(0, 1), metric: () => () => 1 }),
    ).toEqual([]);
  });
});

describe('images taken together', () => {
  const rows = [
    [0.6, 0.4],
    [0.6, 0.4],
    [0.1, 0.9],
  ];
  const keys = ['p', 'p', 'p'];
  const calls = (rule: Parameters<typeof aggregate>[2]): number => {
    const [row] = aggregate(rows, keys, rule).probabilities;
    return row.indexOf(Math.max(...row));
  };

  it('may say another thing by another rule', () => {
    expect(calls('majority')).toBe(0);
    expect(calls('mean')).toBe(1);
    expect(calls('max')).toBe(1);
  });

  it('are sure by noisy-or where many are, and not by the mean', () => {
    const many = Array.from({ length: 20 }, () => [0.3]);
    const one = Array.from(many, () => 'p');
    expect(aggregate(many, one, 'noisy-or', false).probabilities[0][0]).toBeGreaterThan(0.99);
    expect(aggregate(many, one, 'mean', false).probabilities[0][0]).toBeCloseTo(0.3, 12);
  });

  it('share alike where all say zero, and are nothing of nothing', () => {
    expect(aggregate([[0, 0]], ['p'], 'max').probabilities).toEqual([Float64Array.of(0.5, 0.5)]);
    expect(aggregate([], [], 'mean')).toEqual({ keys: [], probabilities: [], counts: [] });
  });

  it('have one label, or what any of them shows', () => {
    expect(aggregateLabels([1, 0, 1], ['b', 'a', 'b'])).toEqual([1, 0]);
    expect(() => aggregateLabels([1, 0], ['a', 'a'])).toThrow(/classes 1 and 0 in one group/);
    expect(
      aggregateFindings(
        [
          [0, 1],
          [1, 0],
          [0, 0],
        ],
        ['b', 'b', 'a'],
      ),
    ).toEqual([Uint8Array.of(1, 1), Uint8Array.of(0, 0)]);
  });
});
