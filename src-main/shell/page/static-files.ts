import { readFile, realpath } from 'node:fs/promises';
import { extname, join, sep } from 'node:path';

/** A file of the built page. */
export interface StaticFile {
  type: string;
  body: Uint8Array;
  /** Names in `assets/` hold a hash of the content: such a file never changes. */
  immutable: boolean;
}

const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
  '.wasm': 'application/wasm',
  '.json': 'application/json',
};

/**
 * Reads a file of the built page; null for everything else. Names of one plain segment after another are all that is
 * accepted, and what they lead to must lie in the folder, also behind links.
 *
 * @param path the address's path, still encoded
 */
export async function readStaticFile(folder: string, path: string): Promise<StaticFile | null> {
  const wanted = path === '/' ? '/index.html' : path;
  if (!/^(\/[\w][\w.-]*){1,3}$/.test(wanted)) return null;
  const type = TYPES[extname(wanted)];
  if (type === undefined) return null;
  try {
    const root = await realpath(folder);
    const file = await realpath(join(root, wanted));
    if (!file.startsWith(root + sep)) return null;
    return { type, body: await readFile(file), immutable: wanted.startsWith('/assets/') };
  } catch {
    return null;
  }
}
