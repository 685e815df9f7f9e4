import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import {
  type AugmentationConfig,
  augmentationSchema,
  resolveAugmentation,
} from '../../src-main/contract/augmentation.ts';
import { openExecutor, type Program } from '../../src-main/engine/index.ts';
import { applyNetwork, loadModel, preprocess } from '../../src-main/models/index.ts';
import {
  augmentImage,
  FeatureCache,
  fitLogisticRegression,
  moveImage,
} from '../../src-main/training/index.ts';
import { minimise } from '../../src-main/training/lbfgs.ts';
import { classWeights, EpochCounts } from '../../src-main/training/metrics.ts';
import { scheduleFactor } from '../../src-main/training/schedule.ts';
import { SIDE, stripes, stripesDataset, tinyModelFolder } from './helpers.ts';

const plan = (settings: object): AugmentationConfig =>
  resolveAugmentation(augmentationSchema.parse(settings));
const off = { rotate: 0, shift: 0, zoom: 0, intensity: 0, noise: 0 };
const still = { angle: 0, scaleX: 1, scaleY: 1, down: 0, right: 0 };

describe('augmentation', () => {
  const size = { height: 4, width: 5, channels: 2 };
  const image = Float32Array.from({ length: 40 }, (_, i) => ((i * 7) % 40) / 40);
  const drawn = (settings: object, version: number, key = 'a', seed = 1): Float32Array => {
    const copy = image.slice();
    augmentImage(copy, size, plan({ ...off, ...settings }), seed, key, version);
    return copy;
  };

  it('leaves version 0 as it is', () => {
    expect(drawn({ rotate: 30, noise: 0.1, flipHorizontal: true }, 0)).toEqual(image);
  });

  it('draws a version the same each time, and another for another image, version or seed', () => {
    const all = { rotate: 30, shift: 0.1, zoom: 0.1, intensity: 0.1, noise: 0.05 };
    expect(drawn(all, 3)).toEqual(drawn(all, 3));
    expect(drawn(all, 3)).not.toEqual(drawn(all, 4));
    expect(drawn(all, 3)).not.toEqual(drawn(all, 3, 'b'));
    expect(drawn(all, 3)).not.toEqual(drawn(all, 3, 'a', 2));
  });

  it('never turns left into right unless told to', () => {
    const { flipHorizontal, flipVertical } = plan({});
    expect([flipHorizontal, flipVertical]).toEqual([false, false]);
    const mirrored = moveImage(image, size, { ...still, scaleX: -1 });
    const versions = [1, 2, 3, 4, 5, 6, 7, 8];
    const flips = versions.map((version) => drawn({ flipHorizontal: true }, version));
    expect(flips.some((each) => Buffer.compare(bytes(each), bytes(mirrored)) === 0)).toBe(true);
    expect(flips.some((each) => Buffer.compare(bytes(each), bytes(image)) === 0)).toBe(true);
  });

  it('mirrors, turns and shifts as said', () => {
    const square = { height: 2, width: 2, channels: 1 };
    const four = Float32Array.from([1, 2, 3, 4]);
    const at = (affine: object): number[] =>
      [...moveImage(four, square, { ...still, ...affine })].map((value) => Math.round(value * 1e5) / 1e5);
    expect(at({ scaleX: -1 })).toEqual([2, 1, 4, 3]);
    expect(at({ scaleY: -1 })).toEqual([3, 4, 1, 2]);
    expect(at({ angle: Math.PI / 2 })).toEqual([3, 1, 4, 2]);
    expect(at({ right: 1 })).toEqual([0, 1, 0, 3]);
    expect(at({ down: 0.5 })).toEqual([0.5, 1, 2, 3]);
  });

  it('keeps values in [0, 1] and grey grey', () => {
    const grey = Float32Array.from({ length: 40 }, (_, i) => (i >> 1) / 20);
    augmentImage(grey, size, plan({ ...off, intensity: 1, noise: 0.5 }), 1, 'a', 1);
    expect(grey.every((value) => value >= 0 && value <= 1)).toBe(true);
    for (let i = 0; i < 40; i += 2) expect(grey[i]).toBe(grey[i + 1]);
  });
});

