import { createHash } from 'node:crypto';

/**
 * A UID under 2.25 (PS3.5 B.2) that follows from texts: the same for the same, another for others. The 128 bits are those of a SHA-256,
 * marked as a UUID of version 8 (RFC 9562).
 *
 * @example
 * derivedUid('report', studyInstanceUID, predictionsHash)
 */
export function derivedUid(...parts: readonly string[]): string {
  const bytes = createHash('sha256').update(JSON.stringify(parts)).digest().subarray(0, 16);
  bytes[6] = (bytes[6] & 0x0f) | 0x80;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  return `2.25.${BigInt(`0x${bytes.toString('hex')}`)}`;
}
