import { readFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { compileTrainingStep, openExecutor, type Program, sizeOf } from '../../src-main/engine/index.ts';
import {
  applyNetwork,
  backboneStages,
  modelCard,
  type Network,
  parameterSpecs,
  planFreeze,
  preprocess,
  type Preprocessing,
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
  /** At the positions 0, 7919, 2 · 7919, … modulo its size. */
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
/** Of the root mean square; Keras in float32 is as far from Keras in float64. */
const TOLERANCE = 3e-5;
const BASIC = ['resnet18', 'resnet34'];
const OTHERS = [
  'resnet50',
  'mobilenet_v2',
  'densenet121',
  'efficientnet_b0',
  'inception_v3',
  'vgg16',
  'vgg19',
];

describe.each([...BASIC, ...OTHERS])('%s', (name) => {
  const file = new URL(`./reference/${name}.json`, import.meta.url);
  const reference = JSON.parse(readFileSync(file, 'utf8')) as Reference;
  const { architecture, preprocessing, kerasPreprocessing = preprocessing } = modelCard(name);
  const network = architecture(reference.input, CLASSES);

  it('has the layers, weights, stages and number of parameters of its reference', () => {
    const weights: Record<string, string> = {};
    let parameters = 0;
    for (const { layer, weight, shape } of parameterSpecs(network)) {
      const known = BASIC.includes(name) ? torchvisionLayer(layer) : layer;
      const before = weights[known] === undefined ? '' : `${weights[known]}, `;
      weights[known] = `${before}${weight} ${shape.join('x')}`;
      if (layer !== 'predictions') parameters += sizeOf(shape);
    }
    expect(weights).toEqual(reference.weights);
    expect(parameters).toBe(reference.parameters);
    expect(backboneStages(network)).toEqual(Object.keys(reference.stages));
  });

  it('computes at each stage what its reference computes', async ({ annotate }) => {
    const executor = await openExecutor({ engine: 'compiled', threads: 2 });
    const forward = await executor.compile(
      stageOutputs(network, kerasPreprocessing),
      formulaParameters(network),
    );
    const image = Float32Array.from(units('image', sizeOf(reference.input)));
    const outputs = await forward.run({ image });
    await forward.dispose();
    const found: string[] = [];
    for (const [stage, expected] of Object.entries({ ...reference.stages, head: reference.top })) {
      const { shape, data } = outputs[stage];
      expect(shape.slice(1), stage).toEqual(expected.shape);
      const difference = relativeDifference(data as Float32Array, expected);
      expect(difference, stage).toBeLessThan(TOLERANCE);
      found.push(`${stage} ${difference.toExponential(1)}`);
    }
    await annotate(`${name} from ${reference.source}: ${found.join(', ')}`);
  });

  it('moves all of its trainable weights in one step', async () => {
    const side = name === 'inception_v3' ? 75 : 48;
    const small = architecture([side, side, 3], CLASSES);
    const parameters = formulaParameters(small);
    const trainable = trainableParameters(small, planFreeze(small, { preset: 'full' }));
    const before = new Map(trainable.map((weight) => [weight, parameters.get(weight).data.slice()]));
    const step = await compileTrainingStep(
      await openExecutor({ engine: 'compiled', threads: 2 }),
      trainingProgram(small),
      parameters,
      { trainable, optimizer: { kind: 'adamw' } },
    );
    const x = Float32Array.from(units('batch', 2 * side * side * 3));
    const { loss } = await step.run({ x, y: Int32Array.of(0, 1) }, 1e-3);
    await step.dispose();
    expect(Number.isFinite(loss.data[0])).toBe(true);
    const wrong = trainable.filter((weight) => {
      const { data } = parameters.get(weight);
      const old = before.get(weight)!;
      return !data.every(Number.isFinite) || !data.some((value, i) => value !== old[i]);
    });
    expect(wrong).toEqual([]);
  });
});

/** The output of every stage, for an image in [0, 1]. */
function stageOutputs(network: Network, preprocessing: Preprocessing): Program {
  return {
    name: `${network.name} by stages`,
    inputs: { image: { shape: [1, ...network.inputShape], dtype: 'float32' } },
    body: ({ image }, scope) => {
      let x: tf.Tensor = preprocess(image as tf.Tensor4D, 3, preprocessing);
      let from: string | null = null;
      const outputs: Record<string, tf.Tensor> = {};
      for (const stage of stagesOf(network)) {
        x = applyNetwork(network, scope, x, { from, to: stage });
        outputs[stage] = x;
        from = stage;
      }
      return outputs;
    },
  };
}

function trainingProgram(network: Network): Program {
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

/** The largest of the differences of sampled values, mean and deviation, over the tensor's root mean square. */
function relativeDifference(found: Float32Array, expected: Sample): number {
  const mean = found.reduce((sum, value) => sum + value, 0) / found.length;
  const variance = found.reduce((sum, value) => sum + (value - mean) ** 2, 0) / found.length;
  const differences = [
    mean - expected.mean,
    Math.sqrt(variance) - expected.deviation,
    ...expected.values.map((value, k) => found[(k * 7919) % found.length] - value),
  ];
  return Math.max(...differences.map(Math.abs)) / Math.hypot(expected.mean, expected.deviation);
}
