import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { compileTrainingStep, openExecutor, type Program } from '../../../src-main/engine/index.ts';
import { draw } from '../networks/sketch.ts';
import { sketches } from '../networks/sketches.ts';

const MEGABYTE = 2 ** 20;

it('keeps memory flat over hundreds of steps', { timeout: 60_000 }, async () => {
  const [, , , , mobilenet] = sketches;
  const { parameters, inputs, program, trainable } = draw({ ...mobilenet, input: [8, 48, 48, 3] });
  // Nearly a megabyte comes back at each step: kept by anybody, 300 steps would make 265 of them.
  const withMap: Program = {
    ...program,
    body: (given, scope) => ({ ...program.body(given, scope), map: tf.tile(given.images, [1, 2, 2, 1]) }),
  };
  const executor = await openExecutor({ engine: 'compiled', threads: 1 });
  const step = await compileTrainingStep(executor, withMap, parameters, {
    trainable,
    optimizer: { kind: 'adamw' },
  });
  const run = async (count: number): Promise<void> => {
    for (let i = 0; i < count; i++) await step.run(inputs, 1e-3);
  };
  await run(200);
  const before = process.memoryUsage().rss;
  await run(300);
  const growth = (process.memoryUsage().rss - before) / MEGABYTE;
  await step.dispose();
  expect(growth).toBeLessThan(120);
});

it('gives the memory of a program back when it is disposed', { timeout: 60_000 }, async () => {
  const [vgg] = sketches;
  const { parameters, inputs, program } = draw(vgg);
  // Eight megabytes of constant weights: kept by forty programs, they would be 320.
  parameters.add('table', [512, 4096]);
  const withTable: Program = {
    ...program,
    body: (given, scope) => ({
      ...program.body(given, scope),
      row: tf.matMul(
        tf.tile(tf.mean(given.images, [1, 2]), [1, 171]).slice([0, 0], [2, 512]),
        scope('table'),
      ),
    }),
  };
  const executor = await openExecutor({ engine: 'compiled', threads: 1 });
  const cycle = async (): Promise<void> => {
    const compiled = await executor.compile(withTable, parameters, { constants: 'all' });
    await compiled.run(inputs);
    await compiled.dispose();
  };
  for (let i = 0; i < 8; i++) await cycle();
  const before = process.memoryUsage().rss;
  for (let i = 0; i < 40; i++) await cycle();
  expect((process.memoryUsage().rss - before) / MEGABYTE).toBeLessThan(120);
});