describe('the feature cache', () => {
  const samples = stripesDataset(11, 0).train;
  const folder = mkdtempSync(join(tmpdir(), 'graft-features-'));
  const model = loadModel(tinyModelFolder());
  const open = async (own: object = {}): Promise<FeatureCache> =>
    new FeatureCache({
      executor: await openExecutor({ threads: 1 }),
      network: { ...model, cut: 'two' },
      parameters: model.parameters,
      images: stripes,
      augmentation: plan({}),
      seed: 5,
      folder,
      batchSize: 4,
      ...own,
    });
  const size = (SIDE / 2) ** 2 * 6;

  async function direct(index: number): Promise<Float32Array> {
    const program: Program = {
      name: 'direct',
      inputs: { image: { shape: [1, SIDE, SIDE, 1], dtype: 'float32' } },
      body: ({ image }, scope) => ({
        y: applyNetwork(model.network, scope, preprocess(image as tf.Tensor4D, 1, model.preprocessing), {
          to: 'two',
        }),
      }),
    };
    const image = new Float32Array(SIDE * SIDE);
    stripes.read(index, image, 0);
    const executor = await openExecutor({ engine: 'reference' });
    const { y } = await (await executor.compile(program, model.parameters)).run({ image });
    return y.data as Float32Array;
  }

  it.each([
    ['in memory', {}, 1e-5],
    ['on disk', { memory: 0 }, 1e-5],
    ['in half precision', { dtype: 'float16' }, 2e-3],
  ])('holds what a direct forward pass gives, %s', async (_, own, tolerance) => {
    const cache = await open(own);
    const file = await cache.features(samples, 0);
    const read = new Float32Array(size);
    for (const index of [0, 5, 10]) {
      file.read(index, read, 0);
      const expected = await direct(index);
      read.forEach((value, i) => expect(Math.abs(value - expected[i])).toBeLessThan(tolerance));
    }
    file.close();
    await cache.dispose();
  });

  it('computed from those of an earlier cut are the same, and run the layers below once', async () => {
    let reads = 0;
    const images = {
      ...stripes,
      read: (...args: Parameters<typeof stripes.read>) => {
        reads++;
        stripes.read(...args);
      },
    };
    const own = { images, folder: join(folder, 'chained') };
    const base = await open({ ...own, network: { ...model, cut: 'one' } });
    const chained = await open({ ...own, base });
    const straight = await open({ ...own, folder: join(folder, 'straight') });
    const [a, b] = [await chained.features(samples, 3), await straight.features(samples, 3)];
    const [left, right] = [new Float32Array(size), new Float32Array(size)];
    for (const index of [0, 4, 10]) {
      a.read(index, left, 0);
      b.read(index, right, 0);
      left.forEach((value, i) => expect(Math.abs(value - right[i])).toBeLessThan(1e-5));
    }
    expect(reads).toBe(22);
    (await base.features(samples, 3)).close();
    expect(reads).toBe(22);
  });

  it('is filled once for each version, and found again', async () => {
    let reads = 0;
    const images = {
      ...stripes,
      read: (...args: Parameters<typeof stripes.read>) => {
        reads++;
        stripes.read(...args);
      },
    };
    for (const [version, expected] of [
      [1, 11],
      [1, 11],
      [2, 22],
    ]) {
      const cache = await open({ images });
      (await cache.features(samples, version)).close();
      await cache.dispose();
      expect(reads).toBe(expected);
    }
    const changed = await open({ images, seed: 6 });
    (await changed.features(samples, 1)).close();
    expect(reads).toBe(33);
  });

  it('is not found any more when a weight of the frozen part changes', async () => {
    let reads = 0;
    const images = { ...stripes, read: () => void reads++ };
    const parameters = model.parameters.clone();
    const fill = async (): Promise<void> => {
      const cache = await open({ images, parameters, folder: join(folder, 'changing') });
      (await cache.features(samples, 0)).close();
    };
    await fill();
    parameters.get('three_conv/kernel').data[0] += 1;
    await fill();
    expect(reads).toBe(11);
    parameters.get('one_conv/kernel').data[0] += 1;
    await fill();
    expect(reads).toBe(22);
  });

  it('says what to do when its file was cut short', async () => {
    const own = join(folder, 'short');
    const cache = await open({ folder: own });
    (await cache.features(samples, 0)).close();
    const { readdirSync } = await import('node:fs');
    const path = join(
      own,
      readdirSync(own).find((name) => name.endsWith('.bin'))!,
    );
    writeFileSync(path, readFileSync(path).subarray(0, 100));
    await expect(cache.features(samples, 0)).rejects.toThrow(/Delete the cache folder/);
  });
});

