// Builds what Electron runs: its main process, its workers and the preload script.
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

export async function buildMain() {
  const { build } = await import('electron-vite');
  process.chdir(root);
  await build({ configFile: 'electron.vite.config.ts', logLevel: 'warn' });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildMain();
