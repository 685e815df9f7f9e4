import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  compileTrainingStep,
  type Executor,
  openExecutor,
  Parameters,
  type Program,
} from '../../src-main/engine/index.ts';
import { openTensorFlow } from '../../src-main/engine/tensorflow.ts';
import { load, standIn } from './stand-in.ts';

const affine: Program = {
  name: 'affine',
  inputs: { x: { shape: [3], dtype: 'float32' } },
  body: ({ x }, scope) => ({ y: tf.add(tf.mul(x, scope('scale')), scope('shift')) }),
};

const weights = (): Parameters => {
  const parameters = new Parameters();
  parameters.add('scale', [3], Float32Array.of(1, 2, 3));
  parameters.add('shift', [3], Float32Array.of(0, 0, 1));
  return parameters;
};

const ones = { x: Float32Array.of(1, 1, 1) };
const tensors = (): number => tf.memory().numTensors;

describe('the executor on TensorFlow, a stand-in in its place', () => {
  let executor: Executor;
  beforeAll(async () => {
    executor = await openTensorFlow({ threads: 2, load });
  });
  beforeEach(() => standIn.forget());

  it('says which TensorFlow it is, and where it runs', () => {
    expect(executor.name).toBe('tensorflow');
    expect(executor.description).toBe('TensorFlow 2.9.1 through @tensorflow/tfjs-node-gpu, CUDA');
  });

  it("takes the reference's training steps", async () => {
    const trained = await Promise.all(
      [await openExecutor({ engine: 'reference' }), executor].map(async (each) => {
        const parameters = weights();
        const program: Program = {
          ...affine,
          inputs: { ...affine.inputs, target: { shape: [3], dtype: 'int32' } },
          body: ({ x, target }, scope) => {
            const { y } = affine.body({ x }, scope);
            return { loss: tf.sum(tf.square(tf.sub(y, tf.cast(target, 'float32')))), y };
          },
        };
        const step = await compileTrainingStep(each, program, parameters, {
          trainable: ['scale', 'shift'],
          optimizer: { kind: 'adamw', weightDecay: 0.1 },
        });
        const losses: number[] = [];
        for (let i = 0; i < 5; i++) {
          const { loss } = await step.run({ ...ones, target: Int32Array.of(4, 5, 6) }, 0.1);
          losses.push(loss.data[0]);
        }
        await step.dispose();
        return { losses, scale: parameters.get('scale').data, shift: parameters.get('shift').data };
      }),
    );
    expect(trained[1]).toEqual(trained[0]);
    expect(trained[1].losses[4]).toBeLessThan(trained[1].losses[0]);
  });

  it('keeps weights on the backend, and takes up only those that changed', async () => {
    const parameters = weights();
    const compiled = await executor.compile(affine, parameters);
    expect((await compiled.run(ones)).y.data).toEqual(Float32Array.of(1, 2, 4));
    expect(standIn.up).toEqual([3, 3, 3]);
    standIn.forget();
    await compiled.run(ones);
    expect(standIn.up).toEqual([3]);
    standIn.forget();
    parameters.get('shift').data[0] = 10;
    expect((await compiled.run(ones)).y.data).toEqual(Float32Array.of(11, 2, 4));
    expect(standIn.up).toEqual([3, 3]);
    await compiled.dispose();
  });

  it('sees a weight become NaN, and stay NaN without going up again', async () => {
    const parameters = weights();
    const compiled = await executor.compile(affine, parameters);
    await compiled.run(ones);
    parameters.get('shift').data[1] = NaN;
    expect((await compiled.run(ones)).y.data[1]).toBeNaN();
    standIn.forget();
    await compiled.run(ones);
    expect(standIn.up).toEqual([3]);
    await compiled.dispose();
  });

  it('brings down only the weights that the program assigned', async () => {
    const parameters = weights();
    const compiled = await executor.compile(
      {
        ...affine,
        body: ({ x }, scope) => {
          scope('shift').assign(tf.add(scope('shift'), x));
          return { y: tf.mul(x, scope('scale')) };
        },
      },
      parameters,
    );
    for (let i = 0; i < 2; i++) await compiled.run(ones);
    expect(parameters.get('shift').data).toEqual(Float32Array.of(2, 2, 3));
    expect(standIn.down).toEqual([3, 3, 3, 3]);
    standIn.forget();
    await compiled.run(ones);
    // The input goes up; what was assigned is there already.
    expect(standIn.up).toEqual([3]);
    await compiled.dispose();
  });

  it("goes on from the host's weights after a run that failed half-way", async () => {
    const parameters = weights();
    let fail = true;
    const compiled = await executor.compile(
      {
        ...affine,
        body: ({ x }, scope) => {
          if (fail) {
            scope('scale').assign(x);
            throw new Error('half-way');
          }
          return { y: tf.mul(x, scope('scale')) };
        },
      },
      parameters,
      { constants: 'all' },
    );
    await expect(compiled.run(ones)).rejects.toThrow('half-way');
    fail = false;
    expect((await compiled.run(ones)).y.data).toEqual(Float32Array.of(1, 2, 3));
    await compiled.dispose();
  });

  it('leaves no tensor behind: as many after each run, none after disposal', async () => {
    const before = tensors();
    const step = await compileTrainingStep(
      executor,
      { ...affine, body: (inputs, scope) => ({ loss: tf.sum(affine.body(inputs, scope).y) }) },
      weights(),
      { trainable: ['scale'], optimizer: { kind: 'sgd' } },
    );
    const counts: number[] = [];
    for (let i = 0; i < 3; i++) {
      await step.run(ones, 0.1);
      counts.push(tensors());
    }
    expect(counts).toEqual([before + 2, before + 2, before + 2]);
    await step.dispose();
    expect(tensors()).toBe(before);
  });

  it('gives integers and truth values as int32, inputs and weights as they are, one tensor under two names', async () => {
    const program: Program = {
      name: 'types',
      inputs: { x: { shape: [3], dtype: 'float32' }, n: { shape: [2, 1], dtype: 'int32' } },
      body: ({ x, n }, scope) => {
        const twice = tf.mul(x, 2);
        return { x, n, above: tf.greater(x, 1), weight: scope('scale'), one: twice, two: twice };
      },
    };
    const compiled = await executor.compile(program, weights());
    const inputs = { x: Float32Array.of(0, 1, 2), n: Int32Array.of(2 ** 24 + 1, -5) };
    for (let i = 0; i < 2; i++) {
      expect(await compiled.run(inputs)).toEqual({
        x: { shape: [3], dtype: 'float32', data: inputs.x },
        n: { shape: [2, 1], dtype: 'int32', data: inputs.n },
        above: { shape: [3], dtype: 'int32', data: Int32Array.of(0, 0, 1) },
        weight: { shape: [3], dtype: 'float32', data: Float32Array.of(1, 2, 3) },
        one: { shape: [3], dtype: 'float32', data: Float32Array.of(0, 2, 4) },
        two: { shape: [3], dtype: 'float32', data: Float32Array.of(0, 2, 4) },
      });
    }
    await compiled.dispose();
  });

  it('names an input that is missing or of another size', async () => {
    const compiled = await executor.compile(affine, weights());
    await expect(compiled.run({})).rejects.toThrow(/expects 3 values of shape \[3\] for x, found none/);
    await expect(compiled.run({ x: new Float32Array(4) })).rejects.toMatchObject({ code: 'input-shape' });
  });

  it('does not disturb an executor on another backend, nor is disturbed by it', async () => {
    const reference = await openExecutor({ engine: 'reference' });
    const [here, there] = [
      await executor.compile(affine, weights()),
      await reference.compile(affine, weights()),
    ];
    for (const compiled of [here, there, here, there])
      expect((await compiled.run(ones)).y.data).toEqual(Float32Array.of(1, 2, 4));
    // Two weights once, and an input for each run: the other executor's went elsewhere.
    expect(standIn.up).toEqual([3, 3, 3, 3]);
    await here.dispose();
    await there.dispose();
  });
});
