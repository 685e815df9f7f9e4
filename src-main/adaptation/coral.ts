import * as tf from '@tensorflow/tfjs-core';
import { companionOf, type MakeCompanion } from './method.ts';

/**
 * Deep CORAL (Sun and Saenko 2016, equation 1): the squared distance of the covariances of both domains’ features, divided by 4 d².
 *
 * @param source `[images, d]` @param target `[images, d]`, any number of images, at least two of each
 */
export function coralLoss(source: tf.Tensor2D, target: tf.Tensor2D): tf.Scalar {
  const width = source.shape[1];
  const difference = tf.sub(covariance(source), covariance(target));
  return tf.div(tf.sum(tf.square(difference)), 4 * width * width) as tf.Scalar;
}

function covariance(x: tf.Tensor2D): tf.Tensor2D {
  const centred = tf.sub(x, tf.mean(x, 0, true)) as tf.Tensor2D;
  return tf.div(tf.matMul(centred, centred, true), x.shape[0] - 1);
}

export const coral: MakeCompanion = (context) =>
  companionOf(context, {
    strength: 10,
    schedule: 'ramp',
    loss: ({ labelled, unlabelled }, strength) =>
      tf.mul(strength, coralLoss(labelled!.features, unlabelled.features)),
  });
