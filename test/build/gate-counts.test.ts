import { describe, expect, test } from 'vitest';
import { addCounts, countsLine, countTests } from '../../build/gate/counts.mjs';

describe('the gate counts', () => {
  test('passed, failed and skipped tests', () => {
    const report = { numPassedTests: 5, numFailedTests: 1, numPendingTests: 2, testResults: [] };
    expect(countsLine(countTests(report))).toBe('5 passed, 1 failed, 2 skipped');
  });

  test('a test file that could not be loaded as a failure', () => {
    const testResults = [{ status: 'failed', assertionResults: [] }];
    const report = { numPassedTests: 5, numFailedTests: 0, numPendingTests: 0, testResults };
    expect(countTests(report).failed).toBe(1);
  });

  test('a missing report as a failure', () => {
    expect(countTests(undefined).failed).toBe(1);
  });

  test('static checks and tests together, and says nothing of skipped ones when there are none', () => {
    const one = { passed: 4, failed: 0, skipped: 0 };
    expect(countsLine(addCounts(one, one))).toBe('8 passed, 0 failed');
  });
});
