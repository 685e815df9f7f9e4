import { describe, expect, it } from 'vitest';
import type { PlannedPhase } from '../../src-main/contract/calls/plans.ts';
import { preprocessingSpec } from '../../src-main/contract/dataset.ts';
import { trainingConfigSchema, type TrainingSettings } from '../../src-main/contract/training.ts';
import { explainPlan, warnOfPlan, type PlanFacts } from '../../src-main/training/index.ts';

const phase = (name: PlannedPhase['name'], epochs: number, stages: string[]): PlannedPhase => ({
  name,
  epochs,
  learningRate: name === 'fine-tuning' ? 3e-4 : 3e-3,
  stages,
  trainable: 1,
});

/** A plan about which there is nothing to say: two equal classes of plenty of patients, the last stage learning. */
function facts(settings: TrainingSettings = {}, other: Partial<PlanFacts> = {}): PlanFacts {
  return {
    config: trainingConfigSchema.parse(settings),
    preprocessing: preprocessingSpec.parse({ height: 128, width: 128 }),
    modelTitle: 'Starter',
    inputSize: 128,
    backbone: ['stem', 'stage1', 'stage2'],
    learning: ['stage2'],
    phases: [phase('feature-extraction', 5, ['head']), phase('fine-tuning', 15, ['stage2', 'head'])],
    parameters: { total: 2_900_000, trainable: 1_700_000 },
    cut: 'stage1',
    training: {
      classes: [
        { name: 'a', images: 400, patients: 100 },
        { name: 'b', images: 400, patients: 100 },
      ],
      validation: 150,
    },
    ...other,
  };
}

const texts = (of: PlanFacts): string =>
  warnOfPlan(of)
    .map(({ text }) => text)
    .join(' ');

describe('a plan in words', () => {
  it('says what stays, what learns, for how long, and what is computed once', () => {
    const said = explainPlan(facts()).join(' ');
    expect(said).toContain(
      'stem and stage1 stay as they are; stage2 and a new head learn: 1.7M of 2.9M weights.',
    );
    expect(said).not.toContain('It starts from');
    const named = facts({}, { startTitle: 'Starter, continued without labels', continuedAt: 128 });
    expect(explainPlan(named)[0]).toBe('It starts from Starter, continued without labels.');
    expect(warnOfPlan(named)).toEqual([]);
    expect(said).toContain('First, for 5 epochs, only the new head learns (rate 0.003)');
    expect(said).toContain('Then, for 15 epochs, stage2 joins at a lower rate (0.0003).');
    expect(said).toContain('computed once and kept on the disk');
    expect(said).toContain('not improved for 6 epochs');
  });

  it('calls a rate lower only where it is', () => {
    const [head, tuning] = facts().phases;
    const said = (learningRate: number): string =>
      explainPlan(facts({}, { phases: [head, { ...tuning, learningRate }] })).join(' ');
    expect(said(0.003)).toContain('stage2 joins at a rate of 0.003.');
    expect(said(0.01)).toContain('stage2 joins at a rate of 0.01.');
    expect(said(0.001)).toContain('stage2 joins at a lower rate (0.001).');
  });

  it('says what the head answers, and warns of one that does not fit the labels', () => {
    expect(explainPlan(facts()).join(' ')).toContain('one of 2 classes: their probabilities add up to 1');
    const sigmoid = { head: { output: 'sigmoid' as const } };
    expect(explainPlan(facts(sigmoid)).join(' ')).toContain('One number (a sigmoid) says how likely b is');
    expect(explainPlan(facts({}, { multiLabel: true })).join(' ')).toContain(
      'may show several of them, or none',
    );
    const { classes } = facts().training!;
    const three = { training: { classes: [...classes, { ...classes[0], name: 'c' }], validation: 9 } };
    expect(texts(facts(sigmoid, three))).toContain('One sigmoid tells two classes apart, and there are 3');
    const softmax = { head: { output: 'softmax' as const } };
    expect(texts(facts(softmax, { multiLabel: true }))).toContain('A softmax gives one answer');
    expect(texts(facts(sigmoid)) + texts(facts(sigmoid, { ...three, multiLabel: true }))).toBe('');
  });

  it('says plainly when nothing is transferred', () => {
    const said = explainPlan(facts({ initial: 'random' })).join(' ');
    expect(said).toContain('starts from random weights: nothing is transferred');
    expect(said).not.toContain('stay as they are');
  });

  it('says when the backbone stays whole, and when all of it may change', () => {
    const more = explainPlan(facts({ mixup: 0.2, ema: 0.99, accumulate: 4, batchSize: 8 })).join(' ');
    expect(more).toContain('Besides, pairs of images are blended, with their labels, a running mean');
    expect(more).toContain('4 batches make one step, as a batch of 32 would');
    expect(explainPlan(facts({}, { learning: [] }))[0]).toContain('stays as it is. Only a new head');
    expect(explainPlan(facts({}, { learning: ['stem', 'stage1', 'stage2'] }))[0]).toContain('may change');
  });
});

