import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * The folder that holds Graft's package.json and its `resources`: the same whether this runs from its sources, as they
 * were built, or packaged.
 */
export const applicationRoot: string = findRoot(dirname(fileURLToPath(import.meta.url)));

function findRoot(folder: string): string {
  const file = join(folder, 'package.json');
  if (existsSync(file) && (JSON.parse(readFileSync(file, 'utf8')) as { name?: string }).name === 'graft') {
    return folder;
  }
  const parent = dirname(folder);
  if (parent === folder) throw new Error('Expected the package.json of Graft above its code, found none.');
  return findRoot(parent);
}

/** What cannot be used from inside an archive (natives, and files that natives read) lies unpacked beside it. */
export const unpacked = (path: string): string => path.replace(/app\.asar(?=[\\/]|$)/, 'app.asar.unpacked');
