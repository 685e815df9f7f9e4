import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { GraftError } from '../../../src-main/contract/errors.ts';
import { openExecutor, Parameters, type Program } from '../../../src-main/engine/index.ts';
import { traceProgram } from '../../../src-main/engine/trace/trace.ts';

type Body = (x: tf.Tensor4D, weight: tf.Variable) => tf.Tensor;

/** A program of one image and one weight vector. */
const program = (body: Body): Program => ({
  name: 'of one image',
  inputs: { x: { shape: [2, 4, 4, 3], dtype: 'float32' } },
  body: ({ x }, scope) => ({ y: body(x as tf.Tensor4D, scope('weight')) }),
});

function weights(): Parameters {
  const parameters = new Parameters();
  parameters.add('weight', [3], Float32Array.of(1, 2, 3));
  return parameters;
}

/** The error that tracing a body ends in. */
function refusal(body: Body): GraftError {
  try {
    traceProgram(program(body), weights());
  } catch (error) {
    expect(error).toBeInstanceOf(GraftError);
    return error as GraftError;
  }
  throw new Error('The program was traced, and should not have been.');
}

describe('A kernel that the engine does not know', () => {
  it.each<[string, Body]>([
    ['NonMaxSuppressionV3', (x) => tf.image.nonMaxSuppression(tf.reshape(x, [24, 4]), tf.zeros([24]), 3)],
    ['Complex', (x) => tf.spectral.fft(tf.complex(x, x))],
    ['FFT', (x) => tf.engine().runKernel('FFT', { input: x })],
    ['Multinomial', () => tf.cast(tf.multinomial(tf.ones([4]) as tf.Tensor1D, 3, 7), 'float32')],
    ['TopK', (x) => tf.topk(tf.reshape(x, [96]), 3).values],
    ['Transform', (x) => tf.image.transform(x, tf.ones([2, 8]))],
  ])('fails the trace by its name: %s', (kernel, body) => {
    const error = refusal(body);
    expect(error.code).toBe('trace-unknown-kernel');
    expect(error.message).toContain(kernel);
    expect(error.message).toContain('of one image');
  });
});

describe('Values of a tensor', () => {
  it.each<[string, Body]>([
    ['dataSync', (x) => tf.tensor(tf.exp(x).dataSync())],
    ['arraySync', (x) => tf.tensor(tf.exp(x).arraySync())],
    ['bufferSync', (x) => tf.exp(x).bufferSync().toTensor()],
  ])('cannot be read while tracing by %s, and the error names the last kernel', (_, body) => {
    const error = refusal(body);
    expect(error.code).toBe('trace-reads-values');
    expect(error.message).toContain('Exp');
  });
});

describe('Random numbers', () => {
  it.each<[string, Body]>([
    ['dropout', (x) => tf.dropout(x, 0.5)],
    ['dropout', (x) => tf.dropout(x, 0.5, undefined, 7)],
    ['randomNormal', (x) => tf.add(x, tf.randomNormal([2, 4, 4, 3]))],
    ['randomNormal', (x) => tf.add(x, tf.randomNormal([2, 4, 4, 3], 0, 1, 'float32', 7))],
    ['randomNormal', (x) => tf.add(x, tf.randomNormal([1], 0, 1, 'float32', 7))],
    ['randomUniform', (x) => tf.add(x, tf.randomUniform([2, 4, 4, 3]))],
    ['randomUniform', (x) => tf.add(x, tf.randomUniform([], 0, 1, 'float32', 7))],
    ['truncatedNormal', (x) => tf.add(x, tf.truncatedNormal([2, 4, 4, 3], 0, 1, 'float32', 7))],
    ['randomGamma', (x) => tf.add(x, tf.randomGamma([3], 1, 1, 'float32', 7))],
    ['Math.random', (x) => tf.mul(x, Math.random())],
  ])('are refused by name, seeded or not: %s', (name, body) => {
    const error = refusal(body);
    expect(error.code).toBe('trace-random');
    expect(error.message).toContain(name);
  });

  it('can be drawn again once the trace is over, whether it failed or not', () => {
    refusal((x) => tf.mul(x, Math.random()));
    expect(Math.random()).toBeLessThan(1);
    traceProgram(
      program((x) => tf.relu(x)),
      weights(),
    );
    expect(Math.random()).toBeLessThan(1);
  });
});

