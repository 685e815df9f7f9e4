/**
 * A frozen network with a new head, beside PyTorch that runs the backbone in every epoch.
 *
 *     node bench/frozen.ts [--model resnet50|…|all] [--images 64] [--batch 8] [--size of the model] [--epochs 4] [--rounds 2] [--threads 2]
 *     GRAFT_BENCH_PYTHON=/path/to/python   a Python with torch and torchvision
 *
 * Graft computes each image's features once, with the weights as constants, writes them to disk, and trains the head on
 * what it reads back: what src-main/training does, here on torchvision's variant of the network, so that both sides do
 * the same sums. PyTorch runs its backbone under no_grad, in both memory formats, of which the faster counts.
 */
import { closeSync, fsyncSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { CompiledExecutor } from '../src-main/engine/compiled.ts';
import {
  bytesOf,
  type CompiledProgram,
  compileTrainingStep,
  type Executor,
  Parameters,
  type TrainingStep,
} from '../src-main/engine/index.ts';
import { benchModels, type BenchNetwork, benchNetwork, sizeFor } from './networks.ts';
import { fasterFormat, flags, load, measureSides, median, reportMeasured } from './side-by-side.ts';

const CLASSES = 4;

if (process.argv[2] === 'child') await child(process.argv.slice(3));
else main();

function main(): void {
  const given = flags({
    model: 'resnet50',
    images: 64,
    batch: 8,
    size: 0,
    epochs: 4,
    rounds: 2,
    threads: 2,
  });
  for (const model of given.model === 'all' ? benchModels : [given.model])
    measure({ ...given, model, size: given.size || sizeFor(model) });
}

interface Settings {
  model: string;
  images: number;
  batch: number;
  size: number;
  epochs: number;
  rounds: number;
  threads: number;
}

function measure({ model, images, batch, size, epochs, rounds, threads }: Settings): void {
  if (images % batch !== 0) throw new Error('Expected a number of images that the batch size divides.');
  const before = load();
  const sides = measureSides(
    import.meta.url,
    rounds,
    [model, images, batch, size, epochs, threads],
    ['frozen', model, images, batch, size, 3, threads],
  );
  const first = median(sides.graft.map(({ milliseconds }) => milliseconds[0]));
  const later = median(sides.graft.flatMap(({ milliseconds }) => milliseconds.slice(1)));
  const compile = median(sides.graft.map(({ compileMs }) => compileMs!));
  console.log(
    `frozen ${model}, ${images} images, batch ${batch}, ${size}², ${threads} threads, ${before} before`,
  );
  console.log(
    `  Graft   first epoch ${first.toFixed(0)} ms, later ones ${later.toFixed(1)} ms (compile ${compile.toFixed(0)} ms, once)`,
  );
  const faster = fasterFormat(sides);
  if (!faster) return;
  const theirFirst = median(faster.runs.map(({ milliseconds }) => milliseconds[0]));
  const theirLater = median(faster.runs.flatMap(({ milliseconds }) => milliseconds.slice(1)));
  console.log(
    `  ${faster.name}   first epoch ${theirFirst.toFixed(0)} ms, later ones ${theirLater.toFixed(0)} ms`,
  );
  console.log(
    `  Graft has ${(theirFirst / first).toFixed(2)}× its speed in the first epoch, ${(theirLater / later).toFixed(0)}× in later ones`,
  );
}

async function child([model, ...numbers]: string[]): Promise<void> {
  const [images, batch, size, epochs, threads] = numbers.map(Number);
  const executor = new CompiledExecutor({ threads });
  const start = performance.now();
  const net = benchNetwork(model, [batch, size, size, 3]);
  const { width } = net;
  const features = await compileFeatures(executor, net, batch, size);
  const step = await compileHead(executor, batch, width);
  const compileMs = performance.now() - start;
  const perImage = size * size * 3;
  const pixels = Float32Array.from({ length: images * perImage }, (_, i) => Math.sin(i * 0.1));
  const y = Int32Array.from({ length: batch }, (_, i) => i % CLASSES);
  const folder = mkdtempSync(join(tmpdir(), 'graft-bench-'));
  const file = openSync(join(folder, 'features'), 'w+');
  const times: number[] = [];
  for (let epoch = 0; epoch < epochs; epoch++) {
    const begin = performance.now();
    for (let at = 0; at < images; at += batch) {
      let x = new Float32Array(batch * width);
      if (epoch === 0) {
        const given = pixels.subarray(at * perImage, (at + batch) * perImage);
        x = (await features.run({ x: given })).features.data as Float32Array<ArrayBuffer>;
        writeSync(file, bytesOf(x), 0, undefined, at * width * 4);
      } else readSync(file, bytesOf(x), 0, x.byteLength, at * width * 4);
      await step.run({ x, y }, 1e-3);
    }
    if (epoch === 0) fsyncSync(file);
    times.push(performance.now() - begin);
  }
  closeSync(file);
  rmSync(folder, { recursive: true });
  reportMeasured(times, { compileMs });
}

function compileFeatures(
  executor: Executor,
  net: BenchNetwork,
  batch: number,
  size: number,
): Promise<CompiledProgram> {
  return executor.compile(
    {
      name: 'features',
      inputs: { x: { shape: [batch, size, size, 3], dtype: 'float32' } },
      body: ({ x }, scope) => ({ features: net.features(scope, x as tf.Tensor4D) }),
    },
    net.parameters,
    { constants: 'all' },
  );
}

function compileHead(executor: Executor, batch: number, width: number): Promise<TrainingStep> {
  const head = new Parameters();
  head.add('kernel', [width, CLASSES]);
  head.add('bias', [CLASSES]);
  return compileTrainingStep(
    executor,
    {
      name: 'head',
      inputs: { x: { shape: [batch, width], dtype: 'float32' }, y: { shape: [batch], dtype: 'int32' } },
      body: ({ x, y }, scope) => {
        const product = tf.matMul(x as tf.Tensor2D, scope('kernel') as unknown as tf.Tensor2D);
        const likelihoods = tf.logSoftmax(tf.add(product, scope('bias')));
        return {
          loss: tf.neg(tf.mean(tf.sum(tf.mul(likelihoods, tf.oneHot(y as tf.Tensor1D, CLASSES)), -1))),
        };
      },
    },
    head,
    { trainable: head.names, optimizer: { kind: 'sgd' } },
  );
}
