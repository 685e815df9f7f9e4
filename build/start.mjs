// `npm start`: the window. Electron where its binary is, else the same application in a browser.
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildRenderer } from './build-renderer.mjs';
import { electronBinary } from './launcher/electron-binary.mjs';
import { runAndExit } from './launcher/run.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const args = process.argv.slice(2);
const electron = args.includes('--host') ? { path: null, reason: '--host was given' } : electronBinary(root);

if (electron.path) {
  const { buildMain } = await import('./build-main.mjs');
  await buildRenderer();
  await buildMain();
  runAndExit(electron.path, [join(root, 'out', 'main', 'shell', 'electron', 'main.js'), ...args]);
} else {
  const renderer = await buildRenderer();
  // Last, as the host goes on with the address.
  console.error(
    `No window of its own (${electron.reason}): Graft opens in your browser, at this address only:`,
  );
  const host = join(root, 'src-main', 'shell', 'host', 'main.ts');
  const own = args.filter((arg) => arg !== '--host');
  runAndExit(process.execPath, [
    '--disable-warning=ExperimentalWarning',
    host,
    '--renderer',
    renderer,
    ...own,
  ]);
}
