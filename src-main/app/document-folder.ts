import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { isWrittenByGraft } from '../dicom/index.ts';
import { writeFileAtomic } from '../platform/files.ts';

/** Names that an export of documents gives. */
const DOCUMENT = /^(?:(?:map-\d+-of-)?report-\d{4,}|report)\.dcm$/;

/**
 * Puts documents into a folder, by name, in the place of those that an earlier export left there: with other settings it had
 * others, and some of them may say who the patients are. What Graft did not write stays.
 */
export function writeDocuments(folder: string, documents: ReadonlyMap<string, Uint8Array>): void {
  const there = existsSync(folder) ? readdirSync(folder) : [];
  for (const name of there) {
    if (documents.has(name) || !DOCUMENT.test(name) || !isWrittenByGraft(join(folder, name))) continue;
    rmSync(join(folder, name));
  }
  for (const [name, bytes] of documents) writeFileAtomic(join(folder, name), bytes);
}
