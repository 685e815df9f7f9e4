import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  type Executor,
  exportOnnx,
  exportTfjs,
  openExecutor,
  openOnnx,
  openTfjs,
  type Parameters,
  type Program,
  sizeOf,
} from '../../src-main/engine/index.ts';
import {
  checkNetwork,
  ensembleProgram,
  featureLayer,
  freezeMap,
  inferenceProgram,
  initialiseParameters,
  loadModel,
  modelCard,
  type Model,
  type Network,
  outputShapes,
  parameterSpecs,
  planFreeze,
  saveModel,
  withHead,
} from '../../src-main/models/index.ts';
import { RandomStream } from '../../src-main/platform/random.ts';
import { pooledFeatures } from '../../src-main/training/baselines.ts';
import { startingModel, train, trainProbe } from '../../src-main/training/index.ts';
import { prefixProgram, suffixProgram } from '../../src-main/training/programs.ts';
import { settings, SIDE, stripesDataset, task, tinyModelFolder, tinyNetwork, stripes } from './helpers.ts';

const HEAD = { pooling: 'deviation', stages: 'all' } as const;
const network = withHead(tinyNetwork(), 3, HEAD);
const images = (count: number): Float32Array => {
  const stream = new RandomStream(5, 'images');
  return Float32Array.from({ length: count * SIDE * SIDE }, () => stream.uniform());
};

/** Weights with averages that are not 0 and 1, so that no normalisation is nothing. */
function drawn(of: Network, seed: number): Parameters {
  const parameters = initialiseParameters(of, seed);
  for (const { name, weight } of parameterSpecs(of)) {
    const { data } = parameters.get(name);
    if (weight === 'moving_mean' || weight === 'bias') data.forEach((_, i) => (data[i] = 0.1 * Math.sin(i)));
  }
  return parameters;
}

const model = (of: Network, parameters = drawn(of, 3)): Model => ({
  network: of,
  parameters,
  classes: ['a', 'b', 'c'],
  preprocessing: { scale: [2], offset: [-1] },
  imageChannels: 1,
  metadata: {},
});

async function run(
  executor: Executor,
  program: Program,
  parameters: Parameters,
  input: Float32Array,
): Promise<number[]> {
  const compiled = await executor.compile(program, parameters);
  const outputs = await compiled.run({ [Object.keys(program.inputs)[0]]: input });
  const values = [...(Object.values(outputs)[0].data as Float32Array)];
  await compiled.dispose();
  return values;
}

const expectEqual = (found: ArrayLike<number>, expected: ArrayLike<number>): void => {
  expect(found).toHaveLength(expected.length);
  Array.from(expected).forEach((value, i) => expect(found[i]).toBeCloseTo(value, 5));
};

