import { beforeAll, describe, expect, it } from 'vitest';
import { observe } from '../../src-main/adaptation/index.ts';
import { adaptationMethods } from '../../src-main/contract/adaptation.ts';
import type { TrainingConfig } from '../../src-main/contract/training.ts';
import { openExecutor } from '../../src-main/engine/index.ts';
import { loadModel } from '../../src-main/models/index.ts';
import { adaptationTask, adaptModel, plan, targetSamples, trainedSource, twoScanners } from './helpers.ts';

let config: TrainingConfig;
let sourceModel: string;
beforeAll(async () => {
  config = plan();
  sourceModel = await trainedSource(config);
});

const weightsOf = (folder: string): string => loadModel(folder).parameters.hash();

describe.each(adaptationMethods)('%s', (method) => {
  it('adapts, keeps the frozen layers as they were, and its model answers', async () => {
    const result = await adaptModel(adaptationTask(config, sourceModel, { method }));
    expect(result.frozen.unmoved).toBe(true);
    expect(weightsOf(result.modelFolder)).not.toBe(weightsOf(sourceModel));
    const executor = await openExecutor({ threads: 1 });
    const { probabilities } = await observe(
      loadModel(result.modelFolder),
      targetSamples(),
      twoScanners,
      executor,
    );
    await executor.dispose();
    expect(probabilities.every(Number.isFinite)).toBe(true);
    expect(result.epochs.every(({ trainLoss }) => Number.isFinite(trainLoss))).toBe(true);
  });
});

describe.each(['dann', 'shot'] as const)('%s, stopped and resumed', (method) => {
  it('ends with the same weights and figures', async () => {
    const whole = await adaptModel(adaptationTask(config, sourceModel, { method }));
    const task = adaptationTask(config, sourceModel, { method });
    const stop = new AbortController();
    const onEpoch = ({ epoch }: { epoch: number }): void => void (epoch === 2 && stop.abort());
    await expect(adaptModel(task, { signal: stop.signal, onEpoch })).rejects.toMatchObject({
      kind: 'cancelled',
    });
    const resumed = await adaptModel({ ...task, resume: true });
    expect(weightsOf(resumed.modelFolder)).toBe(weightsOf(whole.modelFolder));
    const figures = (run: typeof whole): unknown =>
      run.epochs.map(({ trainLoss, unlabelledLoss }) => [trainLoss, unlabelledLoss]);
    expect(figures(resumed)).toEqual(figures(whole));
  });
});

describe.each(['adabn', 'histogram'] as const)('%s', (method) => {
  it('goes all the way to the target and no farther: averages beyond it are no variances any more', async () => {
    await expect(
      adaptModel(adaptationTask(config, sourceModel, { method, strength: 10 })),
    ).rejects.toMatchObject({
      code: 'adaptation-strength',
      message: expect.stringMatching(/^Expected a strength from 0 to 1 for .*, found 10\./),
    });
  });
});

describe('shot of a run that began with its head alone', () => {
  it.each([{ freezePreset: 'lp-ft' as const }, { unfreeze: [{ epoch: 3, stage: 'three' }] }])(
    'has all of its epochs for the backbone (%o)',
    async (learning) => {
      const own = plan({ freezeUntil: null, ...learning });
      const { epochs } = await adaptModel(adaptationTask(own, sourceModel, { method: 'shot' }));
      expect(epochs.map(({ phase }) => phase)).toEqual(Array(own.epochs).fill('fine-tuning'));
    },
  );
});