describe('a warning about a plan', () => {
  it('is not given without a reason', () => {
    expect(warnOfPlan(facts())).toEqual([]);
  });

  const few = {
    classes: [
      { name: 'common', images: 90, patients: 30 },
      { name: 'rare', images: 9, patients: 3 },
    ],
    validation: 20,
  };
  it.each<[string, RegExp, TrainingSettings, Partial<PlanFacts>]>([
    ['a class with few patients', /rare has only 3 patients/, {}, { training: few }],
    [
      'several of them, by their names',
      /^6 classes have fewer than ten patients to learn from: a \(1\), b \(2\), c \(3\), d \(4\), and 2 others\.$/,
      {},
      {
        training: {
          classes: [...'fedcba'].map((name, at) => ({ name, images: 90, patients: 6 - at })),
          validation: 20,
        },
      },
    ],
    ['unequal classes that count alike', /very different size/, { classWeights: false }, { training: few }],
    [
      'few images for everything',
      /2\.9M weights\) is to learn from 99 images/,
      {},
      {
        training: few,
        learning: ['stem', 'stage1', 'stage2'],
        parameters: { total: 2_900_000, trainable: 2_900_000 },
      },
    ],
    [
      'few images from nothing',
      /From random weights, 99 images are few/,
      { initial: 'random' },
      { training: few },
    ],
    ['no validation', /no validation images/, {}, { training: { ...few, validation: 0 } }],
    ['a batch larger than the data', /batch \(512\) is larger/, { batchSize: 512 }, { training: few }],
    ['a high rate', /rate of 0\.02 is high/, { learningRate: 0.02 }, {}],
    [
      'a plateau nobody sees',
      /no validation images/,
      { schedule: 'plateau' },
      { training: { ...few, validation: 0 } },
    ],
    ['strong blending', /blended strongly/, { mixup: 0.8 }, {}],
    [
      'a head that is never alone',
      /begins at random/,
      { headEpochs: 0 },
      { phases: [phase('fine-tuning', 20, ['stage2', 'head'])] },
    ],
    ['BatchNorm on small batches', /batches of only 4/, { batchNormalization: 'training', batchSize: 4 }, {}],
    ['mirrored sides', /mirrored left to right/, { augmentation: { flipHorizontal: true } }, {}],
    ['upside down', /upside down/, { augmentation: { flipVertical: true } }, {}],
    ['one version behind frozen stages', /one version only/, { augmentation: { variants: 1 } }, {}],
    [
      'another size than that at which its weights were continued',
      /continued on images of 64 × 64; here images are 128 × 128/,
      { initial: 'some folder' },
      { continuedAt: 64 },
    ],
    [
      'another size than the network’s',
      /far from the 128/,
      {},
      { preprocessing: preprocessingSpec.parse({ height: 512, width: 512 }) },
    ],
  ])('is given for %s', (_, expected, settings, other) => {
    const of = facts(settings, other);
    expect(texts(of)).toMatch(expected);
    for (const { advice } of warnOfPlan(of)) expect(advice).toMatch(/^[A-Z].*\.$/);
  });
});