describe('a head that reads all stages', () => {
  let executor: Executor;
  beforeAll(async () => {
    await import('@tensorflow/tfjs-backend-cpu');
    await tf.setBackend('cpu');
    executor = await openExecutor({ threads: 1 });
  });

  it('has one number for each channel of each stage, of each way of pooling', () => {
    checkNetwork(network);
    expect(outputShapes(network).get(featureLayer(network))).toEqual([6 + 6 + 8]);
    const both = withHead(tinyNetwork(), 3, { pooling: 'both', stages: 'all' });
    checkNetwork(both);
    expect(outputShapes(both).get(featureLayer(both))).toEqual([2 * (6 + 6 + 8)]);
    expect(both.layers.filter(({ stage }) => stage === 'pool').map(({ name }) => name)).toEqual([
      'one_avg_pool',
      'one_max_pool',
      'two_avg_pool',
      'two_max_pool',
      'three_avg_pool',
      'three_max_pool',
      'pools',
    ]);
  });

  it('reads the standard deviation of each channel over the image, and what has one place as it is', async () => {
    const one = withHead(tinyNetwork(), 3, { ...HEAD, stages: 'last' });
    const features = async (of: Network, layer: string): Promise<number[]> => {
      const until = {
        ...of,
        layers: of.layers.slice(0, of.layers.findIndex(({ name }) => name === layer) + 1),
      };
      const program = prefixProgram({ ...model(until), cut: until.layers.at(-1)!.stage }, 1);
      return run(executor, program, drawn(until, 3), images(1));
    };
    const map = await features(one, 'three_relu');
    const found = await features(one, 'deviation_pool');
    expect(found).toHaveLength(8);
    found.forEach((deviation, channel) => {
      const values = map.filter((_, at) => at % 8 === channel);
      const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
      const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
      expect(deviation).toBeCloseTo(Math.sqrt(variance + 1e-6), 5);
    });
    const small = { ...tinyNetwork(), inputShape: [4, 4, 1] as const };
    const kinds = withHead(small, 3, HEAD).layers.filter(({ name }) => name.endsWith('_pool'));
    expect(kinds.map(({ kind }) => kind)).toEqual([
      'globalDeviationPooling2d',
      'globalDeviationPooling2d',
      'globalAveragePooling2d',
    ]);
  });

  it('can be cut where only one tensor crosses: behind the pools, or the lowest stage', async () => {
    const cutOf = (freezeUntil: string): string | null => planFreeze(network, { freezeUntil }).cut;
    expect(planFreeze(network, { preset: 'feature-extraction' }).cut).toBe('pool');
    expect([cutOf('one'), cutOf('two'), cutOf('three')]).toEqual(['one', 'one', 'pool']);
    expect(planFreeze(network, { preset: 'full' }).cut).toBeNull();
    const frozen = freezeMap(network, planFreeze(network, { freezeUntil: 'two' }));
    expect(frozen.filter(({ trainable }) => trainable).map(({ layer }) => layer)).toEqual([
      'three_conv',
      'three_bn',
      'predictions',
    ]);
    const whole = await run(
      executor,
      suffixProgram({ ...model(network), cut: null }, 2),
      drawn(network, 3),
      images(2),
    );
    for (const cut of ['one', 'pool']) {
      const parts = { ...model(network), cut };
      const features = await run(executor, prefixProgram(parts, 2), parts.parameters, images(2));
      expectEqual(
        await run(executor, suffixProgram(parts, 2), parts.parameters, Float32Array.from(features)),
        whole,
      );
    }
  });

  it.each(['feature-extraction', 'last-stage', 'full'] as const)(
    'learns with %s, and what is frozen stays',
    async (freezePreset) => {
      const work = task(
        settings({
          initial: tinyModelFolder(),
          epochs: 20,
          headEpochs: freezePreset === 'feature-extraction' ? 20 : 5,
          freezePreset,
          batchSize: 4,
          headLearningRate: 5e-2,
          learningRate: 5e-3,
          head: { dropout: 0, ...HEAD },
        }),
      );
      const result = await train(work, { executor });
      expect(result.bestValue!).toBeLessThan(result.epochs[0].validationLoss! * 0.95);
      expect(result.frozen.unmoved).toBe(true);
      expect(result.cut).toBe(
        { 'feature-extraction': 'pool', 'last-stage': 'one', full: null }[freezePreset],
      );
      expect(loadModel(result.modelFolder).network.layers.at(-2)!.name).toBe('pools');
    },
  );

  it('says the same as an ONNX file, in TensorFlow.js and read back from its folder', async () => {
    const { architecture } = modelCard('starter');
    const of = { ...withHead(architecture([32, 32, 3], 3), 3, HEAD) };
    const saved = join(mkdtempSync(join(tmpdir(), 'graft-all-stages-')), 'model');
    saveModel(saved, { ...model(of), preprocessing: { scale: [4, 4, 4], offset: [-1.6, -1.6, -1.6] } });
    const read = loadModel(saved);
    const program = inferenceProgram(read, 13);
    const [[input, { shape }]] = Object.entries(program.inputs);
    const extents = [2, ...shape.slice(1)];
    const picture = images(8).subarray(0, sizeOf(extents));
    const onnx = await openOnnx(exportOnnx(program, read.parameters, { freeBatch: 13 }), { threads: 1 });
    const tfjs = await openTfjs(exportTfjs(program, read.parameters, { freeBatch: 13, generatedBy: 'test' }));
    const { probabilities } = await onnx.run({ [input]: picture }, { [input]: extents });
    expectEqual(tfjs.run(picture, extents, 'probabilities'), probabilities.data as Float32Array);
    expectEqual(
      probabilities.data as Float32Array,
      await run(executor, inferenceProgram(read, 2), read.parameters, picture),
    );
    tfjs.dispose();
    await onnx.dispose();
  });

  it('is the head of an ensemble whose members share their lower stages', async () => {
    const first = drawn(network, 3);
    const second = drawn(network, 3);
    for (const name of ['three_conv/kernel', 'predictions/kernel']) second.get(name).data.reverse();
    const members = [model(network, first), model(network, second)];
    const { program, parameters } = ensembleProgram(members, 2);
    const each = await Promise.all(
      members.map((one) => run(executor, inferenceProgram(one, 2), one.parameters, images(2))),
    );
    const mean = each[0].map((value, i) => (value + each[1][i]) / 2);
    expect(each[0][0]).not.toBeCloseTo(each[1][0], 3);
    expectEqual(await run(executor, program, parameters, images(2)), mean);
  });

  it('is refused with a learned power, in one sentence', () => {
    expect(() => settings({ head: { pooling: 'gem', stages: 'all' } })).toThrow(
      /average, max, both or deviation as pooling of all stages, found gem/,
    );
  });
});

describe('the probe', () => {
  it('reads the deviations of all stages, unless another choice is asked for', async () => {
    const initial = tinyModelFolder();
    const work = task(settings({ initial }), stripesDataset(40, 20));
    const { model: all } = await trainProbe(work);
    expect(outputShapes(all.network).get(featureLayer(all.network))).toEqual([20]);
    const { model: last } = await trainProbe(work, {}, { pooling: 'average', stages: 'last' });
    expect(outputShapes(last.network).get(featureLayer(last.network))).toEqual([8]);
  });

  it('judges drawn weights by the same features as pre-trained ones', async () => {
    const work = task(settings({ initial: 'random', modelName: 'starter' }), stripesDataset(12, 6));
    const { model: probe } = await trainProbe(work);
    expect(outputShapes(probe.network).get(featureLayer(probe.network))).toEqual([32 + 48 + 96 + 160 + 224]);
  });

  it('finds the features of a training whose head reads the same on the disk', async () => {
    const config = settings({ initial: tinyModelFolder(), head: { dropout: 0, ...HEAD } });
    const work = task(config, stripesDataset(12, 6));
    const executor = await openExecutor({ threads: 1 });
    const start = startingModel(config, work.dataset.classes, stripes);
    const kept = await pooledFeatures(work, {}, executor, start, work.dataset.train);
    const { features, size } = await pooledFeatures(
      { ...work, images: { ...stripes, read: () => expect.unreachable('was computed again') } },
      {},
      executor,
      start,
      work.dataset.train,
    );
    expect(size).toBe(20);
    expect(features).toEqual(kept.features);
  });
});
