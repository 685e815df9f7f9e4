import * as tf from '@tensorflow/tfjs-core';
import { Parameters } from '../../engine/index.ts';
import { addDenseLayers, applyDenseLayers, identityMatrix, unitRows } from './heads.ts';
import type { SelfSupervisedMethod } from './method.ts';

/** Taken from the similarity of a view with itself, so that it never counts. */
const NEVER = 1e9;
const WIDTH = 128;

/**
 * The normalised, temperature-scaled cross-entropy of SimCLR (NT-Xent, Chen et al. 2020, equation 1): for each of the `2 · batch` views the
 * other view of its image has to be the most similar by cosine, among all others of the batch.
 *
 * @param first `[batch, width]` @param second the other views of the same images, in the same order
 */
export function normalizedTemperatureCrossEntropy(
  first: tf.Tensor2D,
  second: tf.Tensor2D,
  temperature: number,
): tf.Scalar {
  const views = unitRows(tf.concat([first, second], 0));
  const count = views.shape[0];
  const cosines = tf.matMul(views, views, false, true);
  const others = tf.sub(tf.div(cosines, temperature), tf.mul(identityMatrix(count), NEVER));
  const likelihoods = tf.logSoftmax(others as tf.Tensor2D);
  return tf.div(tf.neg(tf.sum(tf.mul(likelihoods, partners(count)))), count) as tf.Scalar;
}

/** `[count, count]`: 1 where the column is the other view of the row's image. */
function partners(count: number): tf.Tensor2D {
  const values = new Float32Array(count * count);
  for (let i = 0; i < count; i++) values[i * count + ((i + count / 2) % count)] = 1;
  return tf.tensor2d(values, [count, count]);
}

/** SimCLR: views of one image are alike, and unlike those of all other images of the batch. */
export const simclr: SelfSupervisedMethod = {
  name: 'simclr',
  title: 'SimCLR (Chen et al. 2020)',
  follows: false,
  heads: (features, { projection, seed }) =>
    addDenseLayers(new Parameters(), 'projector', [features, projection, WIDTH], seed),
  loss: ({ first, second }, scope, { temperature }) => {
    const batch = first.shape[0];
    const projections = applyDenseLayers(tf.concat([first, second], 0), 'projector', 2, scope);
    const [one, other] = tf.split(projections, [batch, batch], 0) as tf.Tensor2D[];
    return { loss: normalizedTemperatureCrossEntropy(one, other, temperature), projections };
  },
};
