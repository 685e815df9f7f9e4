import { sha256 } from '../platform/files.ts';
import { compareText } from './identity.ts';

/** SHA-256 over every member's role, identity and class, one line each, in the order of the lines. */
export function splitHash(members: readonly { identity: string; role: string; className: string }[]): string {
  const lines = members.map(({ identity, role, className }) => JSON.stringify([role, identity, className]));
  return sha256(lines.sort(compareText).join('\n'));
}
