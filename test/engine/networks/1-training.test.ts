import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import {
  compileTrainingStep,
  type EngineName,
  type HostInputs,
  openExecutor,
  type OptimizerConfig,
  Parameters,
  type Program,
} from '../../../src-main/engine/index.ts';
import { relativeDifference, TOLERANCE } from '../kernels/compare.ts';
import { draw, type DrawnNetwork } from './sketch.ts';
import { sketches } from './sketches.ts';

interface Options {
  assigned?: string[];
  clipNorm?: number;
  rate?: number | ((name: string) => number);
}

interface Trained {
  losses: number[];
  weights: Parameters;
  state: Parameters;
}

async function train(
  engine: EngineName,
  { program, parameters, trainable, inputs }: DrawnNetwork,
  optimizer: OptimizerConfig,
  options: Options = {},
): Promise<Trained> {
  const { rate = 0.01, ...others } = options;
  const executor = await openExecutor({ engine, threads: 1 });
  const weights = parameters.clone();
  const step = await compileTrainingStep(executor, program, weights, { trainable, optimizer, ...others });
  const losses: number[] = [];
  for (let i = 0; i < 3; i++) losses.push((await step.run(inputs, rate)).loss.data[0]);
  await step.dispose();
  await executor.dispose();
  return { losses, weights, state: step.optimizerState };
}

/** What differs by more than the tolerance. */
function differing(found: Parameters, expected: Parameters): string[] {
  return expected.names
    .map((name) => [name, relativeDifference(found.get(name).data, expected.get(name).data)] as const)
    .filter(([, difference]) => !(difference <= TOLERANCE))
    .map(([name, difference]) => `${name}: ${difference}`);
}

/** Three steps, compiled and on TF.js's own backend: the same losses, the same weights. */
async function expectSameTraining(
  network: DrawnNetwork,
  optimizer: OptimizerConfig,
  options: Options = {},
): Promise<Trained> {
  const expected = await train('reference', network, optimizer, options);
  const found = await train('compiled', network, optimizer, options);
  expect(relativeDifference(found.losses, expected.losses)).toBeLessThan(TOLERANCE);
  expect(differing(found.weights, expected.weights)).toEqual([]);
  expect(found.weights.hash()).not.toBe(network.parameters.hash());
  return found;
}

const OPTIMIZERS: OptimizerConfig[] = [
  { kind: 'sgd', momentum: 0.9, weightDecay: 1e-3 },
  { kind: 'adamw', weightDecay: 1e-2 },
];

describe.each(sketches)('A tiny $name', (sketch) => {
  it.each(OPTIMIZERS)('takes the steps of $kind that TF.js takes', async (optimizer) => {
    await expectSameTraining(draw(sketch), optimizer, { rate: optimizer.kind === 'sgd' ? 0.05 : 1e-3 });
  });

  it('trains its head alone on constant weights as TF.js does, and leaves the rest as it was', async () => {
    const network = draw(sketch);
    const trainable = ['predictions/kernel', 'predictions/bias'];
    const { weights } = await expectSameTraining({ ...network, trainable }, { kind: 'adamw' });
    const frozen = weights.names.filter((name) => !trainable.includes(name));
    expect(weights.hash(frozen)).toBe(network.parameters.hash(frozen));
  });
});

describe('A training step', () => {
  const [, resnet] = sketches;

  it('scales a gradient down to the norm that it may have', async () => {
    await expectSameTraining(draw(resnet), { kind: 'sgd' }, { clipNorm: 0.1, rate: 0.5 });
  });

  it('leaves weights with a rate of zero where they are', async () => {
    const network = draw(resnet);
    const rate = (name: string): number => (name.startsWith('stem') ? 0 : 0.05);
    const { weights } = await expectSameTraining(network, { kind: 'sgd' }, { rate });
    const still = weights.names.filter((name) => name.startsWith('stem'));
    expect(weights.hash(still)).toBe(network.parameters.hash(still));
  });

  /** Normalisation by the batch, whose moving averages the program assigns itself. */
  function movingAverages(): DrawnNetwork {
    const parameters = new Parameters();
    const fill = (values: Float32Array, start: number): void => {
      for (let i = 0; i < values.length; i++) values[i] = 0.4 + Math.sin(start + i * 1.3);
    };
    fill(parameters.add('kernel', [3, 3, 8, 16]).data, 1);
    fill(parameters.add('beta', [16]).data, 2);
    parameters.add('gamma', [16]).data.fill(1);
    parameters.add('moving/mean', [16]);
    parameters.add('moving/variance', [16]).data.fill(1);
    const program: Program = {
      name: 'moving averages',
      inputs: { x: { shape: [3, 6, 5, 8], dtype: 'float32' } },
      body: ({ x }, scope) => {
        const y = tf.conv2d(x as tf.Tensor4D, scope('kernel') as tf.Tensor as tf.Tensor4D, 1, 'same');
        const { mean, variance } = tf.moments(y, [0, 1, 2]);
        for (const [name, now] of Object.entries({ 'moving/mean': mean, 'moving/variance': variance })) {
          const average = scope(name);
          average.assign(tf.add(tf.mul(average, 0.9), tf.mul(now, 0.1)));
        }
        const unit = tf.mul(tf.sub(y, mean), tf.rsqrt(tf.add(variance, 1e-3)));
        const z = tf.relu(tf.add(tf.mul(unit, scope('gamma')), scope('beta')));
        return { loss: tf.mean(tf.square(tf.sub(z, 0.3))) };
      },
    };
    const inputs: HostInputs = { x: new Float32Array(3 * 6 * 5 * 8) };
    fill(inputs.x as Float32Array, 3);
    return { program, parameters, trainable: ['kernel', 'gamma', 'beta'], inputs };
  }

  it('brings back what the program assigned, moving averages of the batch among it', async () => {
    const network = movingAverages();
    const { weights } = await expectSameTraining(
      network,
      { kind: 'sgd' },
      { assigned: ['moving/mean', 'moving/variance'] },
    );
    expect(weights.hash(['moving/mean'])).not.toBe(network.parameters.hash(['moving/mean']));
    expect(weights.hash(['moving/variance'])).not.toBe(network.parameters.hash(['moving/variance']));
  });

  it('returns the outputs of its program beside the loss, each time in arrays of their own', async () => {
    const { program, parameters, trainable, inputs } = draw(resnet);
    const executor = await openExecutor({ engine: 'compiled', threads: 1 });
    const step = await compileTrainingStep(executor, program, parameters, {
      trainable,
      optimizer: { kind: 'sgd' },
    });
    const first = await step.run(inputs, 0.05);
    const kept = first.logits.data.slice();
    const second = await step.run(inputs, 0.05);
    expect(Object.keys(first).sort()).toEqual(['logits', 'loss']);
    expect(first.logits.shape).toEqual([2, 4]);
    expect(first.logits.data).toEqual(kept);
    expect(second.logits.data).not.toEqual(kept);
    await step.dispose();
  });
});
