import { readFileSync } from 'node:fs';
import type * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import type { Finding, Sample } from '../../src-main/contract/dataset.ts';
import type { FindingFigures } from '../../src-main/contract/training.ts';
import {
  compileTrainingStep,
  exportOnnx,
  openExecutor,
  openOnnx,
  Parameters,
  type Program,
} from '../../src-main/engine/index.ts';
import { inferenceProgram, loadModel } from '../../src-main/models/index.ts';
import { RandomStream } from '../../src-main/platform/random.ts';
import { FindingCounts } from '../../src-main/training/finding-counts.ts';
import { fitFindings } from '../../src-main/training/finding-regression.ts';
import {
  findRate,
  majorityProbabilities,
  predict,
  train,
  trainProbe,
  type TrainingDataset,
} from '../../src-main/training/index.ts';
import { groupsOf } from '../../src-main/training/answers.ts';
import { mixBatch } from '../../src-main/training/mixing.ts';
import { findingsLoss, objectiveFor, positiveWeights } from '../../src-main/training/objective.ts';
import { epochOrder } from '../../src-main/training/order.ts';
import { sigmoidFocalLoss } from '../../src-main/training/programs.ts';
import { settings, stripes, stripesDataset, task, tinyModelFolder } from './helpers.ts';

interface Reference {
  sigmoidLosses: Record<string, { loss: number; gradient: number[] }>;
  several: FindingFigures & {
    logits: number[];
    truths: Finding[][];
    loss: number;
    auc: number;
    f1: number;
    balancedAccuracy: number;
  };
  probe: { features: number[]; positive: number[]; l2: number; kernel: number[][]; bias: number[] };
}
const reference = JSON.parse(
  readFileSync(new URL('./reference/controls.json', import.meta.url), 'utf8'),
) as Reference;

/** Stripes as findings: upright, level, and one that nobody knows of every third image. */
function findingsDataset(count = 22, validation = 10): TrainingDataset {
  const { train: training, validation: others } = stripesDataset(count, validation);
  const withFindings = (sample: Sample): Sample => ({
    ...sample,
    label: -1,
    findings: [
      sample.label === 0 ? 1 : 0,
      sample.cacheIndex % 3 === 0 ? null : sample.label === 1 ? 1 : 0,
      sample.cacheIndex % 4 === 0 ? 1 : 0,
    ],
  });
  return {
    classes: ['upright', 'level', 'every fourth'],
    multiLabel: true,
    train: training.map(withFindings),
    validation: others.map(withFindings),
  };
}

const quick = {
  epochs: 12,
  headEpochs: 12,
  batchSize: 8,
  headLearningRate: 3e-2,
  freezePreset: 'feature-extraction' as const,
};

describe('the loss of sigmoids', () => {
  it.each(['bce', '1.0', '2.0'])(
    'is PyTorch’s, with weights of what is there, unknown answers, and logits of any size: %s',
    async (kind) => {
      const executor = await openExecutor({ engine: 'compiled', threads: 1 });
      const logits = [2, -1, 0.5, 0.1, -60, -0.3, -1.5, 2.5, 70, 0, 0, 3];
      const parameters = new Parameters();
      parameters.add('logits', [4, 3], Float32Array.from(logits));
      const shape = { shape: [4, 3], dtype: 'float32' as const };
      const gamma = kind === 'bce' ? 0 : Number(kind);
      const program: Program = {
        name: 'sigmoids',
        inputs: { target: shape, weight: shape },
        body: ({ target, weight }, scope) => ({
          loss: sigmoidFocalLoss(
            scope('logits') as unknown as tf.Tensor2D,
            target,
            weight,
            gamma,
            [1.5, 0.5, 4],
          ),
        }),
      };
      const step = await compileTrainingStep(executor, program, parameters, {
        trainable: ['logits'],
        optimizer: { kind: 'sgd', momentum: 0 },
      });
      const there = [1, 0, 1, 0, 1, 0, 0, 0, 0, 1, 1, 1];
      const target = Float32Array.from(there, (value) => value * 0.9 + 0.05);
      const weight = Float32Array.of(1, 1, 0, 1, 1, 1, 0, 1, 1, 1, 1, 1);
      const { loss } = await step.run({ target, weight }, 1);
      expect(loss.data[0]).toBeCloseTo(reference.sigmoidLosses[kind].loss, 4);
      const moved = parameters.get('logits').data;
      reference.sigmoidLosses[kind].gradient.forEach((slope, i) =>
        expect(logits[i] - moved[i]).toBeCloseTo(slope, 5),
      );
      await step.dispose();
      await executor.dispose();
    },
  );
});

