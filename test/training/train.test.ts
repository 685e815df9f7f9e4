import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { runResultSchema, type EpochMetrics } from '../../src-main/contract/training.ts';
import { openExecutor } from '../../src-main/engine/index.ts';
import { loadModel } from '../../src-main/models/index.ts';
import {
  majorityProbabilities,
  planPhases,
  predict,
  train,
  trainFromScratch,
  trainProbe,
} from '../../src-main/training/index.ts';
import { crossEntropy, EpochCounts } from '../../src-main/training/metrics.ts';
import { settings, stripes, stripesDataset, task, tinyModelFolder, tinyNetwork } from './helpers.ts';

let initial: string;
beforeAll(() => {
  initial = tinyModelFolder();
});

const learnable = { freezeUntil: 'one', learningRate: 1e-2, headLearningRate: 3e-2, head: { dropout: 0.1 } };

describe('a training', () => {
  it.each(['compiled', 'reference'] as const)('learns a small problem (%s executor)', async (engine) => {
    const epochs = engine === 'compiled' ? 40 : 12;
    const work = task(settings({ initial, engine, epochs, headEpochs: 4, batchSize: 4, ...learnable }));
    const result = await train(work);
    const first = result.epochs[0].validationLoss!;
    expect(result.bestValue!).toBeLessThan(first * (engine === 'compiled' ? 0.3 : 0.8));
    if (engine === 'compiled') expect(result.epochs[result.bestEpoch - 1].validationAccuracy).toBe(1);
    runResultSchema.parse(result);
  });

  it('goes through its phases, and leaves every frozen weight as it was', async () => {
    const work = task(settings({ initial, epochs: 5, headEpochs: 2, ...learnable }));
    const result = await train(work);
    expect(result.epochs.map(({ phase }) => phase)).toEqual([
      'feature-extraction',
      'feature-extraction',
      'fine-tuning',
      'fine-tuning',
      'fine-tuning',
    ]);
    expect(result.cut).toBe('one');
    expect(result.frozen.unmoved).toBe(true);
    const before = loadModel(initial).parameters;
    const after = loadModel(result.modelFolder).parameters;
    for (const name of before.names.filter((each) => each.startsWith('one_') || each.includes('moving')))
      expect(after.get(name).data, name).toEqual(before.get(name).data);
    expect(after.get('two_conv/kernel').data).not.toEqual(before.get('two_conv/kernel').data);
    const map = Object.fromEntries(result.freezeMap.map(({ layer, trainable }) => [layer, trainable]));
    expect(map).toMatchObject({ one_conv: false, one_bn: false, two_conv: true, predictions: true });
  });

  it('lets one more stage join at a time when it is gradual, each as it was until then', async () => {
    const phases = planPhases(settings({ initial, freezePreset: 'gradual', epochs: 8, headEpochs: 2 }), {
      network: tinyNetwork(),
    });
    expect(phases.map(({ name, epochs, plan }) => [name, epochs, plan.cut])).toEqual([
      ['feature-extraction', 2, 'pool'],
      ['fine-tuning', 2, 'two'],
      ['fine-tuning', 2, 'one'],
      ['fine-tuning', 2, null],
    ]);
    // Two epochs for three stages: the lowest join together, and none is left out.
    const short = planPhases(settings({ initial, freezePreset: 'gradual', epochs: 3, headEpochs: 1 }), {
      network: tinyNetwork(),
    });
    expect(short.map(({ epochs, plan }) => [epochs, plan.cut])).toEqual([
      [1, 'pool'],
      [1, 'two'],
      [1, null],
    ]);
    const own = {
      ...learnable,
      initial,
      freezeUntil: null,
      freezePreset: 'gradual',
      epochs: 4,
      headEpochs: 1,
    } as const;
    const result = await train(task(settings(own)));
    expect(result.epochs.map(({ phase }) => phase)).toEqual([
      'feature-extraction',
      ...Array(3).fill('fine-tuning'),
    ]);
    expect(result.cut).toBeNull();
    const before = loadModel(initial).parameters;
    const after = loadModel(result.modelFolder).parameters;
    expect(after.get('three_conv/kernel').data).not.toEqual(before.get('three_conv/kernel').data);
  });

  it('learns at the rate that a stage was given', () => {
    const rated = settings({ initial, freezePreset: 'full', stageFactor: 0.5, stageRates: { one: 0.03 } });
    const { plan } = planPhases(rated, { network: tinyNetwork() }).at(-1)!;
    expect(Object.fromEntries(plan.stageFactors)).toMatchObject({ head: 1, three: 1, two: 0.5, one: 0.03 });
    const unknown = settings({ initial, stageRates: { seven: 1 } });
    expect(() => planPhases(unknown, { network: tinyNetwork() })).toThrow(
      /one of one, two, three; found "seven"/,
    );
  });

  it('leaves frozen layers behind the first learning one alone', async () => {
    const work = task(settings({ initial, epochs: 3, headEpochs: 0, trainableLayers: ['two_conv'] }));
    const result = await train(work);
    const before = loadModel(initial).parameters;
    const after = loadModel(result.modelFolder).parameters;
    expect(result.frozen.unmoved).toBe(true);
    for (const name of ['three_conv/kernel', 'two_bn/gamma', 'three_bn/moving_mean'])
      expect(after.get(name).data).toEqual(before.get(name).data);
    expect(after.get('two_conv/kernel').data).not.toEqual(before.get('two_conv/kernel').data);
  });

  it('saves the weights of its best epoch, not of its last', async () => {
    // A rate that rises and never falls again: the loss finds its best in the middle.
    const config = settings({
      initial,
      epochs: 30,
      headEpochs: 0,
      freezePreset: 'full',
      learningRate: 0.08,
      schedule: 'constant',
      optimizer: { kind: 'sgd' },
      weightDecay: 0,
      earlyStopping: { patience: 4 },
    });
    const work = task(config);
    const result = await train(work);
    expect(result.stoppedEarly).toBe(true);
    expect(result.epochs.length).toBe(result.bestEpoch + 4);
    const losses = result.epochs.map(({ validationLoss }) => validationLoss!);
    expect(result.bestValue).toBe(Math.min(...losses));
    expect(await validationLoss(result.modelFolder, work)).toBeCloseTo(result.bestValue!, 4);
    expect(losses.at(-1)).toBeGreaterThan(result.bestValue! + 1e-3);
  });

  it('gives the same result with its features cached, in memory or not at all there before', async () => {
    const config = settings({ initial, epochs: 3, headEpochs: 1, ...learnable });
    const work = task(config);
    const first = await train(work);
    const again = await train(work);
    rmSync(work.paths.cacheFolder, { recursive: true });
    const anew = await train(work);
    for (const other of [again, anew])
      expect(loadModel(other.modelFolder).parameters.hash()).toBe(
        loadModel(first.modelFolder).parameters.hash(),
      );
    expect(first.features.bytes).toBeGreaterThan(0);
  });

  it('is cancelled between two steps, and keeps what it has', async () => {
    const work = task(settings({ initial, epochs: 50, headEpochs: 0 }));
    const controller = new AbortController();
    const seen: EpochMetrics[] = [];
    const running = train(work, {
      signal: controller.signal,
      onEpoch: (metrics) => {
        seen.push(metrics);
        if (seen.length === 2) controller.abort();
      },
    });
    await expect(running).rejects.toMatchObject({ kind: 'cancelled' });
    expect(seen.length).toBe(2);
    const resumed = await train({ ...work, resume: true });
    expect(resumed.epochs.slice(0, 2)).toEqual(seen);
  });

  it('whose loss overflows says which rate to try', async () => {
    const config = settings({
      initial,
      epochs: 20,
      headEpochs: 0,
      freezePreset: 'full',
      learningRate: 10,
      warmup: 0,
      clipNorm: null,
      optimizer: { kind: 'sgd', momentum: 0.99 },
    });
    await expect(train(task(config))).rejects.toThrow(/learning rate 10 is too high.*Try 1;/);
  });

  it('without validation images keeps its last epoch', async () => {
    const result = await train(task(settings({ initial, epochs: 2, headEpochs: 1 }), stripesDataset(12, 0)));
    expect(result).toMatchObject({ bestEpoch: 2, bestValue: null, stoppedEarly: false });
    expect(result.epochs[0].validationLoss).toBeNull();
  });

  it('names no area where a class is absent from validation, by whatever it chose its epoch', async () => {
    const config = settings({ initial, epochs: 2, headEpochs: 1, earlyStopping: { monitor: 'val_auc' } });
    const { classes, train: images, validation } = stripesDataset();
    const alike = validation.filter(({ label }) => label === 0);
    const { bestValue, epochs, bestEpoch } = await train(
      task(config, { classes, train: images, validation: alike }),
    );
    const losses = epochs.map(({ validationLoss }) => validationLoss!);
    expect(losses[bestEpoch - 1]).toBe(Math.min(...losses));
    expect(bestValue).toBeNull();
  });

  it('without images is refused', async () => {
    await expect(train(task(settings({ initial }), stripesDataset(0, 4)))).rejects.toThrow(
      /at least one training image/,
    );
  });
});

