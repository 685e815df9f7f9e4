import * as tf from '@tensorflow/tfjs-core';
import { withoutGradient } from './gradients.ts';
import { companionOf, type MakeCompanion } from './method.ts';
import { certaintyWeights, classLogits } from './predictions.ts';

/**
 * Minimum class confusion (Jin et al. 2020, equations 1 to 6): how much the predictions of a batch waver between each two classes, sure images
 * counting for more, each class scaled to a sum of 1; what lies beside the diagonal, divided by the number of classes.
 *
 * @param logits `[images, classes]` of the target, at least two classes
 */
export function minimumClassConfusion(logits: tf.Tensor2D, temperature: number): tf.Scalar {
  const [images, classes] = logits.shape;
  const predictions = tf.softmax(tf.div(logits, temperature) as tf.Tensor2D);
  const weights = tf.reshape(certaintyWeights(withoutGradient(predictions)), [images, 1]);
  const confusion = tf.matMul(tf.mul(predictions, weights) as tf.Tensor2D, predictions, true);
  const scaled = tf.div(confusion, tf.sum(confusion, 1));
  const beside = new Float32Array(classes * classes).fill(1);
  for (let c = 0; c < classes; c++) beside[c * (classes + 1)] = 0;
  return tf.div(tf.sum(tf.mul(scaled, tf.tensor2d(beside, [classes, classes]))), classes) as tf.Scalar;
}

export const mcc: MakeCompanion = (context) =>
  companionOf(context, {
    strength: 0.3,
    schedule: 'ramp',
    loss: ({ unlabelled }, strength) =>
      tf.mul(strength, minimumClassConfusion(classLogits(unlabelled.logits), context.config.temperature)),
  });
