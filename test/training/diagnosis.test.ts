import { describe, expect, it } from 'vitest';
import type { RunFinding } from '../../src-main/contract/diagnosis.ts';
import { GraftError } from '../../src-main/contract/errors.ts';
import type { EpochMetrics, TrainingSettings } from '../../src-main/contract/training.ts';
import { type DiagnosedRun, diagnoseRun } from '../../src-main/evaluation/index.ts';
import { RandomStream } from '../../src-main/platform/random.ts';
import { type ImageSource, train, type TrainingDataset } from '../../src-main/training/index.ts';
import { sample, settings, SIDE, stripes, stripesDataset, task, tinyModelFolder } from './helpers.ts';

const initial = tinyModelFolder();
/** Images that have nothing to do with their labels. */
const noise: ImageSource = {
  ...stripes,
  checksum: 'noise',
  read: (index, into, offset) => {
    const stream = new RandomStream(9, 'noise', index);
    for (let i = 0; i < SIDE * SIDE; i++) into[offset + i] = stream.uniform();
  },
};
const plain: TrainingSettings = {
  initial,
  freezePreset: 'full',
  headEpochs: 0,
  augmentation: { preset: 'none' },
  weightDecay: 0,
  labelSmoothing: 0,
  earlyStopping: null,
  head: { dropout: 0 },
};
const headAlone: TrainingSettings = { freezePreset: 'feature-extraction' };

/** Trains for real, and reads what came of it. */
async function findings(
  own: TrainingSettings,
  dataset: TrainingDataset = stripesDataset(64, 24),
  images = stripes,
): Promise<{ found: RunFinding[]; epochs: EpochMetrics[] }> {
  const config = settings({ ...plain, ...own });
  const epochs: EpochMetrics[] = [];
  let error = null;
  try {
    await train(task(config, dataset, images), { onEpoch: (metrics) => epochs.push(metrics) });
  } catch (thrown) {
    error = GraftError.from(thrown).toRecord();
  }
  const counts = dataset.classes.map((_, c) => dataset.train.filter(({ label }) => label === c).length);
  const training = { images: dataset.train.length, classes: counts };
  return { found: diagnoseRun({ epochs, config, error, classes: dataset.classes, training }), epochs };
}
const kinds = (found: RunFinding[]): string[] =>
  found.filter(({ tone }) => tone === 'problem').map(({ kind }) => kind);

describe('a healthy run', () => {
  it.each<[string, TrainingSettings]>([
    ['that learns', { learningRate: 3e-3, epochs: 8 }],
    ['that learns everything', { learningRate: 0.1, epochs: 8, schedule: 'constant' }],
    [
      'with the head first, dropout and smoothing',
      { headEpochs: 4, epochs: 10, learningRate: 3e-3, labelSmoothing: 0.05, head: { dropout: 0.3 } },
    ],
    [
      'with BatchNorm on batches of 16',
      { batchNormalization: 'training', batchSize: 16, learningRate: 3e-3, epochs: 8 },
    ],
    ['with blended images', { mixup: 0.4, learningRate: 1e-2, epochs: 8 }],
  ])('%s has no problem', async (_, own) => {
    const { found } = await findings(own);
    expect(kinds(found)).toEqual([]);
    expect(found).toHaveLength(1);
  });
});

