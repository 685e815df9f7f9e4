import { describe, expect, test } from 'vitest';
import type { Progress } from '../../src-main/contract/progress.ts';
import { durationText, progressLine, progressText } from '../../src-main/shell/cli/progress-line.ts';

const half: Progress = { phase: 'Reading', done: 50, total: 100, unit: 'files', rate: 25, secondsLeft: 2 };

function recorder(stream: { isTTY?: boolean; columns?: number } = {}) {
  const written: string[] = [];
  return { ...stream, written, write: (text: string) => written.push(text) };
}

describe('the progress line', () => {
  test('says phase, bar, count, rate, time left and detail', () => {
    expect(progressText({ ...half, detail: '3 refused' })).toBe(
      'Reading  [############------------]  50/100 files  25/s  2 s left  3 refused',
    );
  });

  test('leaves out what is not known yet, and rate and time once it is done', () => {
    expect(progressText({ ...half, total: null, rate: 0, secondsLeft: null })).toBe('Reading  50 files');
    expect(progressText({ ...half, done: 100, secondsLeft: 0 })).toBe(
      `Reading  [${'#'.repeat(24)}]  100/100 files`,
    );
  });

  test('turns slow rates round', () => {
    expect(progressText({ ...half, rate: 0.25, unit: 'epochs' })).toContain('4.0 s per epoch');
  });

  test('writes durations as people say them', () => {
    expect([8, 60, 200, 7500].map(durationText)).toEqual(['8 s', '1 min', '3 min 20 s', '2 h 5 min']);
  });

  test('keeps to one line of a terminal, and never fills its last column', () => {
    const stream = recorder({ isTTY: true, columns: 20 });
    const line = progressLine(stream);
    line.listener(half);
    line.listener({ ...half, done: 60 });
    expect(stream.written.every((text) => text.startsWith('\r') && !text.includes('\n'))).toBe(true);
    expect(stream.written[0].replace('\r', '').replace('\u001B[K', '')).toHaveLength(19);
    line.end();
    expect(stream.written.at(-1)).toBe('\n');
  });

  test('keeps a log short: a line at first, then every few seconds, and the last one', () => {
    const stream = recorder();
    let time = 0;
    const line = progressLine(stream, { everyMs: 5000, now: () => time });
    for (let done = 1; done <= 100; done++) {
      time += 100;
      line.listener({ ...half, done });
    }
    const counts = stream.written.map((text) => /(\d+)\/100/.exec(text)![1]);
    expect(counts).toEqual(['1', '51', '100']);
  });

  test('starts a line of its own for a new phase', () => {
    const stream = recorder();
    const line = progressLine(stream, { now: () => 0 });
    line.listener(half);
    line.listener({ ...half, phase: 'Decoding' });
    expect(stream.written.map((text) => text.split('  ')[0])).toEqual(['Reading', 'Decoding']);
  });
});
