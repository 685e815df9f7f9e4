import { GraftError } from '../../src-main/contract/errors.ts';

/** Anything thrown, as a failure to show; null for what a person cancelled. */
export function failureOf(thrown: unknown): GraftError | null {
  const error = GraftError.from(thrown);
  return error.kind === 'cancelled' ? null : error;
}
