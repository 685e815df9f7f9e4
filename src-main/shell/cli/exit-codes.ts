import type { GraftError } from '../../contract/errors.ts';

/** What a script that calls `graft` can tell from its end. */
export const EXIT = { done: 0, failed: 1, usage: 2, cancelled: 130 } as const;

export const exitCodeOf = (error: GraftError): number =>
  error.kind === 'cancelled' ? EXIT.cancelled : error.code === 'usage' ? EXIT.usage : EXIT.failed;
