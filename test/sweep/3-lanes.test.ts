import { describe, expect, it } from 'vitest';
import type { Dataset } from '../../src-main/contract/dataset.ts';
import { trainingConfigSchema, type TrainingSettings } from '../../src-main/contract/training.ts';
import { lanesAtMost, lanesFor } from '../../src-main/jobs/trial-lanes.ts';
import type { TrialTraining } from '../../src-main/jobs/trials-worker.ts';
import { RandomStream } from '../../src-main/platform/random.ts';
import { loadModel } from '../../src-main/models/index.ts';
import { DropoutDraws, train } from '../../src-main/training/index.ts';
import { settings, task, tinyModelFolder } from '../training/helpers.ts';

const images = {
  cachePath: 'cache',
  splitHash: 'split',
  preprocessing: { height: 32 },
} as unknown as Dataset;
const training = (
  group: number,
  given: TrainingSettings = {},
  dataset = images,
): Pick<TrialTraining, 'config' | 'group' | 'dataset' | 'threads'> => ({
  group,
  dataset,
  config: trainingConfigSchema.parse({ freezePreset: 'feature-extraction', ...given }),
});
const lanes = (trainings: ReturnType<typeof training>[], cores: number): number[][] =>
  lanesFor(trainings, cores).map((lane) => lane.map(({ group }) => group));

describe('lanes of trainings', () => {
  it('run heads that read the same features beside one another, each group in one of them', () => {
    const heads = [1, 1, 2, 2, 3, 3].map((group) => training(group, { headLearningRate: 0.001 * group }));
    expect(lanes(heads, 2)).toEqual([
      [1, 1, 3, 3],
      [2, 2],
    ]);
    expect(
      lanesFor(heads, 2)
        .flat()
        .map(({ threads }) => threads),
    ).toEqual([1, 1, 1, 1, 1, 1]);
    expect(lanes(heads, 64)).toHaveLength(3);
    expect(lanes(heads, 1)).toEqual([[1, 1, 2, 2, 3, 3]]);
    expect(lanes([], 8)).toEqual([]);
  });

  it('are one where a backbone learns, where features differ, and where the plan asks for one thread', () => {
    expect(lanes([training(1), training(2, { freezePreset: 'last-stage' })], 8)).toEqual([[1, 2]]);
    expect(lanes([training(1), training(2, { freezeUntil: 'stage3' })], 8)).toEqual([[1, 2]]);
    expect(lanes([training(1), training(2, { seed: 8 })], 8)).toEqual([[1, 2]]);
    expect(lanes([training(1), training(2, { head: { pooling: 'max' } })], 8)).toEqual([[1, 2]]);
    expect(lanes([training(1), training(2, {}, { ...images, cachePath: 'other' })], 8)).toEqual([[1, 2]]);
    expect(lanes([training(1, { threads: 1 }), training(2)], 8)).toEqual([[1, 2]]);
  });
});

describe('lanes to come, before the images are known', () => {
  it('are as many as heads alone can use, and one where a backbone learns', () => {
    const configs = (...all: TrainingSettings[]) => all.map((one) => training(1, one).config);
    expect(lanesAtMost(configs({}, {}, {}), 2)).toBe(2);
    expect(lanesAtMost(configs({}, {}, {}), 64)).toBe(3);
    expect(lanesAtMost(configs({}, {}, {}, {}, {}), 64)).toBe(4);
    expect(lanesAtMost(configs({}, { threads: 1 }), 64)).toBe(1);
    expect(lanesAtMost(configs({}, { freezePreset: 'last-stage' }), 64)).toBe(1);
  });
});

describe('a training that is held', () => {
  const initial = tinyModelFolder();
  const own = settings({ initial, freezePreset: 'full', epochs: 4, headEpochs: 2 });

  it.each([1, 2, 3])('after epoch %i goes on and ends as if it had not been', async (until) => {
    const whole = await train(task(own));
    const held = task(own);
    const first = await train({ ...held, until, checkpointEveryMs: 1e9, keepModel: false });
    expect(first.epochs).toHaveLength(until);
    expect([first.complete, first.modelFolder]).toEqual([false, '']);
    const rest = await train({ ...held, resume: true });
    expect(rest.complete).toBeUndefined();
    const lasting = ({ epochs }: typeof rest): unknown =>
      epochs.map((one) => ({ ...one, seconds: 0, imagesPerSecond: 0 }));
    expect(lasting(rest)).toEqual(lasting(whole));
    expect(loadModel(rest.modelFolder).parameters.hash()).toBe(
      loadModel(whole.modelFolder).parameters.hash(),
    );
  });
});

describe('dropout masks', () => {
  it('are those that single draws of their stream decide', () => {
    const mask = new Float32Array(1000);
    const stream = new RandomStream(3, 'mask');
    stream.fillDropout(mask, 0.3);
    const single = new RandomStream(3, 'mask');
    expect(mask).toEqual(mask.map(() => (single.uniform() < 0.3 ? 0 : 1 / (1 - 0.3))));
    expect(stream.state).toEqual(single.state);
    expect(mask.filter((value) => value === 0).length).toBeGreaterThan(200);
  });

  it('are the same where the numbers behind them are kept for other trainings, and where there is no room for them', () => {
    const drawn = (rate: number): Float32Array => {
      const mask = new Float32Array(1000);
      new RandomStream(3, 'dropout', 2).fillDropout(mask, rate);
      return mask;
    };
    const draws = new DropoutDraws(5000);
    const mask = new Float32Array(1000);
    for (const [rate, layer] of [
      [0.3, 2],
      [0.3, 2],
      [0.6, 2],
      [0, 2],
      [0.5, 4],
      [0.5, 4],
    ] as const) {
      draws.fill(mask, rate, 3, 'dropout', layer);
      if (layer === 2) expect(mask).toEqual(drawn(rate));
      else expect(mask).not.toEqual(drawn(rate));
    }
    const single = new RandomStream(3, 'dropout', 2);
    const numbers = new Uint32Array(10);
    new RandomStream(3, 'dropout', 2).fill(numbers);
    expect([...numbers]).toEqual(Array.from(numbers, () => single.uint32()));
  });
});
