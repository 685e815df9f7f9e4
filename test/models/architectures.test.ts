import { readFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import {
  compileTrainingStep,
  openExecutor,
  type OptimizerConfig,
  type Program,
} from '../../src-main/engine/index.ts';
import {
  applyNetwork,
  backboneStages,
  modelCard,
  type Network,
  parameterSpecs,
  planFreeze,
  preprocess,
  stagesOf,
  torchvisionLayer,
  trainableParameters,
} from '../../src-main/models/index.ts';
import { formulaParameters, units } from './reference/formula.ts';

/** What make_references.py keeps of a tensor. */
interface Sample {
  shape: number[];
  mean: number;
  deviation: number;
  values: number[];
}

interface Reference {
  source: string;
  input: [number, number, number];
  /** Without the head. */
  parameters: number;
  weights: Record<string, string>;
  stages: Record<string, Sample>;
  top: Sample;
}

const CLASSES = 5;
const TOLERANCE = 1e-4;
const NAMES = [
  'resnet18',
  'resnet34',
  'resnet50',
  'mobilenet_v2',
  'densenet121',
  'efficientnet_b0',
  'inception_v3',
  'vgg16',
  'vgg19',
];

const referenceOf = (name: string): Reference =>
  JSON.parse(readFileSync(new URL(`./reference/${name}.json`, import.meta.url), 'utf8')) as Reference;

describe.each(NAMES)('%s', (name) => {
  const reference = referenceOf(name);
  const { architecture, preprocessing, kerasPreprocessing = preprocessing } = modelCard(name);
  const network = architecture(reference.input, CLASSES);

  it('has the layers, weights and number of parameters of its reference', () => {
    const specs = parameterSpecs(network);
    const weights: Record<string, string> = {};
    for (const { layer, weight, shape } of specs) {
      const known = name === 'resnet18' || name === 'resnet34' ? torchvisionLayer(layer) : layer;
      weights[known] = [...(weights[known]?.split(', ') ?? []), `${weight} ${shape.join('x')}`].join(', ');
    }
    expect(weights).toEqual(reference.weights);
    const backbone = specs.filter(({ layer }) => layer !== 'predictions');
    expect(backbone.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0)).toBe(
      reference.parameters,
    );
    expect(backboneStages(network)).toEqual(Object.keys(reference.stages));
  });

  it('computes what its reference computes, at each stage and at the top, and learns in all of its weights', async () => {
    const parameters = formulaParameters(network);
    const executor = await openExecutor({ engine: 'compiled', threads: 2 });
    const forward = await executor.compile(stageOutputs(network, kerasPreprocessing), parameters);
    const [height, width] = reference.input;
    const outputs = await forward.run({ image: Float32Array.from(units('image', height * width * 3)) });
    await forward.dispose();
    for (const [stage, expected] of Object.entries({ ...reference.stages, head: reference.top })) {
      const { shape, data } = outputs[stage];
      expect(shape.slice(1), stage).toEqual(expected.shape);
      const difference = relativeDifference(data as Float32Array, expected);
      if (process.env.GRAFT_SHOW) console.log(name, stage, difference.toExponential(1));
      expect(difference, stage).toBeLessThan(TOLERANCE);
    }
    const worst = reference.top.values.indexOf(Math.min(...reference.top.values));
    const small = architecture(name === 'inception_v3' ? [75, 75, 3] : [48, 48, 3], CLASSES);
    const trainable = trainableParameters(small, planFreeze(small, { preset: 'full' }));
    const optimizer: OptimizerConfig = { kind: 'adamw' };
    const step = await compileTrainingStep(executor, training(small), parameters, { trainable, optimizer });
    const before = new Map(trainable.map((weight) => [weight, parameters.get(weight).data.slice()]));
    const { loss } = await step.run(
      {
        x: Float32Array.from(units('step', 2 * small.inputShape[0] * small.inputShape[1] * 3)),
        y: Int32Array.of(worst, worst),
      },
      1e-3,
    );
    await step.dispose();
    expect(Number.isFinite(loss.data[0])).toBe(true);
    const still = trainable.filter((weight) => {
      const old = before.get(weight)!;
      const { data } = parameters.get(weight);
      return !data.every(Number.isFinite) || data.every((value, i) => value === old[i]);
    });
    expect(still).toEqual([]);
  });
});

/** The output of every stage but pooling, for an image in [0, 1]. */
function stageOutputs(network: Network, preprocessing: Parameters<typeof preprocess>[2]): Program {
  return {
    name: `${network.name} by stages`,
    inputs: { image: { shape: [1, ...network.inputShape], dtype: 'float32' } },
    body: ({ image }, scope) => {
      let x: tf.Tensor = preprocess(image as tf.Tensor4D, 3, preprocessing);
      let from: string | null = null;
      const outputs: Record<string, tf.Tensor> = {};
      for (const stage of stagesOf(network)) {
        x = applyNetwork(network, scope, x, { from, to: stage });
        from = stage;
        if (stage !== 'pool') outputs[stage] = x;
      }
      return outputs;
    },
  };
}

function training(network: Network): Program {
  return {
    name: `${network.name} step`,
    inputs: {
      x: { shape: [2, ...network.inputShape], dtype: 'float32' },
      y: { shape: [2], dtype: 'int32' },
    },
    body: ({ x, y }, scope) => {
      const likelihoods = tf.logSoftmax(applyNetwork(network, scope, x) as tf.Tensor2D);
      const chosen = tf.sum(tf.mul(likelihoods, tf.oneHot(y as tf.Tensor1D, CLASSES)), -1);
      return { loss: tf.neg(tf.mean(chosen)) };
    },
  };
}

/** The largest difference of the sampled values, the mean and the deviation, over the root mean square of the tensor. */
function relativeDifference(found: Float32Array, expected: Sample): number {
  let sum = 0;
  for (const value of found) sum += value;
  const mean = sum / found.length;
  let squares = 0;
  for (const value of found) squares += (value - mean) ** 2;
  const deviation = Math.sqrt(squares / found.length);
  const differences = [
    mean - expected.mean,
    deviation - expected.deviation,
    ...expected.values.map((value, k) => found[(k * 7919) % found.length] - value),
  ];
  if (expected.values.length < 64) {
    differences.splice(2);
    differences.push(...expected.values.map((value, k) => found[k] - value));
  }
  return Math.max(...differences.map(Math.abs)) / Math.hypot(expected.mean, expected.deviation);
}
