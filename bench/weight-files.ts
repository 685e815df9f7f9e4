/**
 * Weight files of true size, made by other frameworks with random weights: read, matched, and run beside what they were made
 * with. The largest difference is relative to the root mean square of the output.
 *
 *     node bench/weight-files.ts [--kind torchvision|timm|keras|keras-own|tfjs|tfjs-own|tfjs-graph|onnx] [--networks resnet50,vit_b_16]
 *     GRAFT_BENCH_PYTHON=/path/to/python   with torch and torchvision (and, for onnx, onnx, onnxscript and onnxruntime), with timm, with keras and tensorflow, or (tfjs) with what
 *                                          test/models/weights/tfjs_converter.py says
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type * as tf from '@tensorflow/tfjs-core';
import { GraftError } from '../src-main/contract/errors.ts';
import { openExecutor, type Program } from '../src-main/engine/index.ts';
import { applyNetwork, type Model, modelFromWeights, openWeightFile } from '../src-main/models/index.ts';
import { flags } from './side-by-side.ts';

interface Reference {
  image: number[];
  output: number[];
  /** Whether the output is of the last layer or of the pooled features. */
  of: 'head' | 'pool';
  files: string[];
}

const { kind, networks } = flags({ kind: 'torchvision', networks: '' });
const chosen = networks === '' ? [] : networks.split(',');
// Also of networks that the library has.
const graphs = kind === 'onnx';
const python = process.env.GRAFT_BENCH_PYTHON ?? 'python3';
const folder = mkdtempSync(join(tmpdir(), 'graft-weights-'));
try {
  const maker = fileURLToPath(new URL('./weight_files.py', import.meta.url));
  const made = spawnSync(python, [maker, folder, kind, ...chosen], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (made.status !== 0) throw new Error(`Expected ${python} to make the files, and it did not.`);
  console.log('file | MB | read as | arrays used | seconds | largest difference');
  for (const name of readdirSync(folder).filter((one) => one.endsWith('.json'))) {
    const reference = JSON.parse(readFileSync(join(folder, name), 'utf8')) as Reference;
    for (const file of reference.files)
      await compare(file, reference).catch((error: unknown) => {
        if (!(error instanceof GraftError)) throw error;
        console.log(`${file} | refused: ${error.message}`);
      });
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function compare(name: string, reference: Reference): Promise<void> {
  const path = join(folder, name);
  const start = performance.now();
  const file = await openWeightFile(path);
  const { model, report } = modelFromWeights(file, { ownGraph: graphs });
  file.close();
  const seconds = (performance.now() - start) / 1000;
  const output = await run(model, reference);
  const difference = largestDifference(output, reference.output);
  const read = report.graph
    ? `${report.graph.stages.length} stages of its own`
    : `${report.architecture}, ${report.naming}`;
  console.log(
    `${name} | ${(sizeOf([file.path, ...(file.parts ?? [])]) / 1e6).toFixed(0)} | ${read} | ${report.matched} of ${report.arrays} | ${seconds.toFixed(1)} | ${difference.toExponential(1)}`,
  );
}

async function run({ network, parameters }: Model, { image, of }: Reference): Promise<Float32Array> {
  const [height, width, channels] = network.inputShape;
  const program: Program = {
    name: 'forward',
    inputs: { image: { shape: [1, height, width, channels], dtype: 'float32' } },
    body: ({ image: x }, scope) => ({
      output: applyNetwork(network, scope, x as tf.Tensor4D, of === 'pool' ? { to: 'pool' } : {}),
    }),
  };
  const executor = await openExecutor();
  try {
    const forward = await executor.compile(program, parameters);
    const { output } = await forward.run({ image: Float32Array.from(image) });
    return output.data as Float32Array;
  } finally {
    await executor.dispose();
  }
}

function sizeOf(paths: readonly string[]): number {
  return paths.reduce((sum, path) => sum + statSync(path).size, 0);
}

function largestDifference(found: ArrayLike<number>, expected: readonly number[]): number {
  if (found.length !== expected.length)
    throw new Error(`Expected ${expected.length} numbers, found ${found.length}.`);
  const scale = Math.sqrt(expected.reduce((sum, value) => sum + value * value, 0) / expected.length);
  return Math.max(...expected.map((value, at) => Math.abs(value - found[at]))) / scale;
}
