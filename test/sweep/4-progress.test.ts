import { describe, expect, it } from 'vitest';
import { SweepProgress } from '../../src-main/app/sweep/sweep-progress.ts';
import type { Progress } from '../../src-main/contract/progress.ts';

/** How many of a hundred epochs have been done, by the rate and the time that is left. */
function doneOf(progress: SweepProgress, told: () => Progress): { epochs: number; rated: boolean } {
  progress.tell();
  const { rate, secondsLeft } = told();
  return secondsLeft === null
    ? { epochs: NaN, rated: false }
    : { epochs: Math.round(100 - (secondsLeft * (rate ?? 0) * 100) / 10), rated: true };
}

describe('the progress of a sweep', () => {
  const begun = (): { progress: SweepProgress; done: () => { epochs: number; rated: boolean } } => {
    let last: Progress | undefined;
    // Ten trials, a hundred epochs.
    const progress = new SweepProgress(10, 100, (one) => (last = one));
    return { progress, done: () => doneOf(progress, () => last!) };
  };

  it('does not count epochs of the round before again, which a survivor tells once more', () => {
    const { progress, done } = begun();
    progress.begin(1, 'trial 1', 3);
    for (const epoch of [1, 2, 3]) progress.epoch(1, epoch);
    progress.end(1);
    progress.begin(1, 'trial 1', 6, 3, 3);
    for (const epoch of [1, 2, 3]) progress.epoch(1, epoch);
    expect(done().epochs).toBe(3);
    progress.epoch(1, 4);
    expect(done().epochs).toBe(4);
    progress.end(1);
    expect(done().epochs).toBe(9);
  });

  it('counts epochs once whose process died, and reckons no speed by those of an earlier session', () => {
    const { progress, done } = begun();
    progress.begin(1, 'trial 1', 9, 0, 4);
    for (const epoch of [1, 2, 3, 4]) progress.epoch(1, epoch);
    expect(done().rated).toBe(false);
    progress.epoch(1, 5);
    progress.begin(1, 'trial 1', 9, 0, 4);
    for (const epoch of [1, 2, 3, 4, 5, 6]) progress.epoch(1, epoch);
    progress.end(1);
    expect(done().epochs).toBe(9);
  });
});
