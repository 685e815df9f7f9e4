import * as tf from '@tensorflow/tfjs-core';
import { Parameters, type ParameterScope, type Program } from '../src-main/engine/index.ts';
import { RandomStream } from '../src-main/platform/random.ts';

/** A network for the benches: the same layers as its namesake in torchvision, random weights, frozen BatchNorm. */
export interface BenchNetwork {
  parameters: Parameters;
  /** Convolution filters and the head: what learns when BatchNorm is frozen. */
  trainable: string[];
  apply(scope: ParameterScope, x: tf.Tensor4D): tf.Tensor2D;
  /** What the head sees. */
  features(scope: ParameterScope, x: tf.Tensor4D): tf.Tensor2D;
}

interface Layers {
  conv(x: tf.Tensor4D, filters: number, size: number, stride?: number): tf.Tensor4D;
  depthwise(x: tf.Tensor4D, stride: number): tf.Tensor4D;
  dense(x: tf.Tensor2D, units: number): tf.Tensor2D;
}

type Forward = (layers: Layers, x: tf.Tensor4D) => tf.Tensor2D;

/**
 * Walks the forward function once on plain shapes to create the weights, then replays it with their values: layers
 * are numbered in order of appearance.
 */
function network(forward: Forward, inputShape: [number, number, number, number]): BenchNetwork {
  const parameters = new Parameters();
  const random = new RandomStream(1, 'bench');
  const add = (name: string, shape: number[], deviation: number, mean = 0): void => {
    const { data } = parameters.add(name, shape);
    for (let i = 0; i < data.length; i++) data[i] = mean + deviation * (random.uniform() * 2 - 1);
  };
  const normalisation = (name: string, channels: number): void => {
    add(`${name}/gamma`, [channels], 0.1, 0.8);
    add(`${name}/beta`, [channels], 0.1);
    add(`${name}/moving_mean`, [channels], 0.1);
    add(`${name}/moving_variance`, [channels], 0.1, 1);
  };
  let scope: ParameterScope | undefined;
  let count = 0;
  let headless = false;
  const frozen = (x: tf.Tensor4D, name: string): tf.Tensor4D => {
    const s = scope!;
    return tf.batchNorm(
      x,
      s(`${name}/moving_mean`) as unknown as tf.Tensor1D,
      s(`${name}/moving_variance`) as unknown as tf.Tensor1D,
      s(`${name}/beta`) as unknown as tf.Tensor1D,
      s(`${name}/gamma`) as unknown as tf.Tensor1D,
      1e-5,
    );
  };
  const layers: Layers = {
    conv: (x, filters, size, stride = 1) => {
      const name = `conv${count++}`;
      const channels = x.shape[3];
      if (!scope) {
        add(`${name}/kernel`, [size, size, channels, filters], Math.sqrt(6 / (size * size * channels)));
        normalisation(name, filters);
        const extent = (n: number): number => Math.ceil(n / stride);
        return { shape: [x.shape[0], extent(x.shape[1]), extent(x.shape[2]), filters] } as tf.Tensor4D;
      }
      const pad = (size - 1) >> 1;
      const filter = scope(`${name}/kernel`) as unknown as tf.Tensor4D;
      return frozen(
        tf.conv2d(
          x,
          filter,
          stride,
          [
            [0, 0],
            [pad, pad],
            [pad, pad],
            [0, 0],
          ],
          'NHWC',
          1,
          'floor',
        ),
        name,
      );
    },
    depthwise: (x, stride) => {
      const name = `depthwise${count++}`;
      const channels = x.shape[3];
      if (!scope) {
        add(`${name}/kernel`, [3, 3, channels, 1], Math.sqrt(6 / 9));
        normalisation(name, channels);
        return { shape: [x.shape[0], x.shape[1] / stride, x.shape[2] / stride, channels] } as tf.Tensor4D;
      }
      const filter = scope(`${name}/kernel`) as unknown as tf.Tensor4D;
      return frozen(
        tf.depthwiseConv2d(
          x,
          filter,
          stride,
          [
            [0, 0],
            [1, 1],
            [1, 1],
            [0, 0],
          ],
          'NHWC',
          1,
          'floor',
        ),
        name,
      );
    },
    dense: (x, units) => {
      if (headless) return x;
      if (!scope) {
        add('head/kernel', [x.shape[1], units], Math.sqrt(6 / (x.shape[1] + units)));
        add('head/bias', [units], 0.01);
        return { shape: [x.shape[0], units] } as tf.Tensor2D;
      }
      return tf.add(tf.matMul(x, scope('head/kernel') as unknown as tf.Tensor2D), scope('head/bias'));
    },
  };
  forward(layers, { shape: inputShape } as tf.Tensor4D);
  const replay = (given: ParameterScope, x: tf.Tensor4D, withoutHead: boolean): tf.Tensor2D => {
    scope = given;
    count = 0;
    headless = withoutHead;
    return forward(layers, x);
  };
  const trainable = parameters.names.filter((name) => name.endsWith('/kernel') || name === 'head/bias');
  return {
    parameters,
    trainable,
    apply: (given, x) => replay(given, x, false),
    features: (given, x) => replay(given, x, true),
  };
}

