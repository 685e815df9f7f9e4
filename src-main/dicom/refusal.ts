import { GraftError } from '../contract/errors.ts';
import type { Refusal, RefusalReason } from './types.ts';

const reasons: Record<RefusalReason, true> = {
  unreadable: true,
  'not-dicom': true,
  dicomdir: true,
  'no-pixel-data': true,
  'unsupported-transfer-syntax': true,
  'unsupported-pixels': true,
  truncated: true,
  'too-large': true,
  broken: true,
};

/** An error whose code is a refusal's reason. */
export function refuse(reason: RefusalReason, message: string, cause?: unknown): GraftError {
  return new GraftError(reason, message, { cause });
}

/** A refusal from anything thrown while reading; what nobody foresaw is `broken`, for the file is what made it happen. */
export function refusalFrom(thrown: unknown): Refusal {
  if (thrown instanceof GraftError && thrown.code in reasons) {
    return { kind: 'refused', reason: thrown.code as RefusalReason, message: thrown.message };
  }
  const what = thrown instanceof Error ? thrown.message : String(thrown);
  return { kind: 'refused', reason: 'broken', message: `The file contradicts itself (${what}).` };
}
