import { describe, expect, it } from 'vitest';
import { augmentationTables } from '../../src-main/contract/augmentation-presets.ts';
import type { AugmentationConfig } from '../../src-main/contract/augmentation.ts';
import type { StartWorker } from '../../src-main/platform/worker-process.ts';
import { startWorkerThread } from '../../src-main/platform/worker-thread.ts';
import { train } from '../../src-main/training/index.ts';
import { defaultWorkers, VersionImages, type Wanted } from '../../src-main/training/version-images.ts';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sample, settings, SIDE, stripes, task, tinyModelFolder } from './helpers.ts';

const augmentation: AugmentationConfig = { ...augmentationTables.mr, chance: 1, erase: 0.1, speckle: 0.1 };
const BATCH = 4;
const batches: Wanted[] = Array.from({ length: 6 }, (_, at) => ({
  samples: Array.from({ length: BATCH }, (__, i) => sample(at * BATCH + i)),
  version: at % 3,
}));

/** All batches in an order, each with those after it announced, or without. */
async function readAll(
  workers: number,
  order: number[],
  announced = true,
  own: { startWorker?: StartWorker } = {},
): Promise<Float32Array[]> {
  const versions = new VersionImages({ images: stripes, augmentation, seed: 3, workers, ...own });
  const result: Float32Array[] = [];
  for (const [at, batch] of order.entries()) {
    const into = new Float32Array(BATCH * SIDE * SIDE);
    const next = announced ? order.slice(at + 1).map((one) => batches[one]) : [];
    await versions.read(batches[batch], into, next);
    result[batch] = into;
  }
  await versions.close();
  return result;
}

describe('versions of images', () => {
  it('are the same to the bit with any number of threads, in any order, announced or not', async () => {
    const here = await readAll(0, [0, 1, 2, 3, 4, 5]);
    const plain = new Float32Array(SIDE * SIDE);
    stripes.read(0, plain, 0);
    expect(here[0].subarray(0, SIDE * SIDE)).toEqual(plain);
    expect(here[1]).not.toEqual(here[4].slice());
    expect(await readAll(1, [0, 1, 2, 3, 4, 5])).toEqual(here);
    expect(await readAll(3, [5, 3, 1, 0, 2, 4])).toEqual(here);
    expect(await readAll(2, [1, 0, 4, 2, 3, 5], false)).toEqual(here);
  });

  it('come all the same when threads die, and after a few deaths without any', async () => {
    let started = 0;
    const dying: StartWorker = (module, options) => {
      started++;
      const worker = startWorkerThread<never, never>(module, options);
      return {
        ...worker,
        send: (message: never) => {
          worker.send(message);
          worker.kill();
        },
      } as never;
    };
    const order = [1, 2, 4, 5, 1, 2, 4, 5];
    const here = await readAll(0, order);
    expect(await readAll(1, order, false, { startWorker: dying })).toEqual(here);
    expect(started).toBe(3);
  });

  it('wait in no more batches than there are threads, and one', async () => {
    let read = 0;
    const counted = {
      ...stripes,
      read: (index: number, into: Float32Array, offset: number) => {
        read++;
        stripes.read(index, into, offset);
      },
    };
    const many: Wanted[] = Array.from({ length: 40 }, (_, version) => ({
      samples: [sample(0)],
      version: version + 1,
    }));
    const versions = new VersionImages({ images: counted, augmentation, seed: 3, workers: 2 });
    await versions.read(many[0], new Float32Array(SIDE * SIDE), many.slice(1));
    expect(read).toBe(1 + 3);
    await versions.close();
  });

  it('stop within a second of a cancel, in the middle of a batch that takes longer', async () => {
    const abort = new AbortController();
    const large = { ...stripes, height: 2000, width: 2000, read: () => {} };
    const versions = new VersionImages({
      images: large,
      augmentation,
      seed: 3,
      workers: 1,
      signal: abort.signal,
    });
    const samples = Array.from({ length: 8 }, (_, i) => sample(i));
    const reading = versions.read({ samples, version: 1 }, new Float32Array(8 * 2000 * 2000));
    setTimeout(() => abort.abort(), 200);
    const start = performance.now();
    await expect(reading).rejects.toMatchObject({ kind: 'cancelled' });
    await versions.close();
    expect(performance.now() - start).toBeLessThan(1200);
  });

  it('are drawn by no thread on one core, by one on two, and by some on many', () => {
    expect([1, 2, 4, 8, 64].map(defaultWorkers)).toEqual([0, 1, 1, 2, 4]);
  });
});

describe('a training with threads', () => {
  it.each([
    ['without a cached prefix', { freezePreset: 'full' as const, headEpochs: 0 }],
    ['behind a frozen prefix', { freezeUntil: 'two' }],
  ])('%s ends with the weights of one without', async (_, own) => {
    const initial = tinyModelFolder();
    const weights = async (workers: number): Promise<Buffer> => {
      const augmentation = { preset: 'mr' as const, chance: 1, variants: 2 };
      const config = settings({ initial, epochs: 2, augmentation, workers, ...own });
      const { modelFolder } = await train(task(config));
      return readFileSync(join(modelFolder, 'weights.safetensors'));
    };
    expect((await weights(2)).equals(await weights(0))).toBe(true);
  });
});