describe('counts of findings', () => {
  const { several } = reference;

  it('are scikit-learn’s, ties included', () => {
    const counts = new FindingCounts(3);
    several.truths.forEach((findings, i) => {
      counts.keep(several.logits, 3 * i, findings);
      const { loss, weight } = findingsLoss(several.logits, 3 * i, findings);
      counts.addLoss(loss, weight);
    });
    expect(counts.loss).toBeCloseTo(several.loss, 9);
    expect(counts.auc).toBeCloseTo(several.auc, 9);
    expect(counts.f1).toBeCloseTo(several.f1, 9);
    expect(counts.balancedAccuracy).toBeCloseTo(several.balancedAccuracy, 9);
    const { findings } = counts;
    expect(findings.microF1).toBeCloseTo(several.microF1, 9);
    expect(findings.hammingLoss).toBeCloseTo(several.hammingLoss, 9);
    expect(findings.subsetAccuracy).toBeCloseTo(several.subsetAccuracy, 9);
    several.perFinding.forEach((expected, c) =>
      Object.entries(expected).forEach(([name, value]) =>
        expect(findings.perFinding[c][name as 'auc'], `${name} of ${c}`).toBeCloseTo(value!, 9),
      ),
    );
  });

  it('leave out what nobody knows, and say nothing of a finding that all show', () => {
    const counts = new FindingCounts(2);
    counts.keep([3, 2], 0, [1, null]);
    counts.keep([-3, 2], 0, [0, 1]);
    expect(counts.findings.hammingLoss).toBe(0);
    expect(counts.findings.perFinding.map(({ auc }) => auc)).toEqual([1, null]);
    expect(counts.auc).toBe(1);
    const none = new FindingCounts(1);
    none.keep([1], 0, [1]);
    expect(none.auc).toBeNull();
    expect(none.findings.perFinding[0].averagePrecision).toBe(1);
  });
});

describe('the probe of findings', () => {
  it('is scikit-learn’s logistic regression for each', () => {
    const { features, positive, l2, kernel, bias } = reference.probe;
    const data = { features: Float32Array.from(features), size: 2, findings: reference.several.truths };
    const fit = fitFindings(data, 3, l2, positive);
    for (let c = 0; c < 3; c++) {
      expect(fit.bias[c]).toBeCloseTo(bias[c], 3);
      [0, 1].forEach((f) => expect(fit.kernel[3 * f + c]).toBeCloseTo(kernel[c][f], 3));
    }
  });

  it('learns nothing from rows of which a finding is not known', () => {
    const data = {
      features: Float32Array.of(0, 1, 2, 3),
      size: 1,
      findings: [[0], [1], [0], [1]] as Finding[][],
    };
    const more = {
      features: Float32Array.of(0, 1, 2, 3, 1.5),
      size: 1,
      findings: [...data.findings, [null]],
    };
    const [one, other] = [fitFindings(data, 1, 0.1), fitFindings(more, 1, 0.1)];
    // The row counts for the scale of features alone, whose mean is 1.5 with it and without.
    expect(other.kernel[0] / one.kernel[0]).toBeGreaterThan(0.9);
    expect(1.5 * other.kernel[0] + other.bias[0]).toBeCloseTo(1.5 * one.kernel[0] + one.bias[0], 4);
  });
});