describe('the baselines', () => {
  it('the majority baseline answers with the shares of the training images', () => {
    const dataset = stripesDataset(5, 0);
    expect([...majorityProbabilities(dataset, 2)].map((p) => Math.round(p * 10))).toEqual([6, 4, 6, 4]);
  });

  it('the probe learns on frozen features, moves none of them, and chooses its strength on validation', async () => {
    const work = task(settings({ initial }), stripesDataset(40, 20));
    const { model, l2, tried } = await trainProbe(work);
    expect(tried.length).toBeGreaterThan(3);
    const losses = tried.map(({ validationLoss }) => validationLoss);
    expect(tried[losses.indexOf(Math.min(...losses))].l2).toBe(l2);
    const before = loadModel(initial).parameters;
    expect(model.parameters.get('three_conv/kernel').data).toEqual(before.get('three_conv/kernel').data);
    const counts = await evaluate(model, work);
    expect(counts.loss).toBeCloseTo(Math.min(...losses), 4);
    expect(counts.accuracy).toBeGreaterThan(0.7);
  });

  it('training from scratch lets everything learn, its BatchNorm on the batches', async () => {
    const work = task(settings({ modelName: 'starter', initial: 'pretrained', epochs: 2 }));
    const result = await trainFromScratch(work);
    expect(result.epochs.map(({ phase }) => phase)).toEqual(['from-scratch', 'from-scratch']);
    expect(result.cut).toBeNull();
    const { parameters } = loadModel(result.modelFolder);
    expect(parameters.get('stage4_block1_1_bn/moving_mean').data.some((value) => value !== 0)).toBe(true);
  });

  it('training from scratch is not held back by a pull towards where it started, which was nothing', async () => {
    const [pulled, free] = await Promise.all(
      [10, 0].map((l2sp) => trainFromScratch(task(settings({ initial, epochs: 2, l2sp })))),
    );
    expect(pulled.epochs.map(({ trainLoss }) => trainLoss)).toEqual(
      free.epochs.map(({ trainLoss }) => trainLoss),
    );
  });
});