describe('the rate schedule', () => {
  const schedule = { warmup: 0, steps: 100, stepsPerEpoch: 10, step: { every: 3, factor: 0.1 } };

  it('rises, then falls to nothing', () => {
    const at = (step: number): number => scheduleFactor({ ...schedule, kind: 'cosine', warmup: 0.1 }, step);
    expect(at(0)).toBeCloseTo(1 / 11);
    expect(at(10)).toBe(1);
    expect(at(55)).toBeCloseTo(0.5);
    expect(at(99)).toBeLessThan(0.001);
  });
});

describe('metrics of an epoch', () => {
  it('count as scikit-learn does', () => {
    const counts = new EpochCounts(3);
    const predictions = [0, 0, 1, 1, 2, 0];
    const labels = [0, 1, 1, 1, 0, 0];
    labels.forEach((label, i) => {
      const logits = [0, 0, 0];
      logits[predictions[i]] = 1;
      counts.count(logits, 0, label);
    });
    expect(counts.accuracy).toBeCloseTo(4 / 6);
    // F1 of the classes: 2/3, 4/5, 0.
    expect(counts.f1).toBeCloseTo((2 / 3 + 4 / 5) / 3);
  });

  it('weigh classes so that each counts the same', () => {
    expect([...classWeights([0, 0, 0, 1], 3)]).toEqual([4 / 6, 2, 0]);
  });
});

describe('logistic regression', () => {
  it('finds the minimum of Rosenbrock’s valley', () => {
    const x = Float64Array.from([-1.2, 1]);
    minimise(([a, b], gradient) => {
      gradient[0] = -2 * (1 - a) - 400 * a * (b - a * a);
      gradient[1] = 200 * (b - a * a);
      return (1 - a) ** 2 + 100 * (b - a * a) ** 2;
    }, x);
    expect(x[0]).toBeCloseTo(1, 4);
    expect(x[1]).toBeCloseTo(1, 4);
  });

  it('ends where its gradient is zero', () => {
    const features = Float32Array.from({ length: 60 }, (_, i) => Math.sin(i * 1.7) * (1 + (i % 3)) + (i % 3));
    const labels = Array.from({ length: 20 }, (_, i) => i % 2);
    const { kernel, bias } = fitLogisticRegression({ features, size: 3, labels }, 2, 0.1, [1, 1]);
    // The mean error of each class is zero at the optimum, since the bias is free.
    let error = 0;
    labels.forEach((label, row) => {
      const logit = (c: number): number =>
        bias[c] + [0, 1, 2].reduce((sum, f) => sum + features[row * 3 + f] * kernel[f * 2 + c], 0);
      error += 1 / (1 + Math.exp(logit(0) - logit(1))) - label;
    });
    expect(Math.abs(error / 20)).toBeLessThan(1e-4);
    expect(kernel.some((value) => Math.abs(value) > 0.01)).toBe(true);
  });
});

const bytes = (array: Float32Array): Uint8Array => new Uint8Array(array.buffer);
