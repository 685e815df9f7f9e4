import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Where Electron's binary is, or why there is none. The npm package holds only what fetches it; whoever wants the window
 * and has a connection runs `npm run fetch-electron` once.
 */
export function electronBinary(root, environment = process.env) {
  const override = environment.ELECTRON_OVERRIDE_DIST_PATH;
  const folder = override ?? join(root, 'node_modules', 'electron', 'dist');
  const note = join(root, 'node_modules', 'electron', 'path.txt');
  const name = existsSync(note) ? readFileSync(note, 'utf8').trim() : 'electron';
  const path = join(folder, name);
  if (existsSync(path)) return { path, reason: null };
  return { path: null, reason: 'Electron’s binary is not here; npm run fetch-electron fetches it' };
}
