import { expect, test } from 'vitest';
import { largestGap } from '../../src-main/jobs/largest-gap.ts';

test('the largest gap is that of the values furthest apart, whichever is larger', () => {
  expect(largestGap([0, 1, 2], [0, 0.5, 2.25])).toBe(0.5);
  expect(largestGap([1, 2], [1, 2])).toBe(0);
});

test('a NaN on either side, or a missing value, passes no limit', () => {
  for (const gap of [largestGap([NaN, 1], [0, 1]), largestGap([1, 0], [1, NaN]), largestGap([1], [1, 2])])
    expect(gap <= 1e-5).toBe(false);
});
