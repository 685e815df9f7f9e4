import * as tf from '@tensorflow/tfjs-core';

/** Logits of one class for each column: one sigmoid that two classes share gives the second’s, the first’s being 0. */
export function classLogits(logits: tf.Tensor2D): tf.Tensor2D {
  return logits.shape[1] > 1 ? logits : tf.concat([tf.zerosLike(logits), logits], 1);
}

/** Entropy of each row of probabilities, in nats: `[rows]`. As in the published code, log(p + 1e-5). */
export function entropyOf(probabilities: tf.Tensor2D): tf.Tensor1D {
  const logarithms = tf.log(tf.add(probabilities, 1e-5));
  return tf.neg(tf.sum(tf.mul(probabilities, logarithms), 1)) as tf.Tensor1D;
}

/** `1 + e^(−entropy)` of each row, scaled to a mean of 1 (Long et al. 2018): sure predictions count for more. No gradient flows through it. */
export function certaintyWeights(probabilities: tf.Tensor2D): tf.Tensor1D {
  const weights = tf.add(1, tf.exp(tf.neg(entropyOf(probabilities))));
  return tf.div(weights, tf.mean(weights)) as tf.Tensor1D;
}
