import { existsSync, readdirSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { adaptNormalization } from '../../src-main/adaptation/adabn.ts';
import { type Observation, observe } from '../../src-main/adaptation/index.ts';
import { styledImages } from '../../src-main/adaptation/styled-images.ts';
import type { AdaptationSettings } from '../../src-main/contract/adaptation.ts';
import type { TrainingConfig } from '../../src-main/contract/training.ts';
import { openExecutor } from '../../src-main/engine/index.ts';
import { loadModel } from '../../src-main/models/index.ts';
import type { ImageSource } from '../../src-main/training/index.ts';
import { sample, SIDE } from '../training/helpers.ts';
import {
  adaptationTask,
  adaptModel,
  plan,
  sourceDataset,
  targetSamples,
  trainedSource,
  twoScanners,
} from './helpers.ts';

let config: TrainingConfig;
let sourceModel: string;
beforeAll(async () => {
  config = plan({ freezeUntil: null, freezePreset: 'full', epochs: 8, batchSize: 12, head: { dropout: 0 } });
  sourceModel = await trainedSource(config);
});

async function seenBy(folder: string, target = targetSamples()): Promise<Seen> {
  const executor = await openExecutor({ threads: 1 });
  const model = loadModel(folder);
  const source = sourceDataset().train;
  const seen = {
    source: await observe(model, source, twoScanners, executor),
    target: await observe(model, target, twoScanners, executor),
  };
  await executor.dispose();
  return seen;
}

const column = ({ features, width }: Observation, at: number): number[] =>
  Array.from({ length: features.length / width }, (_, i) => features[i * width + at]);
const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;

interface Seen {
  source: Observation;
  target: Observation;
}

/** Squared distance of means, as a share of the variance within. */
function gap({ source, target }: Seen): number {
  let [between, within] = [0, 0];
  for (let at = 0; at < source.width; at++) {
    const [a, b] = [column(source, at), column(target, at)];
    between += (mean(a) - mean(b)) ** 2;
    within += covariance(a, a) + covariance(b, b);
  }
  return between / within;
}

const covariance = (a: readonly number[], b: readonly number[]): number =>
  mean(a.map((value, i) => (value - mean(a)) * (b[i] - mean(b))));

/** Squared distance of covariances. */
function covarianceGap({ source, target }: Seen): number {
  let apart = 0;
  for (let i = 0; i < source.width; i++)
    for (let j = 0; j < source.width; j++) {
      const own = covariance(column(source, i), column(source, j));
      apart += (own - covariance(column(target, i), column(target, j))) ** 2;
    }
  return apart;
}

/** Mean of the largest probability on target images. */
const sureness = ({ target: { probabilities, classes } }: Seen): number =>
  mean(
    Array.from({ length: probabilities.length / classes }, (_, i) =>
      Math.max(...probabilities.subarray(i * classes, (i + 1) * classes)),
    ),
  );

describe('methods do what they are for', () => {
  const longer = { epochs: 24, schedule: 'constant' } as const;
  const after = async (adaptation: AdaptationSettings): Promise<Seen> =>
    seenBy((await adaptModel(adaptationTask(config, sourceModel, { ...longer, ...adaptation }))).modelFolder);

  it.each(['dan', 'dann'] as const)('%s leaves the domains nearer to one another', async (method) => {
    const before = gap(await seenBy(sourceModel));
    expect(gap(await after({ method }))).toBeLessThan(0.6 * before);
  });

  it('Deep CORAL leaves them varying in more the same way', async () => {
    const before = covarianceGap(await seenBy(sourceModel));
    expect(covarianceGap(await after({ method: 'coral', strength: 1000 }))).toBeLessThan(0.2 * before);
  });

  it('SHOT leaves the model surer of target images', async () => {
    const before = sureness(await seenBy(sourceModel));
    expect(sureness(await after({ method: 'shot' }))).toBeGreaterThan(before + 0.05);
  });

  it('minimum class confusion leaves it surer than the same training without', async () => {
    // Where it guesses, there is nothing to make surer: images of the same scanner.
    const target = Array.from({ length: 20 }, (_, i) => sample(100 + i));
    const trained = async (strength: number): Promise<number> => {
      const adaptation = { ...longer, method: 'mcc', temperature: 1, strength } as const;
      const { modelFolder } = await adaptModel(adaptationTask(config, sourceModel, adaptation, { target }));
      return sureness(await seenBy(modelFolder, target));
    };
    expect(await trained(3)).toBeGreaterThan((await trained(0)) + 0.03);
  });
});

describe('AdaBN', () => {
  it('gives the first layer the statistics of all target images, whatever the batches', async () => {
    const executor = await openExecutor({ threads: 1 });
    const [whole, parts] = [loadModel(sourceModel), loadModel(sourceModel)];
    await adaptNormalization(whole, targetSamples(), twoScanners, executor, { batchSize: 20 });
    await adaptNormalization(parts, targetSamples(), twoScanners, executor, { batchSize: 5 });
    await executor.dispose();
    for (const name of ['one_bn/moving_mean', 'one_bn/moving_variance']) {
      const [a, b] = [whole, parts].map((model) => model.parameters.get(name).data);
      a.forEach((value, i) =>
        expect(Math.abs(b[i] - value)).toBeLessThan(1e-4 * Math.max(1, Math.abs(value))),
      );
    }
  });

  it('goes half of the way where it is told to, and moves no weight that learned', async () => {
    const executor = await openExecutor({ threads: 1 });
    const [before, whole, half] = [1, 2, 3].map(() => loadModel(sourceModel));
    await adaptNormalization(whole, targetSamples(), twoScanners, executor);
    await adaptNormalization(half, targetSamples(), twoScanners, executor, { strength: 0.5 });
    await executor.dispose();
    const of = (model: typeof before): Float32Array => model.parameters.get('two_bn/moving_mean').data;
    of(half).forEach((value, i) => expect(value).toBeCloseTo((of(before)[i] + of(whole)[i]) / 2, 5));
    expect(half.parameters.get('two_conv/kernel').data).toEqual(
      before.parameters.get('two_conv/kernel').data,
    );
  });
});

describe('styled images', () => {
  const read = (images: ImageSource, index: number, version = 0): Float32Array => {
    const pixels = new Float32Array(SIDE * SIDE);
    if (images.readVersion) images.readVersion(index, version, pixels, 0);
    else images.read(index, pixels, 0);
    return pixels;
  };
  const styled = (method: 'histogram' | 'fourier'): ImageSource =>
    styledImages(
      twoScanners,
      sourceDataset().train,
      targetSamples(),
      { method, strength: 1, window: 0.1 },
      7,
    );

  it('leave the target as it is, and give the source its grey scale', () => {
    const images = styled('histogram');
    const [target] = targetSamples();
    expect(read(images, target.cacheIndex)).toEqual(read(twoScanners, target.cacheIndex));
    const median = (pixels: Float32Array): number => pixels.toSorted()[pixels.length >> 1];
    const medians = targetSamples().map(({ cacheIndex }) => median(read(twoScanners, cacheIndex)));
    expect(Math.abs(median(read(images, 0)) - mean(medians))).toBeLessThan(0.02);
    expect(images.checksum).not.toBe(twoScanners.checksum);
  });

  it('are styled after another target image in each version, the same each time', () => {
    const images = styled('fourier');
    expect(read(images, 0, 1)).toEqual(read(images, 0, 1));
    expect(read(images, 0, 1)).not.toEqual(read(images, 0, 2));
  });
});

it('behind a frozen prefix features of both domains are computed once, and found again by the next method', async () => {
  const frozen = plan({ freezeUntil: 'two', epochs: 2 });
  const task = adaptationTask(frozen, sourceModel, { method: 'coral' });
  const first = await adaptModel(task);
  expect(first.cut).toBe('two');
  const files = readdirSync(task.paths.cacheFolder);
  expect(files.length).toBeGreaterThan(2);
  const again = adaptationTask(
    frozen,
    sourceModel,
    { method: 'dan' },
    { paths: { ...task.paths, runFolder: `${task.paths.runFolder}-2` } },
  );
  const second = await adaptModel(again);
  expect(second.frozen.unmoved).toBe(true);
  expect(readdirSync(task.paths.cacheFolder)).toEqual(files);
});

describe('heads', () => {
  it.each(['mcc', 'cdan-e', 'shot', 'self-training'] as const)(
    'of one sigmoid for two classes are adapted: %s',
    async (method) => {
      const sigmoid = plan({ head: { output: 'sigmoid' }, epochs: 2 });
      const source = await trainedSource(sigmoid);
      const result = await adaptModel(adaptationTask(sigmoid, source, { method }));
      expect(existsSync(result.modelFolder)).toBe(true);
      expect((await seenBy(result.modelFolder)).target.probabilities.every(Number.isFinite)).toBe(true);
    },
  );

  it('of several findings are refused where classes are compared, and taken where they are not', async () => {
    const { classes, train, validation } = sourceDataset();
    const findings = (samples: typeof train): typeof train =>
      samples.map((one) => ({
        ...one,
        label: -1,
        findings: [1 - (one.label as 0 | 1), one.label] as (0 | 1)[],
      }));
    const dataset = { classes, multiLabel: true, train: findings(train), validation: findings(validation) };
    const short = plan({ epochs: 2 });
    const source = await trainedSource(short, dataset);
    const by = (method: 'mcc' | 'dan') => adaptModel(adaptationTask(short, source, { method }, { dataset }));
    await expect(by('mcc')).rejects.toMatchObject({ code: 'adaptation-one-class' });
    expect((await by('dan')).epochs).toHaveLength(2);
  });
});

describe('refuses', () => {
  it('to bring features together where only the classes learn, and SHOT where the backbone does not', async () => {
    const headOnly = plan({ freezeUntil: null, freezePreset: 'feature-extraction' });
    const by = (method: 'dann' | 'shot') => adaptModel(adaptationTask(headOnly, sourceModel, { method }));
    await expect(by('dann')).rejects.toMatchObject({ code: 'nothing-learns' });
    await expect(by('shot')).rejects.toMatchObject({ code: 'nothing-learns' });
  });

  it('to compare how a single labelled image of a step is spread', async () => {
    const alone = adaptationTask({ ...config, batchSize: 1 }, sourceModel, { method: 'dan' });
    await expect(adaptModel(alone)).rejects.toMatchObject({ code: 'images-too-few' });
  });

  it('to start a source-free method from the recipe, and a target of one image', async () => {
    await expect(
      adaptModel(adaptationTask(config, sourceModel, { method: 'shot', start: 'recipe' })),
    ).rejects.toMatchObject({
      code: 'start-from-model',
    });
    const one = { target: targetSamples(1) };
    await expect(
      adaptModel(adaptationTask(config, sourceModel, { method: 'dan' }, one)),
    ).rejects.toMatchObject({
      code: 'images-too-few',
    });
  });
});
