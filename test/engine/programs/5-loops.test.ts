import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { trainingConfigSchema, type TrainingSettings } from '../../../src-main/contract/training.ts';
import {
  compileTrainingStep,
  HashMemory,
  type HostInputs,
  openExecutor,
  Parameters,
  type Program,
  sizeOf,
} from '../../../src-main/engine/index.ts';
import { loopProgram } from '../../../src-main/engine/loops/program.ts';
import { traceProgram } from '../../../src-main/engine/trace/trace.ts';
import { RandomStream } from '../../../src-main/platform/random.ts';
import { startingModel } from '../../../src-main/training/index.ts';
import { planPhases } from '../../../src-main/training/phase.ts';
import { lossProgram, suffixProgram } from '../../../src-main/training/programs.ts';
import { tinyModelFolder } from '../../training/helpers.ts';

const BATCH = 4;

/** The step of a head behind a frozen backbone, as a training compiles it. */
function headOf(settings: TrainingSettings) {
  const config = trainingConfigSchema.parse({
    initial: tinyModelFolder(),
    freezePreset: 'feature-extraction',
    ...settings,
  });
  const kind = settings.head?.output === 'sigmoid' ? 'binary' : 'softmax';
  const images = { height: 16, width: 16, channels: 1 };
  const model = startingModel(config, ['one', 'other'], images);
  const [phase] = planPhases(config, model);
  const cut = { ...model, cut: phase.plan.cut };
  const program = lossProgram(cut, BATCH, kind === 'binary' ? 1 : 2, () => 'inference', { ...config, kind });
  return { model, phase, program, suffix: suffixProgram(cut, BATCH) };
}

function inputsOf({ inputs }: Program, at: number): HostInputs {
  return Object.fromEntries(
    Object.entries(inputs).map(([name, { shape }]) => {
      const stream = new RandomStream(5, name, at);
      return [name, Float32Array.from({ length: sizeOf(shape) }, () => stream.uniform())];
    }),
  );
}

