import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import { openExecutor, Parameters, type Program } from '../../src-main/engine/index.ts';
import { normalizeBatch } from '../../src-main/models/batch-normalization.ts';
import { applyNetwork, initialiseParameters, NetworkBuilder } from '../../src-main/models/index.ts';

beforeAll(async () => {
  await openExecutor({ engine: 'reference' });
});

const wave = (size: number, step: number): Float32Array =>
  Float32Array.from({ length: size }, (_, i) => 2 + Math.sin(i * step) + 0.3 * Math.cos(i * 0.7));

/** The formula as it stands in the paper, left to autodiff. */
function plain(x: tf.Tensor4D, gamma: tf.Tensor1D, beta: tf.Tensor1D): tf.Tensor {
  const mean = tf.mean(x, [0, 1, 2]);
  const variance = tf.mean(tf.square(tf.sub(x, mean)), [0, 1, 2]);
  return tf.add(tf.mul(tf.div(tf.sub(x, mean), tf.sqrt(tf.add(variance, 1e-3))), gamma), beta);
}

it.each(['reference', 'compiled'] as const)(
  'its gradient is that of the plain formula (%s executor)',
  async (engine) => {
    const executor = await openExecutor({ engine, threads: 1 });
    const program: Program = {
      name: 'normalise',
      inputs: {
        x: { shape: [3, 4, 5, 6], dtype: 'float32' },
        dy: { shape: [3, 4, 5, 6], dtype: 'float32' },
        gamma: { shape: [6], dtype: 'float32' },
        beta: { shape: [6], dtype: 'float32' },
      },
      body: ({ x, dy, gamma, beta }) => {
        const gradients = (f: (...inputs: tf.Tensor[]) => tf.Tensor): tf.Tensor[] =>
          tf.grads(f)([x, gamma, beta], dy);
        const own = gradients(
          (a, b, c) => normalizeBatch(a as tf.Tensor4D, b as tf.Tensor1D, c as tf.Tensor1D, 1e-3).y,
        );
        const expected = gradients((a, b, c) => plain(a as tf.Tensor4D, b as tf.Tensor1D, c as tf.Tensor1D));
        return Object.fromEntries(
          ['x', 'gamma', 'beta'].flatMap((name, i) => [
            [`own_${name}`, own[i]],
            [`expected_${name}`, expected[i]],
          ]),
        );
      },
    };
    const compiled = await executor.compile(program, new Parameters());
    const outputs = await compiled.run({
      x: wave(360, 1.3),
      dy: wave(360, 2.9),
      gamma: wave(6, 1),
      beta: wave(6, 2),
    });
    for (const name of ['x', 'gamma', 'beta']) {
      const own = outputs[`own_${name}`].data;
      const expected = outputs[`expected_${name}`].data;
      own.forEach((value, i) => expect(Math.abs(value - expected[i])).toBeLessThan(2e-4));
      expect(expected.some((value) => Math.abs(value) > 1e-3)).toBe(true);
    }
    await compiled.dispose();
  },
);

it('moves the moving statistics towards those of the batch in training mode, and never at inference', async () => {
  const b = new NetworkBuilder('normal', [2, 2, 3], 'one', { epsilon: 1e-3, momentum: 0.9 });
  b.normalize('bn');
  const network = b.build();
  const parameters = initialiseParameters(network, 1);
  const executor = await openExecutor({ engine: 'compiled', threads: 1 });
  const program = (batchNormalization: 'training' | 'inference'): Program => ({
    name: batchNormalization,
    inputs: { x: { shape: [2, 2, 2, 3], dtype: 'float32' } },
    body: ({ x }, scope) => ({ y: applyNetwork(network, scope, x, { batchNormalization }) }),
  });
  const x = wave(24, 1.1);
  const before = parameters.hash();
  const inference = await executor.compile(program('inference'), parameters);
  await inference.run({ x });
  expect(parameters.hash()).toBe(before);
  const training = await executor.compile(program('training'), parameters);
  await training.run({ x });
  for (let channel = 0; channel < 3; channel++) {
    const values = [...x].filter((_, i) => i % 3 === channel);
    const mean = values.reduce((sum, value) => sum + value, 0) / 8;
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 8;
    expect(parameters.get('bn/moving_mean').data[channel]).toBeCloseTo(0.1 * mean, 5);
    expect(parameters.get('bn/moving_variance').data[channel]).toBeCloseTo(0.9 + 0.1 * variance, 5);
  }
  await inference.dispose();
  await training.dispose();
});

