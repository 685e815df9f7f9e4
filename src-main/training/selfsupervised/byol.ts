import * as tf from '@tensorflow/tfjs-core';
import { Parameters } from '../../engine/index.ts';
import { addDenseLayers, applyDenseLayers, unitRows } from './heads.ts';
import type { SelfSupervisedMethod } from './method.ts';

const WIDTH = 128;

/**
 * BYOL's loss for one direction (Grill et al. 2020, equation 2): the squared distance of rows of length 1, `2 − 2 · cosine`, averaged over
 * the batch.
 */
export function squaredDistance(predictions: tf.Tensor2D, targets: tf.Tensor2D): tf.Scalar {
  const cosines = tf.sum(tf.mul(unitRows(predictions), unitRows(targets)), 1);
  return tf.sub(2, tf.mul(2, tf.mean(cosines))) as tf.Scalar;
}

/**
 * BYOL: from one view the projection of the other is predicted, as a second network sees it whose weights follow the first's as a running
 * mean. No image has to be unlike another, which suits small batches; the predictor and the following keep it from collapsing.
 */
export const byol: SelfSupervisedMethod = {
  name: 'byol',
  title: 'BYOL (Grill et al. 2020)',
  follows: true,
  heads: (features, { projection, seed }) => {
    const heads = addDenseLayers(new Parameters(), 'projector', [features, projection, WIDTH], seed);
    return addDenseLayers(heads, 'predictor', [WIDTH, projection, WIDTH], seed);
  },
  loss: ({ first, second }, scope, _, followed) => {
    const batch = first.shape[0];
    const projections = applyDenseLayers(tf.concat([first, second], 0), 'projector', 2, scope);
    const predictions = applyDenseLayers(projections, 'predictor', 2, scope);
    const seen = followed!.features;
    const targets = applyDenseLayers(
      tf.concat([seen.second, seen.first], 0),
      'projector',
      2,
      followed!.scope,
    );
    const [one, other] = tf.split(predictions, [batch, batch], 0) as tf.Tensor2D[];
    const [ofOne, ofOther] = tf.split(targets, [batch, batch], 0) as tf.Tensor2D[];
    return {
      loss: tf.add(squaredDistance(one, ofOne), squaredDistance(other, ofOther)) as tf.Scalar,
      projections,
    };
  },
};
