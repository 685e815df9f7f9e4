import { readFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { compileTrainingStep, openExecutor, Parameters, type Program } from '../../src-main/engine/index.ts';
import { createOptimizer, type OptimizerConfig } from '../../src-main/engine/optimizers.ts';
import {
  applyNetwork,
  checkNetwork,
  type HeadSettings,
  initialiseParameters,
  loadModel,
  parameterSpecs,
  withHead,
} from '../../src-main/models/index.ts';
import { RandomStream } from '../../src-main/platform/random.ts';
import { planPhases, predict, train } from '../../src-main/training/index.ts';
import { resolveAugmentation } from '../../src-main/contract/augmentation.ts';
import { augmentImage } from '../../src-main/training/augment.ts';
import { sampleKey } from '../../src-main/training/data.ts';
import { EpochCounts } from '../../src-main/training/metrics.ts';
import { beta, mixBatch } from '../../src-main/training/mixing.ts';
import { epochOrder } from '../../src-main/training/order.ts';
import { focalLoss } from '../../src-main/training/programs.ts';
import { scheduleFactor, type Schedule } from '../../src-main/training/schedule.ts';
import { WeightAverage } from '../../src-main/training/weight-average.ts';
import { settings, stripes, stripesDataset, task, tinyModelFolder, tinyNetwork } from './helpers.ts';

interface Reference {
  optimizers: Record<string, number[]>;
  schedules: Record<'one-cycle' | 'step' | 'cosine', number[]>;
  losses: Record<string, { loss: number; gradient: number[] }>;
  metrics: { logits: number[]; labels: number[]; auc: number; balancedAccuracy: number; binaryAuc: number };
}
const reference = JSON.parse(
  readFileSync(new URL('./reference/controls.json', import.meta.url), 'utf8'),
) as Reference;

describe('an optimiser', () => {
  const kinds: Record<string, OptimizerConfig> = {
    sgd: { kind: 'sgd', momentum: 0.9 },
    plain: { kind: 'sgd', momentum: 0 },
    nesterov: { kind: 'sgd', momentum: 0.9, nesterov: true },
    adam: { kind: 'adam' },
    adamw: { kind: 'adamw' },
  };

  it.each(Object.keys(kinds))('%s goes where PyTorch’s goes', (name) => {
    const parameters = new Parameters();
    const weights = parameters.add('w', [2, 3], Float32Array.of(0.5, -0.3, 0.8, 1, -1.2, 0.1)).data;
    const optimizer = createOptimizer({ ...kinds[name], weightDecay: 0.01 }, parameters, ['w']);
    for (let step = 0; step < 12; step++) {
      const gradient = Float32Array.from({ length: 6 }, (_, i) => Math.sin(1.3 * step + 0.7 * i));
      optimizer.beginStep();
      optimizer.update('w', weights, gradient, 0.05);
    }
    weights.forEach((value, i) => expect(value).toBeCloseTo(reference.optimizers[name][i], 5));
  });
});

describe('a schedule', () => {
  const schedule: Schedule = {
    kind: 'constant',
    warmup: 0,
    steps: 40,
    stepsPerEpoch: 4,
    step: { every: 3, factor: 0.1 },
  };

  it.each(['one-cycle', 'step', 'cosine'] as const)('%s goes as PyTorch’s goes', (kind) => {
    reference.schedules[kind].forEach((factor, step) =>
      expect(scheduleFactor({ ...schedule, kind }, step), `step ${step}`).toBeCloseTo(factor, 6),
    );
  });

  it('that waits for a plateau falls when validation no longer improves, and goes on so after a stop', async () => {
    const initial = tinyModelFolder();
    // A rate of nothing: no epoch is better than the first.
    const still = { headLearningRate: 1e-12, learningRate: 1e-12, warmup: 0, earlyStopping: null };
    const work = task(
      settings({
        ...still,
        initial,
        freezePreset: 'feature-extraction',
        epochs: 7,
        schedule: 'plateau',
        plateau: { patience: 2, factor: 0.5 },
        augmentation: { variants: 1, rotate: 0, shift: 0, zoom: 0, intensity: 0, noise: 0 },
      }),
    );
    const { epochs } = await train(work);
    const rates = epochs.map(({ learningRate }) => learningRate / 1e-12);
    // Epochs 2 and 3 are no better than 1: from 4 on half; 4 and 5 neither: from 6 on a quarter.
    expect(rates.map((rate) => Number(rate.toFixed(3)))).toEqual([1, 1, 1, 0.5, 0.5, 0.25, 0.25]);
  });
});

describe('the loss', () => {
  it.each(['0.0', '1.0', '2.0'])(
    'with γ = %s is the focal loss of its paper, and so is its gradient',
    async (gamma) => {
      const executor = await openExecutor({ engine: 'compiled', threads: 1 });
      const logits = [2, -1, 0.5, 0.1, 0.2, -0.3, -1.5, 2.5, 0, 0, 0, 3];
      const parameters = new Parameters();
      parameters.add('logits', [4, 3], Float32Array.from(logits));
      const program: Program = {
        name: 'focal',
        inputs: { target: { shape: [4, 3], dtype: 'float32' }, weight: { shape: [4], dtype: 'float32' } },
        body: ({ target, weight }, scope) => ({
          loss: focalLoss(scope('logits') as unknown as tf.Tensor2D, target, weight, Number(gamma)),
        }),
      };
      const step = await compileTrainingStep(executor, program, parameters, {
        trainable: ['logits'],
        optimizer: { kind: 'sgd', momentum: 0 },
      });
      const target = Float32Array.from(
        [0, 2, 1, 0].flatMap((label) => [0, 1, 2].map((c) => (c === label ? 0.9 : 0) + 0.1 / 3)),
      );
      const { loss } = await step.run({ target, weight: Float32Array.of(1, 2, 0.5, 1.5) }, 1);
      expect(loss.data[0]).toBeCloseTo(reference.losses[gamma].loss, 5);
      const moved = parameters.get('logits').data;
      reference.losses[gamma].gradient.forEach((slope, i) =>
        expect(logits[i] - moved[i]).toBeCloseTo(slope, 5),
      );
      await step.dispose();
      await executor.dispose();
    },
  );
});

describe('a step', () => {
  const program = (batch: number): Program => ({
    name: 'line',
    inputs: { x: { shape: [batch, 3], dtype: 'float32' }, y: { shape: [batch, 1], dtype: 'float32' } },
    body: ({ x, y }, scope) => ({
      loss: tf.mean(tf.square(tf.sub(tf.matMul(x as tf.Tensor2D, scope('w') as unknown as tf.Tensor2D), y))),
    }),
  });
  const x = Float32Array.from({ length: 24 }, (_, i) => Math.sin(i));
  const y = Float32Array.from({ length: 8 }, (_, i) => Math.cos(i));
  const start = (): Parameters => {
    const parameters = new Parameters();
    parameters.add('w', [3, 1], Float32Array.of(0.3, -0.2, 0.1));
    return parameters;
  };
  const options = { trainable: ['w'], optimizer: { kind: 'sgd', momentum: 0 } as const };

  it('of two halves that are accumulated is that of the whole batch', async () => {
    const executor = await openExecutor({ engine: 'compiled', threads: 1 });
    const whole = start();
    const one = await compileTrainingStep(executor, program(8), whole, options);
    await one.run({ x, y }, 0.1);
    const halves = start();
    const two = await compileTrainingStep(executor, program(4), halves, options);
    await two.accumulate({ x: x.subarray(0, 12), y: y.subarray(0, 4) });
    expect([...halves.get('w').data]).toEqual([...start().get('w').data]);
    await two.run({ x: x.subarray(12), y: y.subarray(4) }, 0.1);
    halves.get('w').data.forEach((value, i) => expect(value).toBeCloseTo(whole.get('w').data[i], 6));
  });

  it('with L2-SP adds the distance from the start to the gradient', async () => {
    const executor = await openExecutor({ engine: 'compiled', threads: 1 });
    const free = start();
    const plain = await compileTrainingStep(executor, program(8), free, options);
    await plain.run({ x, y }, 0.1);
    const pulled = start();
    const from = Float32Array.of(1, 1, 1);
    const step = await compileTrainingStep(executor, program(8), pulled, {
      ...options,
      pull: { strength: 0.5, starts: new Map([['w', from]]) },
    });
    await step.run({ x, y }, 0.1);
    const before = start().get('w').data;
    pulled
      .get('w')
      .data.forEach((value, i) =>
        expect(value).toBeCloseTo(free.get('w').data[i] - 0.1 * 0.5 * (before[i] - 1), 6),
      );
  });
});

describe('metrics of an epoch', () => {
  it('are scikit-learn’s, ties included', () => {
    const { logits, labels, auc, balancedAccuracy, binaryAuc } = reference.metrics;
    const three = new EpochCounts(3);
    labels.forEach((label, i) => three.keep(logits, 3 * i, label));
    expect(three.auc).toBeCloseTo(auc, 9);
    expect(three.balancedAccuracy).toBeCloseTo(balancedAccuracy, 9);
    const two = new EpochCounts(2);
    labels.forEach((label, i) => two.keep([logits[3 * i], logits[3 * i + 1]], 0, label === 1 ? 1 : 0));
    expect(two.auc).toBeCloseTo(binaryAuc, 9);
    const one = new EpochCounts(2);
    one.keep([1, 0], 0, 0);
    expect(one.auc).toBeNull();
  });
});

describe('mixing', () => {
  const make = () => ({
    x: Float32Array.from({ length: 4 * 12 }, (_, i) => Math.floor(i / 12)),
    target: Float32Array.of(1, 0, 0, 1, 1, 0, 0, 1),
    weight: Float32Array.of(1, 3, 1, 3),
  });
  const options = { mixup: 0, cutmix: 0, shape: [2, 3, 2], classes: 2, count: 4 };

  it('blends images and labels by the same share, and labels by their weights', () => {
    const batch = make();
    mixBatch(batch, { ...options, mixup: 1 }, new RandomStream(3, 'mix'));
    const before = make();
    let blended = 0;
    for (let image = 0; image < 4; image++) {
      const value = batch.x[image * 12];
      expect([...batch.x.subarray(image * 12, image * 12 + 12)].every((one) => one === value)).toBe(true);
      if (value !== image) blended++;
      // The weights of what it holds, whatever they are called now.
      const [a, b] = batch.target.subarray(2 * image, 2 * image + 2);
      expect(a + b).toBeCloseTo(1, 6);
      expect(batch.weight[image]).toBeGreaterThanOrEqual(0.999);
      expect(batch.weight[image]).toBeLessThanOrEqual(3.001);
    }
    expect(blended).toBeGreaterThan(0);
    const sum = (values: Float32Array): number => values.reduce((total, value) => total + value, 0);
    // Each image is given once and taken once: nothing is gained or lost.
    expect(sum(batch.weight)).toBeCloseTo(sum(before.weight), 5);
    expect(sum(batch.x)).toBeCloseTo(sum(before.x), 4);
  });

  it('by rectangles takes whole pixels, and labels by their area', () => {
    const batch = { ...make(), weight: Float32Array.of(1, 1, 1, 1) };
    mixBatch(batch, { ...options, cutmix: 1 }, new RandomStream(5, 'cut'));
    for (let image = 0; image < 4; image++) {
      const pixels = [...batch.x.subarray(image * 12, image * 12 + 12)];
      expect(pixels.every((value) => Number.isInteger(value))).toBe(true);
      const own = pixels.filter((value) => value % 2 === image % 2).length / 12;
      expect(batch.target[2 * image + (image % 2)]).toBeCloseTo(own, 6);
    }
  });

  it('draws shares from Beta(α, α)', () => {
    const stream = new RandomStream(9, 'beta');
    for (const alpha of [0.2, 1, 4]) {
      const draws = Array.from({ length: 4000 }, () => beta(stream, alpha));
      const mean = draws.reduce((sum, value) => sum + value, 0) / draws.length;
      const variance = draws.reduce((sum, value) => sum + (value - mean) ** 2, 0) / draws.length;
      expect(mean).toBeCloseTo(0.5, 1);
      // Of Beta(α, α): 1 / (4 (2α + 1)).
      expect(Math.abs(variance * 4 * (2 * alpha + 1) - 1)).toBeLessThan(0.1);
    }
  });
});

describe('the order of an epoch', () => {
  const labels = [...Array<number>(90).fill(0), ...Array<number>(10).fill(1)];

  it('has each image once', () => {
    const order = epochOrder(labels, 1, { seed: 7, balanced: false });
    expect(order.toSorted((a, b) => a - b)).toEqual(labels.map((_, index) => index));
  });

  it('balanced has each class as often, and no image twice before all of its class were seen', () => {
    const order = epochOrder(labels, 1, { seed: 7, balanced: true });
    expect(order).toHaveLength(100);
    expect(order.filter((index) => labels[index] === 1)).toHaveLength(50);
    const rare = order.filter((index) => labels[index] === 1).slice(0, 10);
    expect(new Set(rare).size).toBe(10);
    expect(epochOrder(labels, 1, { seed: 7, balanced: true })).toEqual(order);
    expect(epochOrder(labels, 2, { seed: 7, balanced: true })).not.toEqual(order);
  });
});

describe('a running mean of weights', () => {
  it('follows them with its decay, takes their place, and gives it back', async () => {
    const weights = new Parameters();
    const { data } = weights.add('w', [1], Float32Array.of(1));
    const slots = new Parameters();
    const average = new WeightAverage(weights, slots, ['w'], 0.9);
    data[0] = 2;
    average.follow(1);
    // The decay of the first step is 2/11.
    const mean = 2 / 11 + (9 / 11) * 2;
    expect(slots.get('average/w').data[0]).toBeCloseTo(mean, 6);
    await average.during(async () => expect(data[0]).toBeCloseTo(mean, 6));
    expect(data[0]).toBe(2);
  });
});

describe('a head', () => {
  const backbone = tinyNetwork();
  const image = Float32Array.from({ length: 16 * 16 }, (_, i) => 0.5 + 0.5 * Math.sin(i));
  const logitsOf = (settingsOfHead: HeadSettings): number[] => {
    const network = withHead(backbone, 3, settingsOfHead);
    checkNetwork(network);
    const parameters = initialiseParameters(network, 5);
    return tf.tidy(() => {
      const scope = (name: string): tf.Variable =>
        tf.tensor(parameters.get(name).data, [...parameters.get(name).shape]) as unknown as tf.Variable;
      return [
        ...(applyNetwork(network, scope, tf.tensor4d(image, [1, 16, 16, 1])).dataSync() as Float32Array),
      ];
    });
  };

  beforeAll(async () => {
    await import('@tensorflow/tfjs-backend-cpu');
    await tf.setBackend('cpu');
  });

  it('pools by average, maximum, both side by side, or a mean of a power', () => {
    const both = withHead(backbone, 3, { pooling: 'both' });
    expect(parameterSpecs(both).find(({ name }) => name === 'predictions/kernel')!.shape).toEqual([16, 3]);
    const found = (['average', 'max', 'both', 'gem'] as const).map((pooling) => logitsOf({ pooling }));
    for (const logits of found) expect(logits.every(Number.isFinite)).toBe(true);
    expect(new Set(found.map((logits) => logits[0].toFixed(4))).size).toBe(4);
  });

  it('by cosine says the angle, whatever the length of the features', () => {
    const logits = logitsOf({ kind: 'cosine' });
    for (const logit of logits) expect(Math.abs(logit)).toBeLessThanOrEqual(10.001);
  });

  it.each([
    { pooling: 'gem' as const },
    { pooling: 'both' as const },
    { kind: 'cosine' as const },
    { pooling: 'max' as const },
    { pooling: 'deviation' as const },
  ])('learns: %o', async (head) => {
    const initial = tinyModelFolder();
    const work = task(
      settings({
        initial,
        epochs: 25,
        headEpochs: 25,
        freezePreset: 'feature-extraction',
        batchSize: 4,
        headLearningRate: 5e-2,
        head: { dropout: 0, ...head },
      }),
    );
    const result = await train(work);
    expect(result.bestValue!).toBeLessThan(result.epochs[0].validationLoss! * 0.95);
    expect(loadModel(result.modelFolder).network.layers.length).toBeGreaterThan(10);
    expect(result.frozen.unmoved).toBe(true);
  });
});

describe('what learns when', () => {
  const phases = (given: object) =>
    planPhases(settings({ initial: 'x', ...given }), { network: tinyNetwork() });

  it('LP-FT trains the head for half of the epochs, then everything', () => {
    expect(
      phases({ freezePreset: 'lp-ft', epochs: 11, headEpochs: 2 }).map(({ name, epochs, plan }) => [
        name,
        epochs,
        plan.cut,
      ]),
    ).toEqual([
      ['feature-extraction', 6, 'pool'],
      ['fine-tuning', 5, null],
    ]);
  });

  it('stages join at the epochs that were asked for', () => {
    const asked = phases({
      epochs: 10,
      unfreeze: [
        { epoch: 7, stage: 'two' },
        { epoch: 4, stage: 'three' },
      ],
    });
    expect(asked.map(({ name, epochs, plan }) => [name, epochs, plan.cut])).toEqual([
      ['feature-extraction', 3, 'pool'],
      ['fine-tuning', 3, 'two'],
      ['fine-tuning', 4, 'one'],
    ]);
    expect(() => phases({ unfreeze: [{ epoch: 2, stage: 'nine' }] })).toThrow(
      /to unfreeze, of one, two, three; found "nine"/,
    );
  });
});

describe('all of it together', () => {
  const everything = {
    optimizer: { kind: 'sgd' as const, nesterov: true },
    schedule: 'one-cycle' as const,
    balancedSampling: true,
    focalGamma: 1,
    l2sp: 0.01,
    mixup: 0.3,
    cutmix: 0.5,
    ema: 0.9,
    accumulate: 2,
    epochs: 6,
    headEpochs: 2,
    batchSize: 4,
    freezePreset: 'full' as const,
    earlyStopping: { monitor: 'val_auc' as const, patience: 6 },
  };

  it('ends the same when it was stopped in between', async () => {
    const initial = tinyModelFolder();
    const whole = await train(task(settings({ initial, ...everything })));
    const work = task(settings({ initial, ...everything }));
    const stop = new AbortController();
    await expect(
      train(work, { signal: stop.signal, onEpoch: ({ epoch }) => epoch === 4 && stop.abort() }),
    ).rejects.toMatchObject({ kind: 'cancelled' });
    const resumed = await train({ ...work, resume: true });
    const bare = ({ epochs }: typeof whole) =>
      epochs.map((epoch) => ({ ...epoch, seconds: 0, imagesPerSecond: 0 }));
    expect(bare(resumed)).toEqual(bare(whole));
    expect(loadModel(resumed.modelFolder).parameters.hash()).toBe(
      loadModel(whole.modelFolder).parameters.hash(),
    );
  });
});

describe('versions at evaluation', () => {
  it('are averaged with the image itself, the same each time', async () => {
    const executor = await openExecutor({ engine: 'compiled', threads: 1 });
    const model = loadModel(tinyModelFolder());
    const wild = settings({ augmentation: { rotate: 30, noise: 0.1, variants: 2 } });
    const augmentation = resolveAugmentation(wild.augmentation);
    const samples = stripesDataset().validation.slice(0, 3);
    const versions = { count: 4, augmentation, seed: 7 };
    const alone = await predict(model, samples, stripes, executor);
    const many = await predict(model, samples, stripes, executor, { versions });
    expect(await predict(model, samples, stripes, executor, { versions })).toEqual(many);
    expect(many).not.toEqual(alone);
    for (let row = 0; row < 3; row++) expect(many[2 * row] + many[2 * row + 1]).toBeCloseTo(1, 5);
    // By hand, for the first image.
    const mean = [0, 0];
    for (let version = 0; version <= 4; version++) {
      const drawn = {
        ...stripes,
        read: (index: number, into: Float32Array, offset: number) => {
          stripes.read(index, into, offset);
          augmentImage(
            into.subarray(offset, offset + 256),
            stripes,
            augmentation,
            7,
            sampleKey(samples[0]),
            version,
          );
        },
      };
      const said = await predict(model, [samples[0]], drawn, executor);
      said.forEach((value, at) => (mean[at] += value / 5));
    }
    mean.forEach((value, at) => expect(many[at]).toBeCloseTo(value, 5));
    await executor.dispose();
  });
});
