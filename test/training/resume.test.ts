import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import type { EpochMetrics, RunResult, TrainingSettings } from '../../src-main/contract/training.ts';
import { loadModel } from '../../src-main/models/index.ts';
import { train, type TrainingTask } from '../../src-main/training/index.ts';
import { settings, task, tinyModelFolder } from './helpers.ts';

const script = fileURLToPath(new URL('killed-run.script.ts', import.meta.url));

/** All that does not depend on how fast the machine was. */
const lasting = (epochs: readonly EpochMetrics[]): unknown =>
  epochs.map((metrics) => ({ ...metrics, seconds: 0, imagesPerSecond: 0 }));

const weightsOf = (result: RunResult): string => loadModel(result.modelFolder).parameters.hash();

function killAt(own: TrainingSettings, paths: TrainingTask['paths'], moment: number): string | null {
  const args = ['--disable-warning=ExperimentalWarning', script, JSON.stringify(own), JSON.stringify(paths)];
  const { signal, stderr } = spawnSync(process.execPath, [...args, String(moment)], { encoding: 'utf8' });
  expect(stderr).toBe('');
  return signal;
}

describe('a training killed with SIGKILL and resumed', () => {
  let own: TrainingSettings;
  let whole: RunResult;
  beforeAll(async () => {
    own = { initial: tinyModelFolder(), freezeUntil: 'one', epochs: 5, headEpochs: 2, learningRate: 3e-3 };
    whole = await train(task(settings(own)));
  });

  // Among them: the cache of features half filled, in the middle of an epoch, in the second phase.
  it.each([[2], [16], [24, 9]])('at moment %s ends with the same weights and metrics', async (...moments) => {
    const killed = task(settings(own));
    for (const moment of moments) expect(killAt(own, killed.paths, moment)).toBe('SIGKILL');
    const resumed = await train({ ...killed, resume: true });
    expect(lasting(resumed.epochs)).toEqual(lasting(whole.epochs));
    expect(weightsOf(resumed)).toBe(weightsOf(whole));
    expect(resumed.bestValue).toBe(whole.bestValue);
  });

  it('with stages joining one by one, killed in the third phase, too', async () => {
    const gradual: TrainingSettings = {
      ...own,
      freezeUntil: null,
      freezePreset: 'gradual',
      epochs: 4,
      headEpochs: 1,
    };
    const killed = task(settings(gradual));
    expect(killAt(gradual, killed.paths, 40)).toBe('SIGKILL');
    const resumed = await train({ ...killed, resume: true });
    const uninterrupted = await train(task(settings(gradual)));
    expect(lasting(resumed.epochs)).toEqual(lasting(uninterrupted.epochs));
    expect(weightsOf(resumed)).toBe(weightsOf(uninterrupted));
  });

  it('from random weights, BatchNorm in training mode, too', async () => {
    const random: TrainingSettings = {
      initial: 'random',
      modelName: 'starter',
      epochs: 2,
      batchSize: 8,
      optimizer: { kind: 'sgd' },
    };
    const killed = task(settings(random));
    expect(killAt(random, killed.paths, 7)).toBe('SIGKILL');
    expect(readdirSync(killed.paths.runFolder)).toContain('checkpoint.safetensors');
    const resumed = await train({ ...killed, resume: true });
    const uninterrupted = await train(task(settings(random)));
    expect(lasting(resumed.epochs)).toEqual(lasting(uninterrupted.epochs));
    expect(weightsOf(resumed)).toBe(weightsOf(uninterrupted));
  });

  it('after its last epoch is the finished run again', async () => {
    const finished = task(settings(own));
    const first = await train(finished);
    const again = await train({ ...finished, resume: true });
    expect(again.epochs).toEqual(first.epochs);
    expect(weightsOf(again)).toBe(weightsOf(first));
  });

  it('with another configuration is refused', async () => {
    const finished = task(settings(own));
    await train(finished);
    const other = { ...finished, config: settings({ ...own, seed: 8 }), resume: true };
    await expect(train(other)).rejects.toThrow(/same configuration.*Start a new run/);
  });
});
