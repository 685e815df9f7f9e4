import type { CalibrationBin } from '../../../src-main/contract/evaluation.ts';

/** Answers whose stated probability lies in one tenth of the scale. */
export interface Tenth {
  /** In percent: `from` is in it, `to` in the next; 100 is in the last. */
  from: number;
  to: number;
  count: number;
}

/** How many answers lie in each tenth of the scale, empty ones too: bins are kept without those, so that their place in the list says nothing. */
export function tenths(bins: readonly CalibrationBin[]): Tenth[] {
  return Array.from({ length: 10 }, (_, at) => ({
    from: 10 * at,
    to: 10 * at + 10,
    // A bin is known by its mean; single precision can put that of 0.7 alone a hair below it.
    count: bins
      .filter(({ confidence }) => Math.min(9, Math.floor(confidence * 10 + 1e-6)) === at)
      .reduce((sum, bin) => sum + bin.count, 0),
  }));
}
