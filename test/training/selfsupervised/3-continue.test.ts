import { spawnSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Progress } from '../../../src-main/contract/progress.ts';
import { selfSupervisedMethods } from '../../../src-main/contract/self-supervision.ts';
import { type Executor, openExecutor } from '../../../src-main/engine/index.ts';
import { backboneStages, loadModel, parameterSpecs, stagesOf } from '../../../src-main/models/index.ts';
import { continueUnlabelled } from '../../../src-main/training/index.ts';
import { compileComparingStep } from '../../../src-main/training/selfsupervised/comparing-step.ts';
import { makeViews } from '../../../src-main/training/selfsupervised/view-batch.ts';
import { SIDE, stripes } from '../helpers.ts';
import { unlabelledTask } from './helpers.ts';

let executor: Executor;
beforeAll(async () => {
  executor = await openExecutor({ threads: 1 });
});
afterAll(() => executor.dispose());
const quiet = { workers: 0, every: 3 };

describe.each(selfSupervisedMethods)('learning without labels by %s', (method) => {
  it('brings the loss down, and does not make all images the same', async () => {
    const task = unlabelledTask({ method, epochs: 12, learningRate: 1e-2 });
    const { reports, epochs, steps } = await continueUnlabelled(task, { executor, ...quiet, every: 9 });
    expect([steps, Math.round(epochs)]).toEqual([36, 11]);
    expect(reports.at(-1)!.loss).toBeLessThan(0.9 * reports[0].loss);
    expect(reports.at(-1)!.spread).toBeGreaterThan(0.2);
  });

  it('computes a step as TF.js itself does', async () => {
    const after = async (one: Executor): Promise<Float32Array> => {
      const { config } = unlabelledTask({ method });
      const model = loadModel(config.initial);
      const step = await compileComparingStep(one, model, config, 4);
      const pixels = new Float32Array(4 * SIDE * SIDE);
      for (let at = 0; at < 4; at++) stripes.read(at, pixels, at * SIDE * SIDE);
      const size = { height: SIDE, width: SIDE, channels: 1 };
      const task = { pixels, keys: ['a', 'b', 'c', 'd'], size, config: config.views, seed: 1 };
      for (let at = 0; at < 2; at++) await step.run(makeViews({ ...task, epoch: at }), 3, 8);
      await step.dispose();
      return model.parameters.get('one_conv/kernel').data;
    };
    const reference = await openExecutor({ engine: 'reference' });
    const [compiled, wanted] = [await after(executor), await after(reference)];
    await reference.dispose();
    wanted.forEach((value, at) => expect(compiled[at]).toBeCloseTo(value, 4));
  });
});

