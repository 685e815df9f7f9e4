/**
 * A frozen ResNet-50 with a new head, beside PyTorch that runs the backbone in every epoch:
 *     node bench/frozen.ts [images] [batch] [size]
 * Graft computes each image's features once, with the weights as constants, keeps them on disk, and trains the head on
 * what it reads back.
 */
import { mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { CompiledExecutor } from '../src-main/engine/compiled.ts';
import { bytesOf, compileTrainingStep, Parameters } from '../src-main/engine/index.ts';
import { resnet50 } from './networks.ts';
import { load, median, reportMeasured, runGraft, runTorch } from './side-by-side.ts';

const WIDTH = 2048;
const CLASSES = 4;
const [first = '64', ...rest] = process.argv.slice(2);
if (first === 'child') await child(rest.map(Number));
else main(first, rest);

function main(images: string, [batch = '8', size = '224']: string[]): void {
  const threads = 2;
  const graft = [0, 1].map(() => runGraft(import.meta.url, 'child', images, batch, size, 4, threads));
  const formats = ['contiguous', 'channels_last'].map((format) =>
    runTorch('frozen', 'resnet50', images, batch, size, 3, threads, format),
  );
  graft.push(runGraft(import.meta.url, 'child', images, batch, size, 4, threads));
  const firstEpoch = median(graft.map(({ milliseconds }) => milliseconds[0]));
  const later = median(graft.flatMap(({ milliseconds }) => milliseconds.slice(1)));
  console.log(`frozen ResNet-50, ${images} images, batch ${batch}, ${size}², ${threads} threads, ${load()}`);
  console.log(`  Graft    first epoch ${firstEpoch.toFixed(0)} ms, later ones ${later.toFixed(1)} ms`);
  const fastest = Math.min(...formats.filter((m) => m !== undefined).map((m) => median(m.milliseconds)));
  if (!Number.isFinite(fastest)) return;
  console.log(`  PyTorch  each epoch  ${fastest.toFixed(0)} ms (its faster memory format)`);
  console.log(
    `  Graft's speed: first epoch ${(fastest / firstEpoch).toFixed(2)}×, later ${(fastest / later).toFixed(0)}×`,
  );
}

async function child([images, batch, size, epochs, threads]: number[]): Promise<void> {
  const net = resnet50([batch, size, size, 3], CLASSES);
  const executor = new CompiledExecutor({ threads });
  const features = await executor.compile(
    {
      name: 'features',
      inputs: { x: { shape: [batch, size, size, 3], dtype: 'float32' } },
      body: ({ x }, scope) => ({ features: net.features(scope, x as tf.Tensor4D) }),
    },
    net.parameters,
    { constants: 'all' },
  );
  const head = new Parameters();
  head.add('kernel', [WIDTH, CLASSES]);
  head.add('bias', [CLASSES]);
  const step = await compileTrainingStep(
    executor,
    {
      name: 'head',
      inputs: { x: { shape: [batch, WIDTH], dtype: 'float32' }, y: { shape: [batch], dtype: 'int32' } },
      body: ({ x, y }, scope) => {
        const logits = tf.add(
          tf.matMul(x as tf.Tensor2D, scope('kernel') as unknown as tf.Tensor2D),
          scope('bias'),
        );
        return {
          loss: tf.neg(
            tf.mean(tf.sum(tf.mul(tf.logSoftmax(logits), tf.oneHot(y as tf.Tensor1D, CLASSES)), -1)),
          ),
        };
      },
    },
    head,
    { trainable: head.names, optimizer: { kind: 'sgd' } },
  );
  const pixels = Float32Array.from({ length: batch * size * size * 3 }, (_, i) => Math.sin(i * 0.1));
  const y = Int32Array.from({ length: batch }, (_, i) => i % CLASSES);
  const folder = mkdtempSync(join(tmpdir(), 'graft-bench-'));
  const file = openSync(join(folder, 'features'), 'w+');
  const times: number[] = [];
  for (let epoch = 0; epoch < epochs; epoch++) {
    const start = performance.now();
    for (let at = 0; at < images; at += batch) {
      let x = new Float32Array(batch * WIDTH);
      if (epoch === 0) {
        x = (await features.run({ x: pixels })).features.data as Float32Array<ArrayBuffer>;
        writeSync(file, bytesOf(x), 0, undefined, at * WIDTH * 4);
      } else readSync(file, bytesOf(x), 0, x.byteLength, at * WIDTH * 4);
      await step.run({ x, y }, 1e-3);
    }
    times.push(performance.now() - start);
  }
  rmSync(folder, { recursive: true });
  reportMeasured(times);
}