it('normalises both parts of a batch by themselves where it is told to, in value and gradient, and moves by the second', async () => {
  const b = new NetworkBuilder('normal', [2, 2, 3], 'one', { epsilon: 1e-3, momentum: 0.9 });
  b.normalize('bn');
  const network = b.build();
  const executor = await openExecutor({ engine: 'compiled', threads: 1 });
  const run = async (rows: number, x: Float32Array, apart = 0) => {
    const parameters = initialiseParameters(network, 1);
    const program: Program = {
      name: 'apart',
      inputs: { x: { shape: [rows, 2, 2, 3], dtype: 'float32' } },
      body: ({ x: images }, scope) => {
        const apply = (image: tf.Tensor): tf.Tensor =>
          applyNetwork(network, scope, image, { batchNormalization: 'training', apart });
        return { y: apply(images), dx: tf.grad((image) => tf.sum(tf.sin(apply(image))))(images) };
      },
    };
    const compiled = await executor.compile(program, parameters);
    const { y, dx } = await compiled.run({ x });
    const result = { y: [...y.data], dx: [...dx.data], moved: [...parameters.get('bn/moving_mean').data] };
    await compiled.dispose();
    return result;
  };
  const [first, second] = [wave(24, 1.1), wave(36, 0.4).map((value) => 3 * value)];
  const [one, other] = [await run(2, first), await run(3, second)];
  const both = await run(5, Float32Array.of(...first, ...second), 2);
  const close = (found: number[], expected: number[]): void =>
    found.forEach((value, i) => expect(value).toBeCloseTo(expected[i], 4));
  close(both.y, [...one.y, ...other.y]);
  close(both.dx, [...one.dx, ...other.dx]);
  close(both.moved, other.moved);
  expect(one.dx.some((value) => Math.abs(value) > 1e-3)).toBe(true);
  expect(Math.abs(one.moved[0] - other.moved[0])).toBeGreaterThan(0.05);
});

it.each(['training', 'inference'] as const)(
  'without a scale computes, learns and moves as with a scale of one (%s)',
  async (batchNormalization) => {
    const executor = await openExecutor({ engine: 'compiled', threads: 1 });
    const run = async (scale: boolean): Promise<Record<string, Float32Array>> => {
      const settings = { epsilon: 1e-3, momentum: 0.9, scale };
      const b = new NetworkBuilder('normal', [3, 2, 4], 'one', settings);
      b.normalize('bn');
      const network = b.build();
      const parameters = initialiseParameters(network, 1);
      const program: Program = {
        name: `scale ${scale}`,
        inputs: { x: { shape: [2, 3, 2, 4], dtype: 'float32' } },
        body: ({ x }, scope) => {
          const apply = (image: tf.Tensor): tf.Tensor =>
            tf.sum(tf.square(tf.sin(applyNetwork(network, scope, image, { batchNormalization }))));
          return { y: apply(x), dx: tf.grad(apply)(x) };
        },
      };
      const compiled = await executor.compile(program, parameters);
      const { y, dx } = await compiled.run({ x: wave(48, 1.7) });
      await compiled.dispose();
      expect(parameters.names.includes('bn/gamma')).toBe(scale);
      const moved = parameters.get('bn/moving_variance').data;
      return { y: y.data as Float32Array, dx: dx.data as Float32Array, moved };
    };
    const [without, withOne] = [await run(false), await run(true)];
    for (const [name, values] of Object.entries(withOne)) {
      values.forEach((value, i) => expect(without[name][i], name).toBeCloseTo(value, 5));
    }
    expect(withOne.dx.some((value) => Math.abs(value) > 1e-3)).toBe(true);
  },
);
