import { expect, test } from 'vitest';
import { oneOfEach } from '../../src-main/app/adaptation/judge.ts';
import type { Sample } from '../../src-main/contract/dataset.ts';

test('an audit counts a patient once, whatever number of frames the image has', () => {
  const frames = (instanceId: number, count: number): Sample[] =>
    Array.from({ length: count }, (_, frameIndex) => ({
      cacheIndex: 100 * instanceId + frameIndex,
      label: 0,
      patientKey: `p${instanceId}`,
      instanceId,
      frameIndex,
    }));
  const target = [...frames(1, 9), ...frames(2, 1), ...frames(3, 4)];
  const found = oneOfEach(
    target,
    new Map([
      [1, 1],
      [2, 0],
    ]),
  );
  expect(found.map(({ sample, label }) => [sample.instanceId, sample.frameIndex, label])).toEqual([
    [1, 4, 1],
    [2, 0, 0],
  ]);
});