describe('the objective of findings', () => {
  const dataset = findingsDataset();
  const config = settings({ labelSmoothing: 0.1 });

  it('weighs what is there by how rare it is, at most twentyfold, and unknown answers with nothing', () => {
    const answers: Finding[][] = [
      [1, null],
      [0, 1],
      [0, 1],
      [null, 1],
    ];
    expect(positiveWeights(answers, 2)).toEqual([2, 1]);
    const rare = Array.from({ length: 100 }, (_, i): Finding[] => [i === 0 ? 1 : 0]);
    expect(positiveWeights(rare, 1)).toEqual([20]);
    const objective = objectiveFor(config, dataset);
    expect(objective).toMatchObject({ kind: 'findings', units: 3, weightsPerImage: 3 });
    const target = new Float32Array(6);
    const weight = new Float32Array(6);
    objective.write([1, null, 0], { target, weight }, 1, true);
    expect([...weight]).toEqual([0, 0, 0, 1, 0, 1]);
    expect(target[3]).toBeCloseTo(0.95, 6);
    expect(target[5]).toBeCloseTo(0.05, 6);
    expect(objectiveFor(settings({ balancedSampling: true }), dataset).positiveWeights).toBeNull();
  });

  it('draws each finding, and images without any, equally often where that is asked for', () => {
    const answers: Finding[][] = [
      ...Array.from({ length: 90 }, (): Finding[] => [0, 0]),
      ...Array.from({ length: 8 }, (): Finding[] => [1, 0]),
      ...Array.from({ length: 2 }, (): Finding[] => [1, 1]),
    ];
    const order = epochOrder(answers.map(groupsOf), 1, { seed: 7, balanced: true });
    expect(order).toHaveLength(100);
    const none = order.filter((index) => index < 90).length;
    expect(Math.abs(none - 33)).toBeLessThanOrEqual(1);
    // Of the second finding there are two images, drawn for it a third of the time and now and then for the first.
    expect(order.filter((index) => index >= 98).length).toBeGreaterThanOrEqual(33);
    const plain = epochOrder(answers.map(groupsOf), 1, { seed: 7, balanced: false });
    expect(plain.toSorted((a, b) => a - b)).toEqual(answers.map((_, index) => index));
  });

  it('blends targets answer by answer: where one image is not known, the other decides', () => {
    const batch = {
      x: Float32Array.of(0, 1),
      target: Float32Array.of(1, 0, 0, 1),
      weight: Float32Array.of(1, 0, 1, 1),
    };
    mixBatch(batch, { mixup: 1, cutmix: 0, shape: [1], classes: 2, count: 2 }, new RandomStream(1, 'pair'));
    const share = 1 - batch.x[0];
    expect(share).toBeGreaterThan(0);
    expect(share).toBeLessThan(1);
    expect(batch.target[0]).toBeCloseTo(share, 5);
    expect(batch.target[1]).toBe(1);
    expect(batch.weight[1]).toBeCloseTo(1 - share, 5);
    expect(batch.weight[0]).toBeCloseTo(1, 5);
  });

  it('refuses a softmax of findings, and one sigmoid for three classes', () => {
    expect(() => objectiveFor(settings({ head: { output: 'softmax' } }), dataset)).toThrow(
      /a sigmoid for each finding/,
    );
    const three = { ...stripesDataset(), classes: ['a', 'b', 'c'] };
    expect(() => objectiveFor(settings({ head: { output: 'sigmoid' } }), three)).toThrow(
      /two classes for one sigmoid, found 3/,
    );
  });
});

describe('a head of one sigmoid', () => {
  it('learns two classes, and says p and 1 − p of them, in the exported file as well', async () => {
    const initial = tinyModelFolder();
    const work = task(settings({ initial, ...quick, head: { output: 'sigmoid', dropout: 0 } }));
    const result = await train(work);
    expect(result.bestValue!).toBeLessThan(result.epochs[0].validationLoss!);
    expect(result.epochs.at(-1)!.validationAuc).not.toBeNull();
    const model = loadModel(result.modelFolder);
    expect(model).toMatchObject({ output: 'sigmoid', classes: ['upright', 'level'] });
    expect(model.parameters.get('predictions/kernel').shape).toEqual([8, 1]);
    const executor = await openExecutor({ engine: 'compiled', threads: 1 });
    const samples = stripesDataset().validation.slice(0, 3);
    const said = await predict(model, samples, stripes, executor);
    expect(said).toHaveLength(6);
    for (let row = 0; row < 3; row++) expect(said[2 * row] + said[2 * row + 1]).toBeCloseTo(1, 6);
    const onnx = await openOnnx(exportOnnx(inferenceProgram(model, 13), model.parameters, { freeBatch: 13 }));
    const image = new Float32Array(256);
    stripes.read(samples[0].cacheIndex, image, 0);
    const { probabilities } = await onnx.run({ image }, { image: [1, 16, 16, 1] });
    expect(probabilities.data).toHaveLength(2);
    probabilities.data.forEach((value, at) => expect(value).toBeCloseTo(said[at], 5));
    await onnx.dispose();
    await executor.dispose();
  });

  it('begins with the loss of two equal classes, whatever the classes weigh', async () => {
    const initial = tinyModelFolder();
    const own = { initial, ...quick, epochs: 1, headEpochs: 1, headLearningRate: 1e-9, labelSmoothing: 0 };
    const { epochs } = await train(task(settings({ ...own, head: { output: 'sigmoid', dropout: 0 } })));
    expect(epochs[0].validationLoss).toBeGreaterThan(0.3);
    expect(epochs[0].validationLoss).toBeLessThan(1.5);
  });

  it('has the probe that a softmax has', async () => {
    const initial = tinyModelFolder();
    const executor = await openExecutor({ engine: 'compiled', threads: 1 });
    const samples = stripesDataset().validation.slice(0, 4);
    const [one, two] = await Promise.all(
      (['sigmoid', 'softmax'] as const).map(async (output) => {
        const { model } = await trainProbe(task(settings({ initial, head: { output } })), { executor });
        return predict(model, samples, stripes, executor);
      }),
    );
    one.forEach((value, at) => expect(value).toBeCloseTo(two[at], 5));
    await executor.dispose();
  });
});

