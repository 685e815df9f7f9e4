import * as tf from '@tensorflow/tfjs-core';
import type { ParameterScope, Program } from '../engine/index.ts';
import { applyLayer, type Model, outputLayer, preprocess } from '../models/index.ts';

type Described = Pick<Model, 'network' | 'classes' | 'preprocessing' | 'imageChannels'>;

/**
 * A program `image` `[batch, height, width, channels]` in [0, 1] and `selection` `[batch, units]` → `activations` of the layer and `gradient`, that
 * of each image's score with respect to them, both `[batch, rows, columns, features]`. The score is what the head gives before a softmax or sigmoid,
 * each unit times its selection.
 */
export function layerGradientProgram(model: Described, layer: string, units: number, batch: number): Program {
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
      return { activations, gradient: tf.grad(score)(activations) };
    },
  };
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