describe('a prediction', () => {
  it('is the same in batches of any size', async () => {
    const executor = await openExecutor({ threads: 1 });
    const model = loadModel(initial);
    const { train: samples } = stripesDataset(7, 0);
    const whole = await predict(model, samples, stripes, executor, { batchSize: 7 });
    const pieces = await predict(model, samples, stripes, executor, { batchSize: 3 });
    whole.forEach((value, i) => expect(pieces[i]).toBeCloseTo(value, 5));
    expect(whole.length).toBe(14);
    expect(whole[0] + whole[1]).toBeCloseTo(1, 5);
  });

  it('refuses images of another size', async () => {
    const executor = await openExecutor({ threads: 1 });
    const other = { ...stripes, height: 32 };
    await expect(predict(loadModel(initial), stripesDataset(1, 0).train, other, executor)).rejects.toThrow(
      /Expected images of 16×16 with 1 channels .* found 32×16/,
    );
  });
});

async function evaluate(
  model: Awaited<ReturnType<typeof trainProbe>>['model'],
  { dataset }: ReturnType<typeof task>,
): Promise<EpochCounts> {
  const executor = await openExecutor({ threads: 1 });
  const probabilities = await predict(model, dataset.validation, stripes, executor);
  const logits = probabilities.map(Math.log);
  const counts = new EpochCounts(2);
  dataset.validation.forEach(({ label }, i) => {
    counts.count(logits, 2 * i, label);
    counts.addLoss(crossEntropy(logits, 2 * i, 2, label), 1);
  });
  return counts;
}

const validationLoss = async (folder: string, work: ReturnType<typeof task>): Promise<number> =>
  (await evaluate(loadModel(join(folder)), work)).loss;
