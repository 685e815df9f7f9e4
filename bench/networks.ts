import * as tf from '@tensorflow/tfjs-core';
import type { Parameters, ParameterScope, Program } from '../src-main/engine/index.ts';
import {
  applyNetwork,
  countOperations,
  initialiseParameters,
  modelCard,
  parameterSpecs,
  POOL_STAGE,
} from '../src-main/models/index.ts';

/** A network for the benches: the library's, as torchvision builds it, random weights, frozen BatchNorm. */
export interface BenchNetwork {
  parameters: Parameters;
  /** Convolutions and the head: what learns when BatchNorm is frozen. */
  trainable: string[];
  /** Multiply–accumulate operations of one image. */
  multiplyAdds: number;
  /** Features that the head sees of one image. */
  width: number;
  apply(scope: ParameterScope, x: tf.Tensor4D): tf.Tensor2D;
  /** What the head sees. */
  features(scope: ParameterScope, x: tf.Tensor4D): tf.Tensor2D;
}

/** By torchvision's names, which are the library's. */
export const benchModels = [
  'resnet50',
  'mobilenet_v2',
  'resnet18',
  'densenet121',
  'efficientnet_b0',
  'inception_v3',
  'vgg16',
  'vgg19',
] as const;

/** Side of the images that a network is made for. */
export const sizeFor = (name: string): number => modelCard(name).inputSize;

/**
 * A network by its name, for images `[batch, height, width, channels]`.
 *
 * @throws GraftError `model-unknown`
 */
export function benchNetwork(
  name: string,
  [, height, width, channels]: readonly [number, number, number, number],
  classes = 1000,
): BenchNetwork {
  const network = modelCard(name).architecture([height, width, channels], classes, 'torchvision');
  const parameters = initialiseParameters(network, 1);
  const normalised = new Set(
    network.layers.filter(({ kind }) => kind === 'batchNormalization').map((layer) => layer.name),
  );
  const specs = parameterSpecs(network);
  // BatchNorm of an untrained network does nothing; what is folded into the filters should be something.
  for (const spec of specs)
    if (normalised.has(spec.layer)) {
      const { data } = parameters.get(spec.name);
      data.forEach((value, at) => (data[at] = value + 0.1 * Math.sin(at + 1)));
    }
  return {
    parameters,
    trainable: specs.filter(({ layer }) => !normalised.has(layer)).map((spec) => spec.name),
    multiplyAdds: countOperations(network),
    width: specs.findLast(({ weight }) => weight === 'kernel')!.shape[0],
    apply: (scope, x) => applyNetwork(network, scope, x) as tf.Tensor2D,
    features: (scope, x) => applyNetwork(network, scope, x, { to: POOL_STAGE }) as tf.Tensor2D,
  };
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
