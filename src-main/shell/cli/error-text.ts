import type { GraftError } from '../../contract/errors.ts';

/** One sentence and a code; the technical cause only when asked for. */
export function errorText(error: GraftError, verbose: boolean): string {
  if (error.kind === 'cancelled') return error.message;
  const start =
    error.kind === 'bug'
      ? `Something unexpected went wrong in Graft itself: ${error.message}`
      : error.message;
  const lines = [`${start}  [${error.code}]`];
  const cause = error.toRecord().cause;
  if (cause && verbose) lines.push('', cause);
  else if (cause) lines.push('Add --verbose for the technical cause.');
  return lines.join('\n');
}
