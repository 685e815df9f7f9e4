import { readFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import {
  compileTrainingStep,
  openExecutor,
  Parameters,
  type Program,
} from '../../../src-main/engine/index.ts';
import { squaredDistance } from '../../../src-main/training/selfsupervised/byol.ts';
import { normalizedTemperatureCrossEntropy } from '../../../src-main/training/selfsupervised/simclr.ts';
import { varianceInvarianceCovariance } from '../../../src-main/training/selfsupervised/vicreg.ts';

interface Case {
  name: string;
  temperature?: number;
  factor?: number;
  loss: number;
  first: number[];
  /** Null where no gradient flows there. */
  second: number[] | null;
}
const { batch, width, cases } = JSON.parse(
  readFileSync(new URL('./reference/losses.json', import.meta.url), 'utf8'),
) as { batch: number; width: number; cases: Case[] };

/** `made` of make_losses.py. */
const made = (phase: number): Float32Array =>
  Float32Array.from({ length: batch * width }, (_, at) => {
    const [i, j] = [Math.floor(at / width), at % width];
    return 1.5 * Math.sin(1.7 * i + 0.9 * j + phase) + 0.4 * Math.cos(0.5 * i * j + 2 * phase);
  });

const lossOf = ({ name, temperature = 1, factor = 1 }: Case, a: tf.Tensor2D, b: tf.Tensor2D): tf.Scalar => {
  if (name === 'simclr') return normalizedTemperatureCrossEntropy(a, b, temperature);
  if (name === 'byol') return squaredDistance(a, b);
  return varianceInvarianceCovariance(tf.mul(a, factor), tf.mul(b, factor));
};

describe.each(cases)('the loss of $name (temperature $temperature, factor $factor)', (one) => {
  it.each(['reference', 'compiled'] as const)('and its gradients are PyTorch’s, %s', async (engine) => {
    const executor = await openExecutor({ engine, threads: 1 });
    const parameters = new Parameters();
    parameters.add('first', [batch, width], made(0.3));
    parameters.add('second', [batch, width], made(1.1));
    const program: Program = {
      name: one.name,
      inputs: {},
      body: (_, scope) => ({
        loss: lossOf(
          one,
          scope('first') as unknown as tf.Tensor2D,
          scope('second') as unknown as tf.Tensor2D,
        ),
      }),
    };
    const learning = ['first', ...(one.second === null ? [] : ['second'])] as ('first' | 'second')[];
    const step = await compileTrainingStep(executor, program, parameters, {
      trainable: learning,
      optimizer: { kind: 'sgd', momentum: 0 },
    });
    const before = parameters.clone();
    // One step of plain descent at a rate of 1 takes away just the gradient.
    const { loss } = await step.run({}, 1);
    await step.dispose();
    await executor.dispose();
    expect(Math.abs(loss.data[0] / one.loss - 1)).toBeLessThan(1e-5);
    for (const name of learning) {
      const wanted = one[name]!;
      const scale = Math.max(...wanted.map(Math.abs));
      const moved = parameters.get(name).data;
      wanted.forEach((gradient, at) => {
        const found = before.get(name).data[at] - moved[at];
        expect(Math.abs(found - gradient) / scale).toBeLessThan(1e-5);
      });
    }
  });
});
