import {
  closeSync,
  createReadStream,
  fsyncSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { Zip, ZipDeflate, ZipPassThrough } from 'fflate';

/** A file for an archive: bytes, which are packed, or a file on the disk, which is read in pieces and stored as it is. */
export type ZipContent = { name: string; bytes: Uint8Array } | { name: string; path: string };

/** The first day that the format knows: equal contents make equal archives. */
const NO_DAY = '1980-01-01T00:00:00';

/**
 * Writes an archive whole or not at all, a piece at a time: weights of any size need no memory. Up to 4 GiB.
 *
 * @throws what the disk says
 */
export async function writeZip(path: string, contents: readonly ZipContent[]): Promise<void> {
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
