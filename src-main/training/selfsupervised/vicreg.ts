import * as tf from '@tensorflow/tfjs-core';
import { Parameters } from '../../engine/index.ts';
import { addDenseLayers, applyDenseLayers, identityMatrix } from './heads.ts';
import type { SelfSupervisedMethod } from './method.ts';

/** The paper's weights of its three terms, and the epsilon under the root. */
const INVARIANCE = 25;
const VARIANCE = 25;
const COVARIANCE = 1;
const EPSILON = 1e-4;

/**
 * VICReg (Bardes, Ponce and LeCun 2022): projections of two views are equal (mean squared difference), each of their numbers keeps a
 * standard deviation of 1 over the batch (hinge), and no two of them say the same (covariances, squared).
 *
 * @param first `[batch, width]` @param second the other views of the same images, in the same order
 */
export function varianceInvarianceCovariance(first: tf.Tensor2D, second: tf.Tensor2D): tf.Scalar {
  const invariance = tf.mean(tf.square(tf.sub(first, second)));
  const one = spreadOf(first);
  const other = spreadOf(second);
  const variance = tf.div(tf.add(one.variance, other.variance), 2);
  const covariance = tf.add(one.covariance, other.covariance);
  return tf.add(
    tf.add(tf.mul(invariance, INVARIANCE), tf.mul(variance, VARIANCE)),
    tf.mul(covariance, COVARIANCE),
  ) as tf.Scalar;
}

function spreadOf(x: tf.Tensor2D): { variance: tf.Tensor; covariance: tf.Tensor } {
  const [batch, width] = x.shape;
  const centred = tf.sub(x, tf.mean(x, 0, true)) as tf.Tensor2D;
  const variances = tf.div(tf.sum(tf.square(centred), 0), batch - 1);
  const deviations = tf.sqrt(tf.add(variances, EPSILON));
  const covariances = tf.div(tf.matMul(centred, centred, true, false), batch - 1);
  const others = tf.mul(covariances, tf.sub(1, identityMatrix(width)));
  return {
    variance: tf.mean(tf.relu(tf.sub(1, deviations))),
    covariance: tf.div(tf.sum(tf.square(others)), width),
  };
}

/** VICReg: needs neither other images to be unlike nor a second network, and so works with small batches. */
export const vicreg: SelfSupervisedMethod = {
  name: 'vicreg',
  title: 'VICReg (Bardes et al. 2022)',
  follows: false,
  heads: (features, { projection, seed }) =>
    addDenseLayers(new Parameters(), 'projector', [features, projection, projection, projection], seed),
  loss: ({ first, second }, scope) => {
    const batch = first.shape[0];
    const projections = applyDenseLayers(tf.concat([first, second], 0), 'projector', 3, scope);
    const [one, other] = tf.split(projections, [batch, batch], 0) as tf.Tensor2D[];
    return { loss: varianceInvarianceCovariance(one, other), projections };
  },
};
