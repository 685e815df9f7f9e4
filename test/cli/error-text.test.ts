import { describe, expect, test } from 'vitest';
import { GraftError } from '../../src-main/contract/errors.ts';
import { errorText } from '../../src-main/shell/cli/error-text.ts';
import { exitCodeOf } from '../../src-main/shell/cli/exit-codes.ts';
import { table } from '../../src-main/shell/cli/table.ts';

const expected = new GraftError('labels-no-key', 'labels.csv needs a column path; found: a, b.', {
  cause: new Error('inner'),
});
const bug = GraftError.from(new TypeError('x is not a function'));

describe('what a person reads when something fails', () => {
  test('is one sentence with its code, and the cause only when asked for', () => {
    expect(errorText(expected, false)).toBe(
      'labels.csv needs a column path; found: a, b.  [labels-no-key]\nAdd --verbose for the technical cause.',
    );
    expect(errorText(expected, true)).toContain('Error: inner');
  });

  test('says so when the fault is ours, without a stack trace', () => {
    expect(errorText(bug, false)).toContain('in Graft itself: x is not a function');
    expect(errorText(bug, false)).not.toContain('    at ');
  });

  test('leaves an exit code that a script can tell apart', () => {
    expect(exitCodeOf(expected)).toBe(1);
    expect(exitCodeOf(bug)).toBe(1);
    expect(exitCodeOf(new GraftError('usage', 'What?'))).toBe(2);
    expect(exitCodeOf(GraftError.cancelled('The import'))).toBe(130);
  });
});

test('a table aligns numbers to the right and text to the left, and shows what is missing as a dash', () => {
  expect(
    table(
      ['run', 'F1'],
      [
        ['probe', 0.9],
        ['x', null],
      ],
    ),
  ).toBe('run     F1\n-----  ---\nprobe  0.9\nx        –');
});
