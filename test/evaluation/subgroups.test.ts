import { describe, expect, it } from 'vitest';
import {
  aggregate,
  aggregateFindings,
  aggregateLabels,
} from '../../src-main/evaluation/aggregation/index.ts';
import { RankedScores } from '../../src-main/evaluation/roc.ts';
import {
  areaByGroup,
  compareSubgroups,
  sharesByGroup,
  type SubgroupOptions,
} from '../../src-main/evaluation/subgroups/index.ts';
import { RandomStream } from '../../src-main/platform/random.ts';

const random = new RandomStream(23, 'subgroups');

/** Accuracy of images that are right with the chance of their group, two for each patient. */
function compare(chances: Record<string, number>, patients: number, options: SubgroupOptions = {}) {
  const names = Object.keys(chances);
  const groups = Array.from({ length: 2 * patients }, (_, i) => names[(i >> 1) % names.length]);
  const right = groups.map((group) => Number(random.uniform() < chances[group]));
  const patientOf = Int32Array.from(groups, (_, i) => i >> 1);
  return compareSubgroups(
    {
      groups,
      patientOf,
      metric: (groupOf, count) =>
        sharesByGroup(
          { cellOf: right, cells: 2 },
          patientOf,
          groupOf,
          count,
          ([misses, hits]) => hits / (misses + hits),
        ),
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
      compareSubgroups({ groups: [null, null], patientOf: Int32Array.of(0, 1), metric: () => () => [1, 1] }),
    ).toEqual([]);
  });
});

describe('an area by group', () => {
  const stream = new RandomStream(31, 'area by group');
  const PATIENTS = 50;
  const patientOf = Int32Array.from({ length: 240 }, () => stream.integer(PATIENTS));
  // The last group is not known, and a patient may have images in several.
  const groupOf = Int32Array.from(patientOf, () => stream.integer(4) - 1);
  const positive = Array.from(patientOf, () => stream.uniform() < 0.4);
  // Coarse, so that there are ties.
  const scores = positive.map((is) => Math.round(8 * (stream.uniform() + 0.3 * Number(is))) / 8);

  it('is that of the images of the group alone, and of all others whose group is known', () => {
    const statistic = areaByGroup(scores, positive, patientOf, groupOf, 3);
    for (let draw = 0; draw < 5; draw++) {
      const counts = Float64Array.from({ length: PATIENTS }, () => stream.integer(3));
      const weights = Array.from(patientOf, (patient) => counts[patient]);
      const alone = (counted: (group: number) => boolean): number =>
        new RankedScores(
          scores,
          positive,
          Array.from(groupOf, (group) => group >= 0 && counted(group)),
        ).auc(weights)!;
      const values = statistic(counts);
      for (const g of [0, 1, 2]) {
        expect(values[2 * g]).toBeCloseTo(
          alone((group) => group === g),
          13,
        );
        expect(values[2 * g + 1]).toBeCloseTo(
          alone((group) => group !== g),
          13,
        );
      }
    }
  });

  it('is not a number where a group has one side only', () => {
    const values = areaByGroup(
      [0.1, 0.4, 0.6],
      [false, true, true],
      [0, 1, 2],
      [0, 0, 1],
      2,
    )(Float64Array.of(1, 1, 1));
    expect(Array.from(values)).toEqual([1, NaN, NaN, 1]);
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