describe('a head of findings', () => {
  const initial = tinyModelFolder();

  it('learns each finding for itself, and stops by AUC', async () => {
    const own = { initial, ...quick, epochs: 20, headEpochs: 20, head: { dropout: 0 } };
    const monitor = { earlyStopping: { monitor: 'val_auc' as const, patience: 20 } };
    const result = await train(task(settings({ ...own, ...monitor }), findingsDataset()));
    const best = result.epochs[result.bestEpoch - 1];
    expect(best.validationAuc).toBe(result.bestValue);
    const { perFinding, hammingLoss } = best.validationFindings!;
    expect(perFinding).toHaveLength(3);
    expect(perFinding[0].auc!).toBeGreaterThan(0.7);
    expect(hammingLoss).toBeCloseTo(1 - best.validationAccuracy!, 12);
    const model = loadModel(result.modelFolder);
    expect(model.output).toBe('sigmoid');
    const executor = await openExecutor({ engine: 'compiled', threads: 1 });
    const said = await predict(model, findingsDataset().validation.slice(0, 2), stripes, executor);
    expect(said).toHaveLength(6);
    expect(Math.abs(said[0] + said[1] + said[2] - 1)).toBeGreaterThan(1e-3);
    await executor.dispose();
  });

  it('does so with everything switched on, and ends the same when it was stopped in between', async () => {
    const everything = {
      initial,
      ...quick,
      epochs: 6,
      headEpochs: 2,
      batchSize: 4,
      freezePreset: 'full' as const,
      focalGamma: 2,
      mixup: 0.3,
      cutmix: 0.5,
      accumulate: 2,
      balancedSampling: true,
    };
    const whole = await train(task(settings(everything), findingsDataset()));
    const work = task(settings(everything), findingsDataset());
    const stop = new AbortController();
    await expect(
      train(work, { signal: stop.signal, onEpoch: ({ epoch }) => epoch === 4 && stop.abort() }),
    ).rejects.toMatchObject({ kind: 'cancelled' });
    const resumed = await train({ ...work, resume: true });
    expect(loadModel(resumed.modelFolder).parameters.hash()).toBe(
      loadModel(whole.modelFolder).parameters.hash(),
    );
  });

  it('has its baselines: prevalence, a probe, and a rate that is found', async () => {
    const dataset = findingsDataset();
    const guessed = majorityProbabilities(dataset, 2);
    const known = dataset.train.map(({ findings }) => findings![1]).filter((finding) => finding !== null);
    expect(guessed[4]).toBeCloseTo(known.filter((finding) => finding === 1).length / known.length, 6);
    const executor = await openExecutor({ engine: 'compiled', threads: 1 });
    const probe = await trainProbe(task(settings({ initial }), dataset), { executor });
    expect(probe.model.parameters.get('predictions/kernel').shape).toEqual([6 + 6 + 8, 3]);
    const said = await predict(probe.model, dataset.train, stripes, executor);
    const counts = new FindingCounts(3);
    const logit = (p: number): number => Math.log(p / (1 - p));
    dataset.train.forEach(({ findings }, i) =>
      counts.keep([...said.subarray(3 * i, 3 * i + 3)].map(logit), 0, findings!),
    );
    expect(counts.findings.perFinding[0].auc!).toBeGreaterThan(0.8);
    expect(probe.tried.every(({ validationLoss }) => validationLoss > 0)).toBe(true);
    const sweep = await findRate(task(settings({ initial }), dataset), { executor });
    expect(sweep.restored).toBe(true);
    await executor.dispose();
  });
});
