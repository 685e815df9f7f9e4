import { beforeAll, describe, expect, it } from 'vitest';
import { adaptNormalization } from '../../src-main/adaptation/adabn.ts';
import { checkAdaptation } from '../../src-main/adaptation/index.ts';
import { styledImages } from '../../src-main/adaptation/styled-images.ts';
import { adaptationMethods, adaptationSchema } from '../../src-main/contract/adaptation.ts';
import {
  adaptationNames,
  adaptationPapers,
  adaptationTitle,
  nameOfAdaptation,
  stagesOf,
} from '../../src-main/contract/adaptation-stages.ts';
import { methodOf, nameOfApproach } from '../../src-main/contract/run.ts';
import type { TrainingConfig } from '../../src-main/contract/training.ts';
import { openExecutor } from '../../src-main/engine/index.ts';
import { loadModel } from '../../src-main/models/index.ts';
import {
  adaptationTask,
  adaptModel,
  plan,
  sourceDataset,
  targetSamples,
  trainedSource,
  twoScanners,
} from './helpers.ts';

describe('names of combinations', () => {
  it('are each method alone, then what goes together, and are read back', () => {
    expect(adaptationNames.slice(0, adaptationMethods.length)).toEqual(adaptationMethods);
    expect(adaptationNames).toContain('histogram+adabn+dan');
    expect(adaptationNames).not.toContain('histogram+shot');
    expect(new Set(adaptationNames).size).toBe(adaptationNames.length);
    for (const name of adaptationNames) expect(nameOfAdaptation(stagesOf(name))).toBe(name);
  });

  it('say in words what is done, and stand for a run of its own', () => {
    expect(adaptationTitle('adabn+self-training')).toBe('AdaBN, then Self-training');
    expect(adaptationPapers('histogram+mcc')).toBe('Nyúl and Udupa 1999; Jin et al. 2020');
    expect(methodOf('adapted-adabn+mcc')).toBe('adabn+mcc');
    expect(nameOfApproach('adapted-adabn+shot', {} as never)).toBe('Adapted, AdaBN, then SHOT');
  });

  it.each([
    ['adabn+magic', /of histogram, .*found "magic"/],
    ['coral+dann', /one method that learns, at the end.*Deep CORAL before DANN/],
    ['histogram+fourier+mcc', /one method that changes images, found histogram and fourier/],
    ['adabn+histogram+mcc', /Write histogram\+adabn\+mcc/],
    ['histogram+adabn', /learns from target images at the end.*AdaBN trains nothing/],
    ['adabn+adabn+mcc', /each method once/],
    ['histogram+shot', /images of the source behind Histogram matching.*Leave histogram out/],
  ])('refuse %s in a sentence', (name, sentence) => {
    expect(() => stagesOf(name)).toThrowError(sentence);
    expect(() => stagesOf(name)).toThrowError(expect.objectContaining({ code: 'adaptation-combination' }));
  });

  it('are refused where settings ask for nonsense or for a start that AdaBN cannot have', () => {
    const check = (settings: object): void =>
      checkAdaptation({
        adaptation: adaptationSchema.parse(settings),
        config: plan(),
        dataset: sourceDataset(),
        target: targetSamples(),
      });
    expect(() => check({ before: ['adabn'], method: 'histogram' })).toThrowError(/at the end/);
    expect(() => check({ ...stagesOf('adabn+mcc'), start: 'recipe' })).toThrowError(/finished model/);
    expect(() => check(stagesOf('adabn+mcc'))).not.toThrow();
  });
});

describe('combined', () => {
  let config: TrainingConfig;
  let sourceModel: string;
  beforeAll(async () => {
    // BatchNorm stays as it is, so that what comes before the method is all that moves its averages.
    config = plan({ freezeUntil: null, freezePreset: 'full', epochs: 2, headEpochs: 0 });
    sourceModel = await trainedSource(config);
  });
  const weightsOf = (folder: string): string => loadModel(folder).parameters.hash();

  it('AdaBN gives the averages that the method then goes on from', async () => {
    const { modelFolder } = await adaptModel(
      adaptationTask(config, sourceModel, stagesOf('adabn+self-training')),
    );
    const executor = await openExecutor({ threads: 1 });
    const expected = loadModel(sourceModel);
    await adaptNormalization(expected, targetSamples(), twoScanners, executor, { seed: config.seed });
    await executor.dispose();
    const found = loadModel(modelFolder);
    const [averages, kernel] = ['two_bn/moving_mean', 'two_conv/kernel'];
    expect(found.parameters.get(averages).data).toEqual(expected.parameters.get(averages).data);
    expect(found.parameters.get(kernel).data).not.toEqual(expected.parameters.get(kernel).data);
  });

  it('matched images are what the method learns from: as if the source had been matched before', async () => {
    const combined = await adaptModel(adaptationTask(config, sourceModel, stagesOf('histogram+coral')));
    const { train, validation } = sourceDataset();
    const images = styledImages(
      twoScanners,
      [...train, ...validation],
      targetSamples(),
      { method: 'histogram', strength: 1, window: 0.02 },
      config.seed,
    );
    const before = await adaptModel(adaptationTask(config, sourceModel, { method: 'coral' }, { images }));
    const plain = await adaptModel(adaptationTask(config, sourceModel, { method: 'coral' }));
    expect(weightsOf(combined.modelFolder)).toBe(weightsOf(before.modelFolder));
    expect(weightsOf(combined.modelFolder)).not.toBe(weightsOf(plain.modelFolder));
  });

  it('stopped and resumed, it ends with the same weights', async () => {
    const by = stagesOf('histogram+adabn+dan');
    const whole = await adaptModel(adaptationTask(config, sourceModel, by));
    const task = adaptationTask(config, sourceModel, by);
    const stop = new AbortController();
    const onEpoch = ({ epoch }: { epoch: number }): void => void (epoch === 1 && stop.abort());
    await expect(adaptModel(task, { signal: stop.signal, onEpoch })).rejects.toMatchObject({
      kind: 'cancelled',
    });
    const resumed = await adaptModel({ ...task, resume: true });
    expect(weightsOf(resumed.modelFolder)).toBe(weightsOf(whole.modelFolder));
  });
});

describe('BatchNorm by domain', () => {
  it('leaves the model the averages of the target, and together a mixture of both domains', async () => {
    const config = plan({
      freezeUntil: null,
      freezePreset: 'full',
      batchNormalization: 'training',
      epochs: 5,
      headEpochs: 0,
      // So slow that weights hardly move: averages alone tell the two apart.
      learningRate: 1e-6,
      headLearningRate: 1e-6,
    });
    const sourceModel = await trainedSource(config);
    const distanceAfter = async (adaptation: object): Promise<number> => {
      const task = adaptationTask(config, sourceModel, { method: 'dan', start: 'model', ...adaptation });
      const { modelFolder } = await adaptModel(task);
      return distance(loadModel(modelFolder).parameters.get('one_bn/moving_mean').data);
    };
    const executor = await openExecutor({ threads: 1 });
    const target = loadModel(sourceModel);
    await adaptNormalization(target, targetSamples(), twoScanners, executor);
    await executor.dispose();
    const wanted = target.parameters.get('one_bn/moving_mean').data;
    const distance = (averages: ArrayLike<number>): number =>
      Math.hypot(...wanted.map((value, i) => averages[i] - value));
    const together = await distanceAfter({ normalization: 'together' });
    expect(await distanceAfter({})).toBeLessThan(0.6 * together);
  });
});
