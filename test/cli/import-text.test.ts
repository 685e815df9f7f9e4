import { expect, it } from 'vitest';
import type { LabelReport } from '../../src-main/contract/instances.ts';
import { labelText } from '../../src-main/shell/cli/commands/import.ts';

it('a table with a column split is told how to be followed, and one without is not', () => {
  const report = { classes: [], sentences: ['2 rows.'], predefined: {} } as unknown as LabelReport;
  expect(labelText(report)).toBe('2 rows.');
  expect(labelText({ ...report, predefined: { train: 1, test: 1 } })).toContain(
    'graft split --use-split-column',
  );
});
