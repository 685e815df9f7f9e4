import { readFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import {
  openExecutor,
  Parameters,
  type ParameterScope,
  type Program,
} from '../../../src-main/engine/index.ts';
import { applyLayer } from '../../../src-main/models/apply.ts';
import { type Layer, type Network, outputShapes, parameterSpecs } from '../../../src-main/models/index.ts';

interface Numbers {
  shape: number[];
  values: number[];
}

/** What make_operations.py keeps of a layer of PyTorch. */
interface Case {
  name: string;
  kind: string;
  config: Record<string, unknown>;
  inputs: Numbers[];
  weights: Record<string, Numbers>;
  output: Numbers;
  /** Of the outputs weighted by cosines, towards the inputs and then the weights. */
  gradients: number[][];
}

const cases = JSON.parse(
  readFileSync(new URL('./reference/operations.json', import.meta.url), 'utf8'),
) as Case[];

/** Whose gradients TF.js's own CPU kernels get wrong. */
const WRONG_IN_TFJS = new Set(['resize, bilinear', 'resize, nearest', 'average pool, padding no part of it']);

const names = (count: number): string[] => Array.from({ length: count }, (_, at) => `input ${at}`);
const layerOf = ({ kind, config, inputs }: Case): Layer =>
  ({ kind, config, name: 'layer', inputs: names(inputs.length), stage: 'stem' }) as Layer;

describe.each(cases)('$name', (one) => {
  it('has the shape and the weights that its layer says', () => {
    // A first layer for each input, which shapes pass through unchanged.
    const [first, ...others] = one.inputs.map(({ shape }, at): Layer => {
      const extents = shape.slice(1);
      const config = { shape: extents };
      return { kind: 'reshape', config, name: `input ${at}`, inputs: [], stage: 'stem' } satisfies Layer;
    });
    const layers = [...(first ? [first, ...others] : []), layerOf(one)];
    const network = { name: 'one layer', inputShape: [1, 1, 1], layers } as Network;
    const shapes = outputShapes({ ...network, layers: layers.map((layer) => asGiven(layer)) });
    expect(shapes.get('layer')).toEqual(one.output.shape.slice(1));
    expect(
      Object.fromEntries(
        parameterSpecs({ ...network, layers: layers.map((layer) => asGiven(layer)) }).map(
          ({ weight, shape }) => [weight, shape],
        ),
      ),
    ).toMatchObject(
      Object.fromEntries(Object.entries(one.weights).map(([weight, { shape }]) => [weight, shape])),
    );
  });

  it.each(['reference', 'compiled'] as const)('is PyTorch’s forwards and backwards (%s)', async (engine) => {
    const executor = await openExecutor({ engine, ...(engine === 'compiled' ? { threads: 1 } : {}) });
    const given = [...one.inputs, ...Object.values(one.weights)];
    const program = await executor.compile(programOf(one), new Parameters());
    const run = await program.run(
      Object.fromEntries(given.map(({ values }, at) => [`x${at}`, Float32Array.from(values)])),
    );
    await program.dispose();
    expect(run.y.shape).toEqual(one.output.shape);
    expect(difference(run.y.data, one.output.values)).toBeLessThan(2e-5);
    if (engine === 'reference' && WRONG_IN_TFJS.has(one.name)) return;
    one.gradients.forEach((expected, at) =>
      expect(difference(run[`d${at}`].data, expected), `gradient ${at}`).toBeLessThan(2e-5),
    );
  });
});

/** Reshapes without an input stand for what is given: arrays of that shape. */
const asGiven = (layer: Layer): Layer =>
  layer.kind === 'reshape' && layer.inputs.length === 0
    ? { ...layer, kind: 'weight', config: { shape: layer.config.shape, learns: false } }
    : layer;

function programOf(one: Case): Program {
  const given = [...one.inputs, ...Object.values(one.weights)];
  const layer = layerOf(one);
  return {
    name: one.name,
    inputs: Object.fromEntries(given.map(({ shape }, at) => [`x${at}`, { shape, dtype: 'float32' }])),
    body: (tensors) => {
      const apply = (...all: tf.Tensor[]): tf.Tensor => {
        const weights = Object.keys(one.weights);
        const scope = (name: string): tf.Tensor =>
          all[one.inputs.length + weights.indexOf(name.split('/')[1])];
        return applyLayer(layer, all.slice(0, one.inputs.length), scope as unknown as ParameterScope, {});
      };
      const factors = tf.tensor(
        Array.from({ length: one.output.values.length }, (_, at) => Math.cos(at)),
        one.output.shape,
      );
      const all = given.map((_, at) => tensors[`x${at}`]);
      if (tf.getBackend() === 'cpu' && WRONG_IN_TFJS.has(one.name)) return { y: apply(...all) };
      const gradients = tf.grads((...each) => tf.sum(tf.mul(apply(...each), factors)))(all);
      return {
        y: apply(...all),
        ...Object.fromEntries(gradients.map((gradient, at) => [`d${at}`, gradient])),
      };
    },
  };
}

/** Largest difference over the root mean square. */
function difference(found: ArrayLike<number>, expected: readonly number[]): number {
  const square = expected.reduce((sum, value) => sum + value * value, 0) / expected.length;
  return (
    expected.reduce((most, value, at) => Math.max(most, Math.abs(value - found[at])), 0) /
    Math.sqrt(square || 1)
  );
}
