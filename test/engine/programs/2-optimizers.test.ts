import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import {
  compileTrainingStep,
  openExecutor,
  type OptimizerConfig,
  Parameters,
  type Program,
  type TrainingStep,
} from '../../../src-main/engine/index.ts';

const RATES = [0.1, 0.05, 0.2];
const SHAPES = { matrix: [2, 2], bias: [2] };

/** The gradients of test/engine/reference/optimizers.py. */
const gradient = (step: number, count: number): Float32Array =>
  Float32Array.from({ length: count }, (_, i) => (((7 * i + 5 * step + 3) % 11) - 5) / 4);

function weights(): Parameters {
  const parameters = new Parameters();
  parameters.add('matrix', SHAPES.matrix, Float32Array.of(0.5, -1, 2, 0.25));
  parameters.add('bias', SHAPES.bias, Float32Array.of(0.1, -0.3));
  return parameters;
}

/** Σ w · g: its gradient is the g that goes in. */
const program: Program = {
  name: 'a loss with a given gradient',
  inputs: {
    matrix: { shape: SHAPES.matrix, dtype: 'float32' },
    bias: { shape: SHAPES.bias, dtype: 'float32' },
  },
  body: (gradients, scope) => ({
    loss: tf.add(
      tf.sum(tf.mul(scope('matrix'), gradients.matrix)),
      tf.sum(tf.mul(scope('bias'), gradients.bias)),
    ),
  }),
};

const open = async (
  parameters: Parameters,
  optimizer: OptimizerConfig,
  clipNorm?: number,
): Promise<TrainingStep> =>
  compileTrainingStep(await openExecutor({ engine: 'compiled', threads: 1 }), program, parameters, {
    trainable: ['matrix', 'bias'],
    optimizer,
    ...(clipNorm === undefined ? {} : { clipNorm }),
  });

const inputsOf = (step: number): Record<string, Float32Array> => ({
  matrix: gradient(step, 4),
  bias: gradient(step, 2),
});

async function trained(optimizer: OptimizerConfig): Promise<Parameters> {
  const parameters = weights();
  const step = await open(parameters, optimizer);
  for (const [i, rate] of RATES.entries()) await step.run(inputsOf(i), rate);
  await step.dispose();
  return parameters;
}

function expectNear(found: ArrayLike<number>, expected: readonly number[]): void {
  expect(found.length).toBe(expected.length);
  expected.forEach((value, i) => expect(found[i]).toBeCloseTo(value, 6));
}

describe('Three steps move weights as PyTorch moves them', () => {
  it.each<[string, OptimizerConfig, number[], number[]]>([
    ['sgd, plain', { kind: 'sgd', momentum: 0 }, [0.6625, -1.3125, 2.0375, 0.5], [0.2625, -0.6125]],
    [
      'sgd, momentum and decay',
      { kind: 'sgd', momentum: 0.9, weightDecay: 0.01 },
      [0.6271331495, -1.518261324, 2.196027373, 0.56306912475],
      [0.231, -0.82625],
    ],
    [
      'adamw, default',
      { kind: 'adamw' },
      [0.6399341985667956, -1.2665935601724208, 2.022423614915338, 0.4671141752151225],
      [0.23993419856679557, -0.5665935601724208],
    ],
    [
      'adamw, decay',
      { kind: 'adamw', weightDecay: 0.05, beta1: 0.8, beta2: 0.99, epsilon: 1e-6 },
      [0.6317993811692789, -1.2446269915746804, 1.9919540212488964, 0.4624693248483783],
      [0.24160080383311078, -0.5635187783187446],
    ],
  ])('%s', async (_, optimizer, matrix, bias) => {
    const parameters = await trained(optimizer);
    expectNear(parameters.get('matrix').data, matrix);
    expectNear(parameters.get('bias').data, bias);
  });

  it('by SGD with momentum 0.9 and no decay where nothing is said', async () => {
    const said = await trained({ kind: 'sgd', momentum: 0.9, weightDecay: 0 });
    expect((await trained({ kind: 'sgd' })).hash()).toBe(said.hash());
  });
});

