import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { sweepSchema, type Sweep, type SweepInput } from '../../src-main/contract/sweep.ts';
import { type EpochMetrics, trainingConfigSchema } from '../../src-main/contract/training.ts';
import { roundsOf } from '../../src-main/training/sweep/halving.ts';
import {
  compareValues,
  drawTrials,
  foldMean,
  halvingRounds,
  objectiveOf,
  openSpace,
  planOf,
} from '../../src-main/training/sweep/index.ts';

const sweep = (input: SweepInput): Sweep => sweepSchema.parse(input);
const trialsOf = (input: SweepInput) => drawTrials(sweep(input), openSpace(sweep(input), {}));
const opening = (input: SweepInput) => () => openSpace(sweep(input), {});

describe('the space of a sweep', () => {
  it('may hold any field of the plan, by its name with dots', () => {
    const space = {
      learningRate: [1e-3, 1e-4],
      'settings.head.hidden': [[], [64]],
      'earlyStopping.patience': [3, 9],
      'stageRates.stage4': [0.1],
      'preprocessing.height': [96],
      'preprocessing.intensity.kind': ['percentile'],
      freezePreset: ['full'],
      classWeights: [true, false],
      clipNorm: [null, 5],
    };
    const axes = openSpace(sweep({ space }), { settings: {} });
    expect(axes.map(({ name }) => name)).toContain('head.hidden');
    const plan = planOf(
      { settings: { epochs: 4, head: { dropout: 0.1 } } },
      { 'head.hidden': [64], 'preprocessing.height': 96 },
    );
    expect(plan).toEqual({
      settings: { epochs: 4, head: { dropout: 0.1, hidden: [64] } },
      preprocessing: { height: 96 },
    });
  });

  it('refuses in a sentence what is no field, no value, or no part of a comparison', () => {
    expect(opening({ space: { 'head.droput': [0] } })).toThrow(
      'Expected a field of the training plan to vary, found the unknown name head.droput (did you mean head.dropout?).',
    );
    expect(opening({ space: { 'head.dropout': [0, 1.5] } })).toThrow(/found head\.dropout 1\.5: .*Too big/);
    expect(opening({ space: { 'split.options': [0] } })).toThrow(/all trials of a sweep share the split/);
    expect(opening({ space: { mixup: { low: 0, high: 1 } } })).toThrow(
      /lists for a grid, found a range for mixup/,
    );
    expect(opening({ strategy: 'random', space: { schedule: { low: 0, high: 1 } } })).toThrow(/is no number/);
    expect(opening({ strategy: 'random', space: { mixup: { low: 1, high: 0 } } })).toThrow(/low end below/);
    expect(opening({ strategy: 'random', space: { mixup: { low: 0, high: 1, log: true } } })).toThrow(
      /above 0/,
    );
    expect(opening({ strategy: 'random', space: { epochs: { low: 1.5, high: 3 } } })).toThrow(
      /whole numbers/,
    );
    expect(opening({ strategy: 'halving', space: { epochs: [1, 2] } })).toThrow(
      /halving shares out the epochs/,
    );
    expect(opening({ space: { mixup: [0, 0] } })).toThrow(/each value of mixup once/);
    expect(opening({ space: { mixup: [0], 'settings.mixup': [1] } })).toThrow(/found mixup twice/);
    expect(opening({ space: {} })).toThrow(/at least one field/);
  });

  it('sees what single values cannot say: two fields that exclude one another', () => {
    expect(() => planOf({}, { freezeUntil: 'stage1', trainableLayers: ['conv'] })).toThrow(
      /either freezeUntil or trainableLayers/,
    );
  });
});