describe('a run with', () => {
  it('a rate far too high diverges, and is told a tenth of it', async () => {
    const own = {
      learningRate: 10,
      clipNorm: null,
      epochs: 8,
      optimizer: { kind: 'sgd' as const },
      warmup: 0,
    };
    const [first] = (await findings(own)).found;
    expect(first).toMatchObject({ kind: 'diverged', tone: 'problem' });
    expect(first.advice).toContain('Try 1,');
  });

  it.each<[string, TrainingSettings, RegExp]>([
    [
      'SGD',
      { learningRate: 1, optimizer: { kind: 'sgd' } },
      /the training loss rose from 0\.\d+ to [01]\.\d+/,
    ],
    ['AdamW', { learningRate: 0.3 }, /one epoch puts all images into \w+, another all into \w+/],
  ])('a rate too high for %s is found first', async (_, own, sign) => {
    const { found } = await findings({ ...own, epochs: 8, schedule: 'constant' });
    expect(found[0].kind).toBe('rate-too-high');
    expect(found[0].text).toMatch(sign);
    expect(kinds(found)).not.toContain('rate-too-low');
    expect(kinds(found)).not.toContain('underfitting');
  });

  it('a rate too low is found, also where every gradient is clipped', async () => {
    const { found } = await findings({ learningRate: 1e-5, epochs: 8 });
    expect(kinds(found)).toContain('rate-too-low');
    expect(kinds(found)).not.toContain('underfitting');
    const clipped = await findings({
      learningRate: 1e-4,
      clipNorm: 0.2,
      epochs: 6,
      optimizer: { kind: 'sgd' },
    });
    expect(clipped.epochs.at(-1)!.gradient!.clipped).toBe(1);
    expect(kinds(clipped.found)).toContain('rate-too-low');
    expect(kinds(clipped.found)).not.toContain('rate-too-high');
  });

  it('a training loss that jumps by dropout alone is not said to have a rate too high', async () => {
    const own = { learningRate: 1e-6, epochs: 8, head: { dropout: 0.9 }, batchSize: 4 };
    const { found, epochs } = await findings(own, stripesDataset(8, 8));
    const losses = epochs.map(({ trainLoss }) => trainLoss);
    expect(Math.max(...losses) / Math.min(...losses)).toBeGreaterThan(1.15);
    expect(kinds(found)).not.toContain('rate-too-high');
  });

  it('far more of one class, and no weights, collapses into it', async () => {
    const dataset = {
      classes: ['upright', 'level'],
      train: Array.from({ length: 96 }, (_, i) => sample(i)).filter(
        ({ label }, i) => label === 0 || i % 12 === 1,
      ),
      validation: Array.from({ length: 24 }, (_, i) => sample(100 + i)),
    };
    const skewed = { ...headAlone, classWeights: false, headLearningRate: 0.03, epochs: 8 };
    const { found } = await findings(skewed, dataset);
    expect(kinds(found)).toEqual(['class-collapse']);
    expect(found[0].text).toContain(
      'says upright to nearly everything: to 24 of 24 validation images, of which 12 are',
    );
    expect(found[0].advice).toContain('Switch on class weights');
    const weighted = await findings({ ...skewed, classWeights: true }, dataset);
    expect(kinds(weighted.found)).not.toContain('class-collapse');
  });

  it('BatchNorm on batches of two is unstable', async () => {
    const { found } = await findings({
      batchNormalization: 'training',
      batchSize: 2,
      learningRate: 3e-2,
      epochs: 6,
    });
    expect(kinds(found)).toContain('unstable-batch-norm');
    expect(found[0].advice).toContain('Batches of 2 are too small');
  });

  it('images to learn by heart and nothing else overfits', async () => {
    const own = { learningRate: 2e-2, epochs: 24, schedule: 'constant' as const };
    const { found } = await findings(own, stripesDataset(16, 24), noise);
    expect(kinds(found)).toEqual(['overfitting']);
  });

  it('a frozen backbone that sees nothing of the matter underfits', async () => {
    const { found } = await findings({ ...headAlone, headLearningRate: 3e-3, epochs: 8 }, undefined, noise);
    expect(kinds(found)).toContain('class-collapse');
    const { found: mild } = await findings(
      { ...headAlone, headLearningRate: 1e-2, epochs: 8 },
      undefined,
      noise,
    );
    expect(kinds(mild)).toContain('underfitting');
  });
});

describe('an epoch', () => {
  it('says what was predicted of how many, the norm of its gradients, and both losses of BatchNorm where it follows batches', async () => {
    const { epochs } = await findings({ epochs: 2, learningRate: 3e-3, batchNormalization: 'training' });
    for (const { predictions, gradient, normalization } of epochs) {
      expect(predictions).toMatchObject({ of: 'validation', there: [12, 12] });
      expect(predictions!.predicted.reduce((sum, count) => sum + count, 0)).toBe(24);
      expect(gradient!.norm).toBeGreaterThan(0);
      expect(normalization!.batch).toBeGreaterThan(0);
    }
    const frozen = await findings({ ...headAlone, epochs: 2, clipNorm: null }, stripesDataset(16, 0));
    expect(frozen.epochs[0].predictions).toMatchObject({ of: 'training', there: [8, 8] });
    expect(frozen.epochs[0].gradient).toBeUndefined();
    expect(frozen.epochs[0].normalization).toBeUndefined();
  });

  it('counts a blend as the image that it shows most of: what is learned reads as learned', async () => {
    const own = { learningRate: 0.1, epochs: 8, schedule: 'constant' as const, mixup: 1 };
    const { epochs } = await findings(own);
    expect(epochs.at(-1)!.trainAccuracy).toBeGreaterThan(0.9);
  });
});

describe('what to do about a rate', () => {
  const overflown = (own: Partial<DiagnosedRun>): string =>
    diagnoseRun({
      epochs: [],
      config: settings({ freezePreset: 'full', learningRate: 0.2 }),
      error: { code: 'training-diverged', kind: 'expected', message: '' },
      classes: ['one', 'other'],
      training: { images: 2, classes: [1, 1] },
      ...own,
    })[0].advice;

  it('is said in the words of where it is read', () => {
    expect(overflown({})).toBe('Try 0.02, or search for a rate.');
    expect(overflown({ readOn: 'page' })).toBe('Try 0.02, or press Find a rate on the Plan screen.');
    expect(overflown({ readOn: 'terminal' })).toContain('graft train --find-rate');
  });

  it('is nothing that cannot be done: no setting decides the rate of the baseline from random weights', () => {
    expect(overflown({ baseline: true, readOn: 'page' })).toMatch(
      /^The rate of this baseline is the same for every plan.*at 0\.02, train a plan of its own from random weights\.$/,
    );
    expect(overflown({ baseline: true, readOn: 'terminal' })).toContain('(--weights random)');
    expect(overflown({ baseline: true, readOn: 'page' })).not.toMatch(/--|Try/);
  });
});
