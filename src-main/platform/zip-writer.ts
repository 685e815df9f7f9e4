import {
  closeSync,
  createReadStream,
  fsyncSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { basename, dirname } from 'node:path';
import { Zip, ZipDeflate, ZipPassThrough } from 'fflate';
import { GraftError } from '../contract/errors.ts';

/** A file for an archive: bytes, which are packed, or a file on the disk, which is read in pieces and stored as it is. */
export type ZipContent = { name: string; bytes: Uint8Array } | { name: string; path: string };

/** The first day that the format knows: equal contents make equal archives. */
const NO_DAY = '1980-01-01T00:00:00';

/** Sizes and places have 32 bits in this format; what is larger would be written with wrong ones, without a word. */
const MOST_BYTES = 2 ** 32 - 1;
/** Two headers and a descriptor for each file, besides its name. */
const HEADERS = 256;

/**
 * Writes an archive whole or not at all, a piece at a time: weights of any size need no memory. Up to 4 GiB.
 *
 * @throws GraftError `archive-too-large`, and what the disk says
 */
export async function writeZip(path: string, contents: readonly ZipContent[]): Promise<void> {
  requireRoom(path, contents);
  mkdirSync(dirname(path), { recursive: true });
  const temporary = `${path}.${process.pid}.tmp`;
  const file = openSync(temporary, 'w');
  try {
    let failed: Error | null = null;
    const zip = new Zip((error, chunk) => {
      failed ??= error;
      if (!error) for (let at = 0; at < chunk.length;) at += writeSync(file, chunk, at);
    });
    for (const content of contents) {
      if ('bytes' in content) {
        const entry = new ZipDeflate(content.name, { level: 6 });
        entry.mtime = NO_DAY;
        zip.add(entry);
        entry.push(content.bytes, true);
        continue;
      }
      const entry = new ZipPassThrough(content.name);
      entry.mtime = NO_DAY;
      zip.add(entry);
      for await (const chunk of createReadStream(content.path)) entry.push(Uint8Array.from(chunk as Buffer));
      entry.push(new Uint8Array(0), true);
    }
    zip.end();
    if (failed) throw failed;
    fsyncSync(file);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  } finally {
    closeSync(file);
  }
  renameSync(temporary, path);
}

function requireRoom(path: string, contents: readonly ZipContent[]): void {
  const bytes = contents.reduce((sum, content) => {
    const size = 'bytes' in content ? content.bytes.length : statSync(content.path).size;
    return sum + size + HEADERS + 4 * content.name.length;
  }, 0);
  if (bytes <= MOST_BYTES) return;
  throw new GraftError(
    'archive-too-large',
    `Expected at most 4.29 GB to put into ${basename(path)}, found ${(bytes / 1e9).toFixed(2)} GB, which this kind of file cannot hold; choose fewer or smaller models.`,
  );
}
