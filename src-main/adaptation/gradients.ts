import * as tf from '@tensorflow/tfjs-core';

/** The tensor as a constant: no gradient flows back through it. */
export function withoutGradient<T extends tf.Tensor>(x: T): T {
  return tf.customGrad((value) => {
    const input = value as tf.Tensor;
    return { value: tf.add(input, 0), gradFunc: () => tf.zeros(input.shape) };
  })(x) as T;
}

/**
 * Gradient reversal (Ganin et al. 2016, section 4.2): the tensor itself, while what flows back through it is multiplied by `−factor`.
 *
 * @param factor a scalar
 */
export function reverseGradient<T extends tf.Tensor>(x: T, factor: tf.Scalar): T {
  return tf.customGrad((value, by, save) => {
    const [input, scale] = [value as tf.Tensor, by as tf.Tensor];
    (save as tf.GradSaveFunc)([scale]);
    return {
      value: tf.add(input, 0),
      gradFunc: (dy: tf.Tensor, [saved]: tf.Tensor[]) => [
        tf.neg(tf.mul(dy, saved)),
        // Nobody learns the factor.
        tf.zeros([]),
      ],
    };
  })(x, factor) as T;
}