describe('programs so small that a call costs more than their work', () => {
  it.each<[string, TrainingSettings]>([
    ['a dense head', {}],
    ['one with dropout and a hidden layer', { head: { hidden: [8], dropout: 0.3 } }],
    ['the focal loss', { focalGamma: 2 }],
    ['one sigmoid', { head: { output: 'sigmoid' } }],
    ['one sigmoid of the focal loss', { head: { output: 'sigmoid' }, focalGamma: 2 }],
    ['classes by angle', { head: { kind: 'cosine', dropout: 0.2 } }],
  ])('learn in loops as in the runtime: %s', async (_, settings) => {
    const executor = await openExecutor({ threads: 1 });
    const trained: Parameters[] = [];
    const losses: number[][] = [];
    for (const smallInLoops of [true, false]) {
      const { model, phase, program, suffix } = headOf(settings);
      const { parameters } = model;
      for (const one of [program, suffix])
        expect(loopProgram(one, traceProgram(one, parameters), parameters, false)).toBeDefined();
      const step = await compileTrainingStep(executor, program, parameters, {
        trainable: phase.trainable,
        optimizer: { kind: 'adamw', weightDecay: 0.01 },
        smallInLoops,
      });
      const own: number[] = [];
      for (let at = 0; at < 5; at++) own.push((await step.run(inputsOf(program, at), 0.01)).loss.data[0]);
      await step.dispose();
      losses.push(own);
      trained.push(parameters);
    }
    losses[0].forEach((loss, at) => expect(loss).toBeCloseTo(losses[1][at], 5));
    for (const { name, data } of trained[0]) {
      const other = trained[1].get(name).data;
      data.forEach((value, at) => expect(value).toBeCloseTo(other[at], 4));
    }
  });

  const program = (
    body: (x: tf.Tensor, w: tf.Variable) => Record<string, tf.Tensor>,
    rows = 3,
  ): { program: Program; parameters: Parameters } => {
    const parameters = new Parameters();
    parameters.add('w', [2, 2], Float32Array.of(1, 2, 3, 4));
    const inputs = { x: { shape: [rows, 2], dtype: 'float32' as const } };
    return { parameters, program: { name: 'small', inputs, body: ({ x }, scope) => body(x, scope('w')) } };
  };
  const inLoops = ({ program: one, parameters }: ReturnType<typeof program>, reuse = false) =>
    loopProgram(one, traceProgram(one, parameters), parameters, reuse);

  it('are left to the runtime where they are large, assign weights, or do what there is no loop for', () => {
    const product = (x: tf.Tensor, w: tf.Tensor) => ({ y: tf.matMul(x as tf.Tensor2D, w as tf.Tensor2D) });
    expect(inLoops(program(product))).toBeDefined();
    expect(inLoops(program(product, 20_000))).toBeUndefined();
    expect(inLoops(program((x) => ({ y: tf.erf(x) })))).toBeUndefined();
    expect(inLoops(program((x) => ({ y: tf.greater(x, 0) })))).toBeUndefined();
    expect(inLoops(program((x) => ({ y: tf.argMax(x, 1) })))).toBeUndefined();
    const assigning = program((x, w) => {
      w.assign(tf.mul(w, 2));
      return { y: tf.sum(x) };
    });
    expect(inLoops(assigning)).toBeUndefined();
  });

  it('hand out arrays of their own, unless they may use them again', async () => {
    const given = program((x, w) => ({
      y: tf.matMul(x as tf.Tensor2D, w as unknown as tf.Tensor2D),
      same: tf.reshape(x, [6]),
    }));
    const x = Float32Array.of(1, 0, 0, 1, 1, 1);
    const fresh = inLoops(given)!;
    const [first, second] = [await fresh.run({ x }), await fresh.run({ x: x.map((value) => 2 * value) })];
    expect([...first.y.data]).toEqual([1, 2, 3, 4, 4, 6]);
    expect([...second.y.data]).toEqual([2, 4, 6, 8, 8, 12]);
    const reusing = inLoops(given, true)!;
    const once = await reusing.run({ x });
    const again = await reusing.run({ x: new Float32Array(6) });
    expect(once.y.data).toBe(again.y.data);
    // A view of what went in is never handed out.
    expect([...once.same.data]).toEqual([...x]);
    await expect(async () => reusing.run({ x: new Float32Array(5) })).rejects.toThrow(
      'expects 6 values of shape [3,2] for x, found 5',
    );
  });

  it('keep what is no number, so that a training that overflows is seen', async () => {
    const overflown = inLoops(program((x) => ({ y: tf.logSoftmax(x as tf.Tensor2D) })))!;
    const { y } = await overflown.run({ x: Float32Array.of(NaN, 1, Infinity, 1, 1, 2) });
    expect(Number.isNaN(y.data[0]) && Number.isNaN(y.data[2])).toBe(true);
    expect(y.data[5]).toBeCloseTo(-Math.log1p(Math.exp(-1)), 6);
  });
});

describe('a memory of hashes', () => {
  it('says of any weights what hashing them says, also when they change and change back', () => {
    const { hashOf } = new HashMemory();
    const weights = new Parameters();
    const a = weights.add('a', [2], Float32Array.of(1, 2)).data;
    weights.add('b', [1, 2], Float32Array.of(3, 4));
    const check = (names: string[]): void => expect(hashOf(weights, names)).toBe(weights.hash(names));
    const lists = [['a'], ['a', 'b'], ['b', 'a'], []];
    for (const value of [1, 5, 5, 1, -0, 0, NaN]) {
      a[0] = value;
      for (const names of lists) check(names);
    }
    // The same values in another shape are other weights.
    const other = new Parameters();
    other.add('a', [2, 1], a.slice());
    expect(hashOf(other, ['a'])).toBe(other.hash(['a']));
    expect(hashOf(other, ['a'])).not.toBe(hashOf(weights, ['a']));
  });
});
