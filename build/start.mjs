// `npm start`: the window. Electron where its binary is, else the same application in a browser.
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildRenderer } from './build-renderer.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const renderer = await buildRenderer();
const host = join(root, 'src-main', 'shell', 'host', 'main.ts');
const args = [
  '--disable-warning=ExperimentalWarning',
  host,
  '--renderer',
  renderer,
  ...process.argv.slice(2),
];
process.exitCode = spawnSync(process.execPath, args, { stdio: 'inherit' }).status ?? 1;
