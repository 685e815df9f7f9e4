import '../../../src-main/engine/tfjs.ts';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { type HostInputs, Parameters, type Program, sizeOf } from '../../../src-main/engine/index.ts';
import { RandomStream } from '../../../src-main/platform/random.ts';

/** Gives a network its weight of a name and shape. */
export type Weight = (name: string, shape: readonly number[]) => tf.Tensor;

/** A tiny network in plain TF.js, in the manner of a real one. */
export interface Sketch {
  name: string;
  /** Images NHWC. */
  input: readonly [number, number, number, number];
  classes: number;
  /** Logits, `[batch, classes]`. */
  forward: (x: tf.Tensor4D, weight: Weight) => tf.Tensor;
}

export interface DrawnNetwork {
  program: Program;
  parameters: Parameters;
  /** All weights but the statistics of normalisations. */
  trainable: string[];
  inputs: HostInputs;
}

/** A sketch as a training program (softmax cross entropy) with weights and a batch drawn from a fixed seed. */
export function draw({ name, input, classes, forward }: Sketch): DrawnNetwork {
  const [batch] = input;
  const random = new RandomStream(3, name);
  const parameters = new Parameters();
  const declared: Weight = (weight, shape) => {
    if (!parameters.has(weight)) {
      const { data } = parameters.add(weight, shape);
      const deviation = Math.sqrt(2 / Math.max(1, sizeOf(shape.slice(0, -1))));
      const scale = /(gamma|variance)$/.test(weight);
      const shift = shape.length === 1;
      for (let i = 0; i < data.length; i++)
        data[i] = scale ? random.uniform(0.6, 1.4) : random.normal(0, shift ? 0.2 : deviation);
    }
    const { data } = parameters.get(weight);
    return tf.tensor(data, [...shape]);
  };
  tf.setBackend('cpu');
  tf.tidy(() => {
    forward(tf.zeros([...input]), declared);
  });
  const program: Program = {
    name,
    inputs: { images: { shape: input, dtype: 'float32' }, labels: { shape: [batch], dtype: 'int32' } },
    body: ({ images, labels }, scope) => {
      const logits = forward(images as tf.Tensor4D, (weight) => scope(weight)) as tf.Tensor2D;
      const targets = tf.oneHot(labels as tf.Tensor1D, classes, 1, 0, 'float32');
      return { loss: tf.neg(tf.mean(tf.sum(tf.mul(targets, tf.logSoftmax(logits)), 1))), logits };
    },
  };
  return {
    program,
    parameters,
    trainable: parameters.names.filter((weight) => !/(mean|variance)$/.test(weight)),
    inputs: {
      images: Float32Array.from({ length: sizeOf(input) }, () => random.normal()),
      labels: Int32Array.from({ length: batch }, () => random.integer(classes)),
    },
  };
}

type Activation = 'relu' | 'relu6' | 'swish' | 'none';
type Size = number | readonly [number, number];

export interface Layer {
  size?: Size;
  stride?: number;
  padding?: 'same' | 'valid';
  activation?: Activation;
  /** A bias instead of a normalisation. */
  bias?: boolean;
}

export const activate = (x: tf.Tensor4D, activation: Activation): tf.Tensor4D =>
  activation === 'relu'
    ? tf.relu(x)
    : activation === 'relu6'
      ? tf.relu6(x)
      : activation === 'swish'
        ? tf.mul(x, tf.sigmoid(x))
        : x;

/** Normalisation with fixed statistics. */
export function normalise(x: tf.Tensor4D, weight: Weight, name: string): tf.Tensor4D {
  const vector = (part: string): tf.Tensor1D => weight(`${name}/${part}`, [x.shape[3]]) as tf.Tensor1D;
  return tf.batchNorm(x, vector('mean'), vector('variance'), vector('beta'), vector('gamma'), 1e-3);
}

const extents = (size: Size): [number, number] =>
  typeof size === 'number' ? [size, size] : [size[0], size[1]];

/** Convolution, then a bias or a fixed normalisation, then an activation. */
export function convolve(
  x: tf.Tensor4D,
  weight: Weight,
  name: string,
  to: number,
  layer: Layer = {},
): tf.Tensor4D {
  const { size = 3, stride = 1, padding = 'same', activation = 'relu', bias = false } = layer;
  const filter = weight(`${name}/kernel`, [...extents(size), x.shape[3], to]) as tf.Tensor4D;
  const y = tf.conv2d(x, filter, stride, padding);
  return activate(bias ? tf.add(y, weight(`${name}/bias`, [to])) : normalise(y, weight, name), activation);
}

/** Depthwise convolution, fixed normalisation, activation. */
export function convolveDepthwise(
  x: tf.Tensor4D,
  weight: Weight,
  name: string,
  layer: Layer = {},
): tf.Tensor4D {
  const { size = 3, stride = 1, padding = 'same', activation = 'relu6' } = layer;
  const filter = weight(`${name}/depthwise`, [...extents(size), x.shape[3], 1]) as tf.Tensor4D;
  return activate(normalise(tf.depthwiseConv2d(x, filter, stride, padding), weight, name), activation);
}

export function dense(x: tf.Tensor, weight: Weight, name: string, to: number): tf.Tensor2D {
  const kernel = weight(`${name}/kernel`, [x.shape[1]!, to]) as tf.Tensor2D;
  return tf.add(tf.matMul(x as tf.Tensor2D, kernel), weight(`${name}/bias`, [to]));
}

/** The mean of each channel, and a dense layer. */
export const head = (x: tf.Tensor4D, weight: Weight, classes: number): tf.Tensor2D =>
  dense(tf.mean(x, [1, 2]), weight, 'predictions', classes);
