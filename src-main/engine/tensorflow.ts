import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, dirname, join } from 'node:path';
import nodeUtil from 'node:util';
import * as tf from '@tensorflow/tfjs-core';
import { GraftError } from '../contract/errors.ts';
import { EagerExecutor } from './eager.ts';
import type { Executor } from './types.ts';

/** In the order in which they are looked for: with CUDA, and without. */
const PACKAGES = ['@tensorflow/tfjs-node-gpu', '@tensorflow/tfjs-node'];
const VERSION = '4.22.0';
const BACKEND = 'tensorflow';

export interface TensorFlowOptions {
  /** Threads of the CPU, read by TensorFlow when it starts: the first executor of a process decides. Default: its cores. */
  threads?: number;
  /** Loads a package by its name; for tests. */
  load?: (name: string) => Promise<unknown>;
}

/** What Graft needs to know of TF.js's TensorFlow backend. */
interface TensorFlowBackend {
  isUsingGpuDevice?: boolean;
  binding?: { TF_Version?: string };
}

/**
 * Opens the executor that runs programs on TensorFlow's C library, on the first CUDA device if there is one.
 *
 * @throws GraftError `engine-tensorflow-absent` when neither package is there or its binary was never fetched,
 * `engine-tensorflow-broken` when one is there and does not start.
 */
export async function openTensorFlow(options: TensorFlowOptions = {}): Promise<Executor> {
  const { threads, load = loadPackage } = options;
  restoreUtil();
  configure(process.env, threads);
  const failures: { name: string; error: unknown }[] = [];
  for (const name of PACKAGES) {
    try {
      await load(name);
      if (!tf.findBackend(BACKEND)) throw new Error('it registered no backend named tensorflow');
      return new EagerExecutor('tensorflow', BACKEND, describe(name, threads));
    } catch (error) {
      failures.push({ name, error });
    }
  }
  const broken = failures.find(({ name, error }) => !isAbsent(name, error));
  throw broken ? brokenError(broken.name, broken.error) : absentError(failures);
}

async function loadPackage(name: string): Promise<unknown> {
  const packages = createRequire(import.meta.url);
  // Windows looks for TensorFlow's library beside the binding, where the package's install step no longer puts it.
  const libraries = join(dirname(packages.resolve(`${name}/package.json`)), 'deps', 'lib');
  if (process.platform === 'win32' && existsSync(libraries))
    process.env['PATH'] = `${libraries}${delimiter}${process.env['PATH'] ?? ''}`;
  return packages(name);
}

/**
 * Puts back functions of Node's `util` that its version 23 removed and TF.js 4.22's TensorFlow backend still calls.
 * Those that Node has stay as they are.
 */
export function restoreUtil(util: object = nodeUtil): void {
  const removed: Record<string, (value: unknown) => boolean> = {
    isArray: (value) => Array.isArray(value),
    isNullOrUndefined: (value) => value === null || value === undefined,
  };
  for (const [name, replacement] of Object.entries(removed)) {
    if (name in util) continue;
    Object.defineProperty(util, name, { value: replacement, configurable: true, writable: true });
  }
}

/** TensorFlow takes its settings from the environment; what a person has set there stays. */
function configure(environment: NodeJS.ProcessEnv, threads: number | undefined): void {
  // Warnings and errors, without the remarks on each start.
  environment['TF_CPP_MIN_LOG_LEVEL'] ??= '1';
  if (threads === undefined) return;
  environment['TF_NUM_INTRAOP_THREADS'] ??= String(threads);
  environment['TF_NUM_INTEROP_THREADS'] ??= '1';
}

function describe(name: string, threads: number | undefined): string {
  const backend = tf.findBackend(BACKEND) as unknown as TensorFlowBackend;
  const version = backend.binding?.TF_Version ?? 'of unknown version';
  const device = backend.isUsingGpuDevice ? 'CUDA' : 'CPU';
  const count = threads === undefined || backend.isUsingGpuDevice ? '' : `, ${threads} threads`;
  return `TensorFlow ${version} through ${name}, ${device}${count}`;
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

const BINARY_MISSING = /native addon module \(tfjs_binding\.node\) can not be found/;

/** Whether the package itself is missing, or the binary that its install script fetches. */
function isAbsent(name: string, error: unknown): boolean {
  const code = (error as { code?: string } | undefined)?.code;
  const message = messageOf(error);
  if (code === 'MODULE_NOT_FOUND' || code === 'ERR_MODULE_NOT_FOUND') return message.includes(name);
  return BINARY_MISSING.test(message);
}

function absentError(failures: readonly { name: string; error: unknown }[]): GraftError {
  const found = failures.find(({ error }) => BINARY_MISSING.test(messageOf(error)));
  const remedy = found
    ? `npm rebuild ${found.name} --ignore-scripts=false`
    : `npm install --no-save ${PACKAGES[0]}@${VERSION} --ignore-scripts=false`;
  return new GraftError(
    'engine-tensorflow-absent',
    `The engine tensorflow needs ${found ? `the binary of ${found.name}` : `the package ${PACKAGES[0]} with its binary`}, which is not here because it comes from outside the package registry; with a connection to the internet, "${remedy}" fetches it, or use the engine compiled.`,
    { cause: failures[0].error },
  );
}

function brokenError(name: string, cause: unknown): GraftError {
  const [reason] = messageOf(cause).split('\n');
  return new GraftError(
    'engine-tensorflow-broken',
    `The engine tensorflow expected to start ${name}, found that it does not load here (${reason}); install it again, or use the engine compiled.`,
    { cause },
  );
}