describe('learning without labels', () => {
  it('leaves frozen stages as they were, and moves the others with their statistics', async () => {
    const task = unlabelledTask({ freezeUntil: 'one' });
    const parent = loadModel(task.config.initial);
    const { model } = await continueUnlabelled(task, { executor, ...quiet });
    const stageOf = new Map(model.network.layers.map(({ name, stage }) => [name, stage]));
    const namesOf = (stage: string): string[] =>
      parameterSpecs(model.network)
        .filter(({ layer }) => stageOf.get(layer) === stage)
        .map(({ name }) => name);
    expect(backboneStages(model.network)).toEqual(['one', 'two', 'three']);
    expect(model.parameters.hash(namesOf('one'))).toBe(parent.parameters.hash(namesOf('one')));
    for (const name of [...namesOf('two'), ...namesOf('three')].filter((one) => !one.endsWith('beta')))
      expect(model.parameters.hash([name]), name).not.toBe(parent.parameters.hash([name]));
    expect(stagesOf(model.network)).toEqual(['one', 'two', 'three', 'pool', 'head']);
  });

  it('leaves moving statistics as they were where BatchNorm stays in inference mode', async () => {
    const task = unlabelledTask({ batchNormalization: 'inference', method: 'byol' });
    const parent = loadModel(task.config.initial);
    const { model } = await continueUnlabelled(task, { executor, ...quiet });
    const statistics = model.parameters.names.filter((name) => name.includes('/moving_'));
    expect(model.parameters.hash(statistics)).toBe(parent.parameters.hash(statistics));
    expect(model.parameters.hash(['one_bn/gamma'])).not.toBe(parent.parameters.hash(['one_bn/gamma']));
  });

  it('never reads a label', async () => {
    const task = unlabelledTask();
    const blind = task.samples.map((sample) =>
      Object.defineProperty({ ...sample }, 'label', {
        get: () => {
          throw new Error('a label was read');
        },
      }),
    );
    await continueUnlabelled({ ...task, samples: blind }, { executor, ...quiet });
  });

  it('takes as many steps as fit into the minutes that were given, and shows that it times some first', async () => {
    const task = unlabelledTask({ minutes: 0.005, epochs: 1 });
    const phases = new Set<string>();
    const onProgress = ({ phase }: Progress): unknown => phases.add(phase);
    const { steps } = await continueUnlabelled(task, { executor, ...quiet, onProgress });
    expect(steps).toBeGreaterThan(3);
    expect([...phases]).toEqual(['Timing steps on this machine', 'Learning without labels']);
  });

  it('says what is wrong with too few images, and with a rate that is too high', async () => {
    const task = unlabelledTask();
    const few = { ...task, samples: task.samples.slice(0, 5) };
    await expect(continueUnlabelled(few, { executor, ...quiet })).rejects.toMatchObject({
      code: 'images-too-few',
    });
    const wild = unlabelledTask({ learningRate: 10, warmup: 0, epochs: 30, batchNormalization: 'inference' });
    await expect(continueUnlabelled(wild, { executor, ...quiet })).rejects.toMatchObject({
      code: expect.stringMatching(/training-diverged|representation-collapsed/),
    });
  });
});

describe('a pre-training that is stopped', () => {
  it.each(selfSupervisedMethods)('by a cancel goes on to the same weights, %s', async (method) => {
    const whole = await continueUnlabelled(unlabelledTask({ method }), { executor, ...quiet });
    const task = { ...unlabelledTask({ method }) };
    const controller = new AbortController();
    let reached = 0;
    const partly = continueUnlabelled(task, {
      executor,
      every: 4,
      checkpointSeconds: 0,
      workers: 0,
      signal: controller.signal,
      onReport: () => controller.abort(),
      onProgress: ({ done }) => (reached = done),
    });
    await expect(partly).rejects.toMatchObject({ code: 'cancelled' });
    // Not one step more.
    expect(reached).toBeLessThanOrEqual(4 * 8);
    const seen: number[] = [];
    const resumed = await continueUnlabelled(task, {
      executor,
      ...quiet,
      workers: 1,
      onProgress: ({ done }) => seen.push(done),
    });
    expect(seen[0]).toBe(3 * 8);
    expect(resumed.model.parameters.hash()).toBe(whole.model.parameters.hash());
    expect(resumed.reports.at(-1)!.loss).toBe(whole.reports.at(-1)!.loss);
  });

  it('by a kill goes on to the same weights', async () => {
    const task = unlabelledTask();
    const whole = await continueUnlabelled(
      { ...task, folder: mkdtempSync(join(tmpdir(), 'graft-whole-')) },
      { executor, ...quiet },
    );
    const script = fileURLToPath(new URL('killed-pretraining.script.ts', import.meta.url));
    const { config, folder } = task;
    const killed = spawnSync(process.execPath, [script, JSON.stringify(config), folder, '6'], {
      encoding: 'utf8',
    });
    expect(killed.signal, killed.stderr).toBe('SIGKILL');
    const seen: number[] = [];
    const resumed = await continueUnlabelled(task, {
      executor,
      ...quiet,
      onProgress: ({ done }) => seen.push(done),
    });
    expect(seen[0]).toBe(4 * 8);
    expect(resumed.model.parameters.hash()).toBe(whole.model.parameters.hash());
  });

  it('does not go on with other images', async () => {
    const task = unlabelledTask({ epochs: 1 });
    await continueUnlabelled(task, { executor, ...quiet });
    const other = { ...task, samples: task.samples.slice(1) };
    await expect(continueUnlabelled(other, { executor, ...quiet })).rejects.toMatchObject({
      code: 'checkpoint-mismatch',
    });
  });
});
