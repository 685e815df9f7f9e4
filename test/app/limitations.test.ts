import { expect, test } from 'vitest';
import { limitationsOf } from '../../src-main/app/limitations.ts';
import type { Dataset, Split } from '../../src-main/contract/dataset.ts';
import { OUT_OF_FOLD } from '../../src-main/contract/run.ts';
import { reportFixture } from '../reports/fixture.ts';

test('figures out of fold are said to know patients whom the network had seen without labels', () => {
  const { split, results } = reportFixture();
  const subject = {
    split: split as unknown as Split,
    dataset: { failed: [] } as unknown as Dataset,
    continued: null,
    results: [{ ...results[0], setName: OUT_OF_FOLD }],
  };
  const said = (seenInFolds: number, of = subject.results): string =>
    limitationsOf({ ...subject, results: of, seenInFolds }).join(' ');
  expect(said(7)).toContain('seen images of 7 of these patients before any label was used');
  expect(said(0)).not.toContain('before any label');
  expect(said(7, results)).not.toContain('before any label');
});
