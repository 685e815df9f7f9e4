import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { cpus } from 'node:os';
import { join, sep } from 'node:path';
import type { RunEnvironment } from '../contract/run.ts';
import { applicationRoot } from '../platform/application-root.ts';

const packages = createRequire(import.meta.url);

/** The packages whose version can change a result. */
const DECISIVE = ['@tensorflow/tfjs-core', 'onnxruntime-node', 'better-sqlite3'];

/** This Graft's version. */
export const graftVersion = (): string => versionIn(join(applicationRoot, 'package.json'));

/** Versions and machine, for the record of a run. Names nobody: no host name, no user. */
export function runEnvironment(): RunEnvironment {
  const processors = cpus();
  return {
    graft: graftVersion(),
    node: process.version,
    platform: `${process.platform}-${process.arch}`,
    cpu: processors[0]?.model.trim() ?? 'unknown',
    cores: processors.length,
    packages: Object.fromEntries(DECISIVE.map((name) => [name, packageVersion(name)])),
  };
}

function versionIn(path: string): string {
  return (JSON.parse(readFileSync(path, 'utf8')) as { version: string }).version;
}

/** Walks up from the package's entry, because `exports` may hide its package.json. */
function packageVersion(name: string): string {
  const entry = packages.resolve(name);
  const folder = entry.slice(0, entry.lastIndexOf(`node_modules/${name}`.replaceAll('/', sep)));
  return versionIn(`${folder}node_modules/${name}/package.json`);
}
