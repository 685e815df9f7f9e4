import type { Dirent, Stats } from 'node:fs';
import { opendir, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { GraftError } from '../contract/errors.ts';
import type { FoundFile } from './types.ts';

export interface FindOptions {
  signal?: AbortSignal;
  /** Told of every folder or file that could not be looked at; the walk goes on. */
  onUnreadable?: (path: string, error: Error) => void;
}

const lookAhead = 64;

/**
 * Walks a tree and yields every regular file in it, whatever its name. Links are followed, but no folder is walked
 * twice, so that a link to a parent ends. Order within a folder is by name, the same on every machine.
 *
 * @throws GraftError `folder-unreadable` when `root` itself cannot be read, `cancelled` by the signal
 */
export async function* findFiles(root: string, options: FindOptions = {}): AsyncGenerator<FoundFile> {
  const tell = (path: string, error: unknown): void =>
    options.onUnreadable?.(path, error instanceof Error ? error : new Error(String(error)));
  const seen = new Set<string>();
  const folders = [root];
  while (folders.length > 0) {
    const folder = folders.pop() as string;
    let entries: Dirent[];
    try {
      const real = await realpath(folder);
      if (seen.has(real)) continue;
      seen.add(real);
      entries = await listFolder(folder);
    } catch (error) {
      if (folder === root) throw unreadableRoot(root, error);
      tell(folder, error);
      continue;
    }
    const below: string[] = [];
    const looks = new LookAhead(folder, entries);
    for (const [index, entry] of entries.entries()) {
      if (options.signal?.aborted) throw GraftError.cancelled('Looking for files');
      const path = join(folder, entry.name);
      if (entry.isDirectory()) {
        below.push(path);
        continue;
      }
      if (!entry.isFile() && !entry.isSymbolicLink()) continue;
      try {
        const found = await looks.at(index);
        if (found.isDirectory()) below.push(path);
        else if (found.isFile()) yield { path, size: found.size, mtimeMs: found.mtimeMs };
      } catch (error) {
        tell(path, error);
      }
    }
    folders.push(...below.reverse());
  }
}

/**
 * Asks for the state of some files ahead of the one that is wanted: one after the other they cost a round trip each,
 * which on a disk is ten times the work and on a network share a hundred times.
 */
class LookAhead {
  readonly #folder: string;
  readonly #entries: readonly Dirent[];
  readonly #asked = new Map<number, Promise<Stats>>();
  #next = 0;

  constructor(folder: string, entries: readonly Dirent[]) {
    this.#folder = folder;
    this.#entries = entries;
  }

  at(index: number): Promise<Stats> {
    for (; this.#next < Math.min(this.#entries.length, index + lookAhead); this.#next++) {
      const entry = this.#entries[this.#next];
      if (!entry.isFile() && !entry.isSymbolicLink()) continue;
      const asked = stat(join(this.#folder, entry.name));
      // Whoever waits for it is told; nobody does once the walk is left.
      asked.catch(() => {});
      this.#asked.set(this.#next, asked);
    }
    const found = this.#asked.get(index) as Promise<Stats>;
    this.#asked.delete(index);
    return found;
  }
}

async function listFolder(folder: string): Promise<Dirent[]> {
  const entries: Dirent[] = [];
  for await (const entry of await opendir(folder, { bufferSize: 256 })) entries.push(entry);
  return entries.sort((one, other) => (one.name < other.name ? -1 : 1));
}

function unreadableRoot(root: string, error: unknown): GraftError {
  const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
  return new GraftError(
    'folder-unreadable',
    `Expected a folder that can be read at ${root} (${code}); check the path and its permissions.`,
    { cause: error },
  );
}