describe('A trace', () => {
  it('refuses a weight that does not exist by its name', () => {
    const lost: Program = { name: 'lost', inputs: {}, body: (_, scope) => ({ y: scope('nowhere') }) };
    expect(() => traceProgram(lost, weights())).toThrow('nowhere');
  });

  it('refuses an image smaller than what runs over it, and says how large it should be', () => {
    const pooled = refusal((x) => tf.maxPool(x, 5, 1, 'valid'));
    expect(pooled.code).toBe('trace-image-small');
    expect(pooled.message).toContain('5 × 5, found 4 × 4');
    const filter = (): tf.Tensor4D => tf.zeros([3, 7, 3, 8]);
    expect(refusal((x) => tf.conv2d(x, filter(), 1, 'valid')).message).toContain('3 × 7, found 4 × 4');
  });

  it('refuses a pool that would see padding alone', () => {
    const padded = refusal((x) =>
      tf.maxPool(x, 2, 1, [
        [0, 0],
        [2, 2],
        [0, 0],
        [0, 0],
      ]),
    );
    expect(padded.code).toBe('trace-pool-padding');
    expect(padded.message).toContain('padding 2, 2, 0, 0 around a window of 2×2');
  });

  it('refuses a tensor from outside', () => {
    tf.setBackend('cpu');
    const outside = tf.tensor1d([1, 2, 3]);
    expect(refusal((x) => tf.add(x, outside)).code).toBe('trace-foreign-tensor');
    outside.dispose();
  });

  it('gives the backend that was at work before its place back, whether it failed or not', () => {
    tf.setBackend('cpu');
    refusal((x) => tf.dropout(x, 0.5));
    expect(tf.getBackend()).toBe('cpu');
    traceProgram(
      program((x) => tf.relu(x)),
      weights(),
    );
    expect(tf.getBackend()).toBe('cpu');
  });

  it('leaves no tensors behind', () => {
    traceProgram(
      program((x, weight) => tf.mul(tf.relu(x), weight)),
      weights(),
    );
    const { numTensors } = tf.memory();
    for (let i = 0; i < 3; i++)
      traceProgram(
        program((x, weight) => tf.mul(tf.relu(x), weight)),
        weights(),
      );
    expect(tf.memory().numTensors).toBe(numTensors);
  });

  it('notices what was assigned, and nothing else', () => {
    const trace = traceProgram(
      program((x, weight) => {
        const y = tf.mul(x, weight);
        weight.assign(tf.mul(weight, 0.5));
        return tf.add(y, weight);
      }),
      weights(),
    );
    expect(Object.keys(trace.assigned)).toEqual(['weight']);
    const still = traceProgram(
      program((x, weight) => tf.mul(x, weight)),
      weights(),
    );
    expect(still.assigned).toEqual({});
  });

  it('makes one node of what is computed twice', () => {
    const { outputs } = traceProgram(
      program((x) => tf.add(tf.exp(x), tf.exp(x))),
      weights(),
    );
    expect(outputs.y.inputs[0]).toBe(outputs.y.inputs[1]);
  });
});

describe('A compiled program', () => {
  it('names the input that has the wrong number of values, or none', async () => {
    const executor = await openExecutor({ engine: 'compiled', threads: 1 });
    const compiled = await executor.compile(
      program((x, weight) => tf.mul(x, weight)),
      weights(),
    );
    await expect(compiled.run({})).rejects.toThrow('[2,4,4,3] for x, found none');
    await expect(compiled.run({ x: new Float32Array(5) })).rejects.toThrow('expects 96 values');
    await compiled.dispose();
  });

  it('reads weights afresh at each run, unless they were made constants', async () => {
    const executor = await openExecutor({ engine: 'compiled', threads: 1 });
    const x = new Float32Array(96).fill(1);
    const first = async (constants: 'all' | string[]): Promise<number[]> => {
      const parameters = weights();
      const compiled = await executor.compile(
        program((image, weight) => tf.mul(image, weight)),
        parameters,
        { constants },
      );
      const before = await compiled.run({ x });
      parameters.get('weight').data[0] = 50;
      const after = await compiled.run({ x });
      await compiled.dispose();
      return [before.y.data[0], after.y.data[0]];
    };
    expect(await first([])).toEqual([1, 50]);
    expect(await first('all')).toEqual([1, 1]);
    expect(await first(['weight'])).toEqual([1, 1]);
  });

  it('gives truths and integers as int32', async () => {
    const executor = await openExecutor({ engine: 'compiled', threads: 1 });
    const compiled = await executor.compile(
      program((x, weight) => tf.greater(x, weight)),
      weights(),
    );
    const { y } = await compiled.run({ x: new Float32Array(96).fill(1.5) });
    expect(y.dtype).toBe('int32');
    expect([...y.data.slice(0, 3)]).toEqual([1, 0, 0]);
    await compiled.dispose();
  });
});
