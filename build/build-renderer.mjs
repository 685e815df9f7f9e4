// Builds the page into out/renderer (or GRAFT_RENDERER) when its sources have changed since the last time.
import { createHash } from 'node:crypto';
import { existsSync, globSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** @returns the folder of the built page */
export async function buildRenderer({ force = false } = {}) {
  const { rendererConfig } = await import('./renderer.config.ts');
  const folder = rendererConfig.build.outDir;
  const stamp = join(folder, '.sources');
  const sources = hashOfSources();
  const isCurrent = () => existsSync(stamp) && readFileSync(stamp, 'utf8') === sources;
  if (isCurrent() && !force) return folder;
  console.error('Building the window’s page, once for this version; this takes a minute …');
  const { build } = await import('vite');
  // Two processes may build at a time: each in a folder of its own, so that neither takes files from under a page that is shown.
  const own = `${folder}.${process.pid}`;
  try {
    await build({ ...rendererConfig, build: { ...rendererConfig.build, outDir: own } });
    writeFileSync(join(own, '.sources'), sources);
    if (isCurrent() && !force) return folder;
    rmSync(folder, { recursive: true, force: true });
    renameSync(own, folder);
  } finally {
    rmSync(own, { recursive: true, force: true });
  }
  return folder;
}

function hashOfSources() {
  const hash = createHash('sha256');
  const patterns = [
    'src-renderer/**/*',
    'src-main/contract/**/*',
    'build/renderer.config.ts',
    'package-lock.json',
  ];
  for (const path of patterns.flatMap((pattern) => globSync(pattern, { cwd: root })).sort()) {
    const absolute = join(root, path);
    if (statSync(absolute).isFile()) hash.update(`${path}\0`).update(readFileSync(absolute));
  }
  return hash.digest('hex');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildRenderer();
