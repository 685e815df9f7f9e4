import * as tf from '@tensorflow/tfjs-core';
import type { ParameterScope, Program } from '../engine/index.ts';
import { applyLayer, type Model, outputLayer, preprocess } from '../models/index.ts';
import type { SpatialLayer } from './layers.ts';
import { isTokens, type Layout } from './places.ts';

type Described = Pick<Model, 'network' | 'classes' | 'preprocessing' | 'imageChannels'>;

/**
 * A program `image` `[batch, height, width, channels]` in [0, 1] and `selection` `[batch, units]` → `activations` of the layer and `gradient`, that
 * of each image's score with respect to them, both `[batch, rows, columns, features]`. The score is what the head gives before a softmax or sigmoid,
 * each unit times its selection.
 */
export function layerGradientProgram(
  model: Described,
  { name: layer, layout }: Pick<SpatialLayer, 'name' | 'layout'>,
  units: number,
  batch: number,
): Program {
  const { network, preprocessing, imageChannels } = model;
  const [height, width, channels] = network.inputShape;
  const cut = network.layers.findIndex(({ name }) => name === layer);
  return {
    name: `${network.name} gradient at ${layer}`,
    inputs: {
      image: { shape: [batch, height, width, imageChannels], dtype: 'float32' },
      selection: { shape: [batch, units], dtype: 'float32' },
    },
    body: ({ image, selection }, scope) => {
      const start = preprocess(image as tf.Tensor4D, channels, preprocessing);
      const values = runLayers(network.layers.slice(0, cut + 1), new Map(), start, scope);
      const activations = values.get(layer)!;
      const score = (x: tf.Tensor): tf.Tensor => {
        const after = runLayers(network.layers.slice(cut + 1), new Map(values).set(layer, x), start, scope);
        return tf.sum(tf.mul(after.get(outputLayer(network).name)!, selection));
      };
      const gradient = tf.grad(score)(activations);
      return { activations: overImage(activations, layout), gradient: overImage(gradient, layout) };
    },
  };
}

/** Features as `[batch, rows, columns, channels]`, whatever the order of their axes; tokens that are no patch are left out. */
function overImage(x: tf.Tensor, layout: Layout): tf.Tensor {
  const axis = layout.findIndex(isTokens);
  const channels = layout.indexOf(null);
  if (axis < 0) {
    const order = [0, layout.indexOf('rows') + 1, layout.indexOf('columns') + 1, channels + 1];
    return order.every((from, to) => from === to) ? x : tf.transpose(x, order);
  }
  const place = layout[axis];
  if (!isTokens(place)) throw new Error('an axis of tokens has places');
  const { from, rows, columns } = place;
  const last = axis < channels ? x : tf.transpose(x, [0, 2, 1]);
  const [batch, , width] = last.shape;
  const patches = tf.slice(last, [0, from, 0], [batch, rows * columns, width]);
  return tf.reshape(patches, [batch, rows, columns, width]);
}

function runLayers(
  layers: Model['network']['layers'],
  values: Map<string, tf.Tensor>,
  start: tf.Tensor,
  scope: ParameterScope,
): Map<string, tf.Tensor> {
  for (const layer of layers) {
    const inputs = layer.inputs.map((name) => values.get(name)!);
    values.set(layer.name, layer.kind === 'input' ? start : applyLayer(layer, inputs, scope, {}));
  }
  return values;
}