describe('trials', () => {
  it('of a grid are all combinations, in order', () => {
    expect(trialsOf({ space: { mixup: [0, 1], ema: [0, 0.9, 0.99] } })).toEqual([
      { mixup: 0, ema: 0 },
      { mixup: 0, ema: 0.9 },
      { mixup: 0, ema: 0.99 },
      { mixup: 1, ema: 0 },
      { mixup: 1, ema: 0.9 },
      { mixup: 1, ema: 0.99 },
    ]);
  });

  const random: SweepInput = {
    strategy: 'random',
    trials: 200,
    space: {
      learningRate: { low: 1e-5, high: 1e-1, log: true },
      'head.dropout': { low: 0, high: 0.5 },
      headEpochs: { low: 2, high: 5 },
      freezePreset: ['full', 'gradual'],
    },
  };

  it('drawn at random lie in their ranges, logarithms evenly, and are the same for the same seed', () => {
    const trials = trialsOf(random);
    expect(trials).toHaveLength(200);
    const rates = trials.map(({ learningRate }) => learningRate as number);
    expect(Math.min(...rates)).toBeGreaterThanOrEqual(1e-5);
    expect(Math.max(...rates)).toBeLessThanOrEqual(1e-1);
    // Half of the draws lie below the middle of the logarithms; deviation of that share is 0.035.
    expect(Math.abs(rates.filter((rate) => rate < 1e-3).length / 200 - 0.5)).toBeLessThan(0.12);
    expect(new Set(trials.map(({ headEpochs }) => headEpochs))).toEqual(new Set([2, 3, 4, 5]));
    expect(trialsOf(random)).toEqual(trials);
    expect(trialsOf({ ...random, seed: 8 })).not.toEqual(trials);
    // More draws add to those there are.
    expect(trialsOf({ ...random, trials: 40 })).toEqual(trials.slice(0, 40));
  });

  it('are never drawn twice: where there are fewer combinations than draws, each is there once', () => {
    const space = { mixup: [0, 1], headEpochs: { low: 1, high: 3 } };
    const trials = trialsOf({ strategy: 'random', trials: 50, space });
    expect(new Set(trials.map((one) => JSON.stringify(one))).size).toBe(6);
    expect(trials).toHaveLength(6);
  });
});

interface Reference {
  rounds: { trials: number; epochs: number; factor: number; candidates: number[]; resources: number[] }[];
}

describe('rounds of halving', () => {
  const path = new URL('reference/sweep.json', import.meta.url);
  const { rounds } = JSON.parse(readFileSync(path, 'utf8')) as Reference;

  it.each(rounds)(
    'have the trials of scikit-learn’s, and its epochs where they divide: $trials trials, $epochs epochs',
    ({ trials, epochs, factor, candidates, resources }) => {
      const found = halvingRounds(trials, epochs, 1, factor);
      expect(found.map((one) => one.trials)).toEqual(candidates);
      if (resources.at(-1) === epochs) expect(found.map((one) => one.epochs)).toEqual(resources);
      // scikit-learn stops short of what does not divide; the last round here is always the whole plan.
      expect(found.at(-1)!.epochs).toBe(epochs);
    },
  );

  it('begin after the epochs of the head alone, when trials can be told apart', () => {
    const config = (freezePreset: 'full' | 'feature-extraction') =>
      trainingConfigSchema.parse({ epochs: 27, headEpochs: 5, freezePreset });
    const of = (preset: 'full' | 'feature-extraction', input: Partial<SweepInput> = {}) =>
      roundsOf(
        sweep({ space: {}, strategy: 'halving', ...input }),
        Array.from({ length: 27 }, () => config(preset)),
      );
    expect(of('full').map(({ epochs }) => epochs)).toEqual([9, 27]);
    expect(of('feature-extraction').map(({ epochs }) => epochs)).toEqual([1, 3, 9, 27]);
    expect(of('full', { minimumEpochs: 3 }).map(({ epochs }) => epochs)).toEqual([3, 9, 27]);
    expect(of('full', { strategy: 'random' })).toEqual([{ trials: 27, epochs: 27 }]);
  });
});

describe('the objective', () => {
  const epoch = (number: number, loss: number, best: boolean, auc: number | null = null): EpochMetrics =>
    ({ epoch: number, validationLoss: loss, validationAuc: auc, best }) as EpochMetrics;
  const epochs = [epoch(1, 0.9, true, 0.6), epoch(2, 0.5, true, 0.7), epoch(3, 0.6, false, 0.9)];

  it('is that of the epoch whose weights are kept, not the best value of any epoch', () => {
    expect(objectiveOf(epochs, 'val_auc')).toBe(0.7);
    expect(objectiveOf(epochs, 'val_loss', 1)).toBe(0.9);
    expect(objectiveOf([], 'val_loss')).toBeNull();
  });

  it('is a mean over folds with its standard error, and nothing while a fold has no value', () => {
    const { mean, standardError } = foldMean([0.7, 0.8, 0.9]);
    expect(mean).toBeCloseTo(0.8, 12);
    // Deviation 0.1 by n − 1, over √3.
    expect(standardError).toBeCloseTo(0.1 / Math.sqrt(3), 12);
    expect(foldMean([0.7, null])).toEqual({ mean: null, standardError: null });
    expect(foldMean([0.7])).toEqual({ mean: 0.7, standardError: null });
  });

  it('puts the lower loss and the higher score first, and what has none last', () => {
    expect([null, 0.4, 0.2].sort(compareValues('val_loss'))).toEqual([0.2, 0.4, null]);
    expect([null, 0.2, 0.4].sort(compareValues('val_f1'))).toEqual([0.4, 0.2, null]);
  });
});
