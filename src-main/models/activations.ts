import * as tf from '@tensorflow/tfjs-core';
import type { Activation } from './network.ts';

/** What comes after a layer's sum, element by element (but for softmax, over the last axis). */
export function activate(x: tf.Tensor, settings: Activation): tf.Tensor {
  switch (settings.activation) {
    case 'linear':
      return x;
    case 'relu':
      return tf.relu(x);
    case 'relu6':
      return tf.relu6(x);
    case 'sigmoid':
      return tf.sigmoid(x);
    case 'tanh':
      return tf.tanh(x);
    case 'swish':
      return tf.mul(x, tf.sigmoid(x));
    case 'softmax':
      return tf.softmax(x);
    case 'gelu':
      return tf.mul(tf.mul(x, 0.5), tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1));
    case 'geluTanh': {
      const inner = tf.mul(tf.add(x, tf.mul(tf.mul(tf.square(x), x), 0.044715)), Math.sqrt(2 / Math.PI));
      return tf.mul(tf.mul(x, 0.5), tf.add(tf.tanh(inner), 1));
    }
    case 'mish':
      return tf.mul(x, tf.tanh(tf.softplus(x)));
    case 'selu':
      return tf.selu(x);
    case 'softplus':
      return tf.softplus(x);
    case 'softsign':
      return tf.div(x, tf.add(tf.abs(x), 1));
    case 'leakyRelu':
      return tf.leakyRelu(x, settings.alpha);
    case 'elu':
      return settings.alpha === 1
        ? tf.elu(x)
        : tf.add(tf.relu(x), tf.mul(tf.elu(tf.neg(tf.relu(tf.neg(x)))), settings.alpha));
    case 'hardSigmoid':
      return hardSigmoid(x, settings);
    case 'hardSwish':
      return tf.mul(x, hardSigmoid(x, settings));
  }
}

const hardSigmoid = (x: tf.Tensor, { alpha, beta }: { alpha: number; beta: number }): tf.Tensor =>
  tf.clipByValue(tf.add(tf.mul(x, alpha), beta), 0, 1);