describe('The norm of the gradient', () => {
  const norm = Math.hypot(...gradient(0, 4), ...gradient(0, 2));

  it('is scaled down over all weights together', async () => {
    const parameters = weights();
    const step = await open(parameters, { kind: 'sgd', momentum: 0 }, norm / 2);
    await step.run(inputsOf(0), 0.1);
    const [m, b] = [weights().get('matrix').data, weights().get('bias').data];
    expectNear(
      parameters.get('matrix').data,
      [...gradient(0, 4)].map((g, i) => m[i] - 0.05 * g),
    );
    expectNear(
      parameters.get('bias').data,
      [...gradient(0, 2)].map((g, i) => b[i] - 0.05 * g),
    );
    await step.dispose();
  });

  it('stays as it is below its limit', async () => {
    const [free, limited] = [weights(), weights()];
    const optimizer: OptimizerConfig = { kind: 'adamw' };
    await (await open(free, optimizer)).run(inputsOf(0), 0.1);
    await (await open(limited, optimizer, norm * 1.01)).run(inputsOf(0), 0.1);
    expect(limited.hash()).toBe(free.hash());
  });
});

describe('The state of an optimiser', () => {
  it.each<[OptimizerConfig, string[]]>([
    [{ kind: 'sgd', momentum: 0 }, ['steps']],
    [{ kind: 'sgd' }, ['steps', 'momentum/matrix', 'momentum/bias']],
    [{ kind: 'adamw' }, ['steps', 'm/matrix', 'v/matrix', 'm/bias', 'v/bias']],
  ])('has a slot for each weight: %o', async (optimizer, names) => {
    const step = await open(weights(), optimizer);
    expect(step.optimizerState.names).toEqual(names);
    await step.dispose();
  });

  it.each<OptimizerConfig>([{ kind: 'sgd' }, { kind: 'adamw', weightDecay: 0.05 }])(
    'is all that going on from a checkpoint takes: $kind',
    async (optimizer) => {
      const whole = await trained(optimizer);
      const parameters = weights();
      const first = await open(parameters, optimizer);
      await first.run(inputsOf(0), RATES[0]);
      const [savedWeights, savedState] = [parameters.clone(), first.optimizerState.clone()];
      await first.dispose();
      const second = await open(savedWeights, optimizer);
      second.optimizerState.assign(savedState);
      for (const i of [1, 2]) await second.run(inputsOf(i), RATES[i]);
      await second.dispose();
      expect(savedWeights.hash()).toBe(whole.hash());
    },
  );

  it('is refused by name for an optimiser that does not exist', async () => {
    await expect(open(weights(), { kind: 'lion' as 'sgd' })).rejects.toThrow('found lion');
  });
});

describe('A set of weights', () => {
  it('has a hash of names, shapes and values', () => {
    const hash = weights().hash();
    expect(weights().clone().hash()).toBe(hash);
    const moved = weights();
    moved.get('bias').data[1] += 1e-6;
    expect(moved.hash()).not.toBe(hash);
    expect(moved.hash(['matrix'])).toBe(weights().hash(['matrix']));
    const [flat, square] = [new Parameters(), new Parameters()];
    flat.add('w', [4]);
    square.add('w', [2, 2]);
    expect(flat.hash()).not.toBe(square.hash());
    const renamed = new Parameters();
    renamed.add('v', [4]);
    expect(renamed.hash()).not.toBe(flat.hash());
  });

  it('is copied deeply, and takes over what another has under the same names', () => {
    const [own, copy] = [weights(), weights().clone()];
    copy.get('bias').data[0] = 9;
    expect(own.get('bias').data[0]).toBeCloseTo(0.1);
    const other = new Parameters();
    other.add('bias', [2], Float32Array.of(7, 8));
    other.add('unheard of', [1]);
    own.assign(other);
    expect([...own.get('bias').data]).toEqual([7, 8]);
    expect(own.names).toEqual(['matrix', 'bias']);
    expect(own.count).toBe(6);
  });

  it('refuses a name that is taken, values that do not fit, and a name that it does not have', () => {
    const parameters = weights();
    expect(() => parameters.add('bias', [2])).toThrow('bias exists already');
    expect(() => parameters.add('new', [3], new Float32Array(2))).toThrow('Expected 3 values');
    expect(() => parameters.get('nowhere')).toThrow('nowhere');
  });
});