const isTensor = (x: tf.Tensor): boolean => x instanceof tf.Tensor;
const relu = (x: tf.Tensor4D): tf.Tensor4D => (isTensor(x) ? tf.relu(x) : x);
const relu6 = (x: tf.Tensor4D): tf.Tensor4D => (isTensor(x) ? tf.relu6(x) : x);
const add = (a: tf.Tensor4D, b: tf.Tensor4D): tf.Tensor4D => (isTensor(a) ? tf.add(a, b) : a);
const average = (x: tf.Tensor4D): tf.Tensor2D =>
  isTensor(x) ? tf.mean(x, [1, 2]) : ({ shape: [x.shape[0], x.shape[3]] } as unknown as tf.Tensor2D);
const pool = (x: tf.Tensor4D): tf.Tensor4D =>
  isTensor(x)
    ? tf.maxPool(
        x,
        3,
        2,
        [
          [0, 0],
          [1, 1],
          [1, 1],
          [0, 0],
        ],
        'floor',
      )
    : ({ shape: [x.shape[0], x.shape[1] / 2, x.shape[2] / 2, x.shape[3]] } as unknown as tf.Tensor4D);

/** ResNet-50 as torchvision has it (He et al. 2015, strides in the 3×3 convolutions). */
export function resnet50(inputShape: [number, number, number, number], classes = 1000): BenchNetwork {
  const bottleneck = (
    l: Layers,
    x: tf.Tensor4D,
    width: number,
    stride: number,
    project: boolean,
  ): tf.Tensor4D => {
    let y = relu(l.conv(x, width, 1));
    y = relu(l.conv(y, width, 3, stride));
    y = l.conv(y, width * 4, 1);
    return relu(add(y, project ? l.conv(x, width * 4, 1, stride) : x));
  };
  return network((l, input) => {
    let x = pool(relu(l.conv(input, 64, 7, 2)));
    [3, 4, 6, 3].forEach((blocks, stage) => {
      for (let block = 0; block < blocks; block++) {
        x = bottleneck(l, x, 64 << stage, block === 0 && stage > 0 ? 2 : 1, block === 0);
      }
    });
    return l.dense(average(x), classes);
  }, inputShape);
}

/** MobileNetV2 as torchvision has it (Sandler et al. 2018). */
export function mobilenetV2(inputShape: [number, number, number, number], classes = 1000): BenchNetwork {
  const settings = [
    [1, 16, 1, 1],
    [6, 24, 2, 2],
    [6, 32, 3, 2],
    [6, 64, 4, 2],
    [6, 96, 3, 1],
    [6, 160, 3, 2],
    [6, 320, 1, 1],
  ];
  return network((l, input) => {
    let x = relu6(l.conv(input, 32, 3, 2));
    for (const [expansion, filters, repeats, firstStride] of settings) {
      for (let repeat = 0; repeat < repeats; repeat++) {
        const stride = repeat === 0 ? firstStride : 1;
        const channels = x.shape[3];
        let y = expansion === 1 ? x : relu6(l.conv(x, channels * expansion, 1));
        y = relu6(l.depthwise(y, stride));
        y = l.conv(y, filters, 1);
        x = stride === 1 && channels === filters ? add(x, y) : y;
      }
    }
    return l.dense(average(relu6(l.conv(x, 1280, 1))), classes);
  }, inputShape);
}

const networks = { resnet50, mobilenetV2 };
export const benchModels = Object.keys(networks);

/** A network by its name, for images `[batch, height, width, channels]`. */
export function benchNetwork(
  name: string,
  inputShape: [number, number, number, number],
  classes?: number,
): BenchNetwork {
  if (!(name in networks))
    throw new Error(`Expected one of ${benchModels.join(', ')} as model, found ${name}.`);
  return networks[name as keyof typeof networks](inputShape, classes);
}

/** Softmax cross-entropy of the network, as a program for `compileTrainingStep`. */
export function trainingProgram(
  net: BenchNetwork,
  name: string,
  [batch, size]: [number, number],
  classes = 1000,
): Program {
  return {
    name,
    inputs: { x: { shape: [batch, size, size, 3], dtype: 'float32' }, y: { shape: [batch], dtype: 'int32' } },
    body: ({ x, y }, scope) => {
      const logits = net.apply(scope, x as tf.Tensor4D);
      const likelihood = tf.sum(tf.mul(tf.logSoftmax(logits), tf.oneHot(y as tf.Tensor1D, classes)), -1);
      return { loss: tf.neg(tf.mean(likelihood)) };
    },
  };
}
