import * as tf from '@tensorflow/tfjs-core';

/**
 * Batch normalisation on the statistics of the batch (Ioffe and Szegedy 2015), over all axes but the last, with
 * its gradient written by hand: two reductions and one affine pass, where autodiff of the formula makes a dozen.
 * `mean` and `variance` are the batch's own (biased), no gradient flows through them from elsewhere.
 *
 * @param x `[batch, height, width, channels]`
 */
export function normalizeBatch(
  x: tf.Tensor4D,
  gamma: tf.Tensor1D,
  beta: tf.Tensor1D,
  epsilon: number,
): { y: tf.Tensor4D; mean: tf.Tensor1D; variance: tf.Tensor1D } {
  const axes = [0, 1, 2];
  const count = x.shape[0] * x.shape[1] * x.shape[2];
  const mean = tf.mean<tf.Tensor1D>(x, axes);
  const variance = tf.mean<tf.Tensor1D>(tf.square(tf.sub(x, mean)), axes);
  const inverse = tf.rsqrt(tf.add(variance, epsilon));
  const operation = tf.customGrad((...inputs) => {
    const [image, scale, offset] = inputs as tf.Tensor[];
    const save = inputs[3] as unknown as tf.GradSaveFunc;
    const factor = tf.mul(scale, inverse);
    // What only the closure holds is gone by the time of the backward pass.
    save([image, scale, mean, inverse]);
    return {
      value: tf.add(tf.mul(image, factor), tf.sub(offset, tf.mul(mean, factor))),
      gradFunc: (dy, saved) => {
        const [input, gain, centre, rsqrt] = saved as tf.Tensor[];
        const slope = tf.mul(gain, rsqrt);
        const offsetGradient = tf.sum(dy, axes);
        const scaleGradient = tf.mul(tf.sum(tf.mul(dy, tf.sub(input, centre)), axes), rsqrt);
        // dx = slope · (dy − mean(dy) − x̂ · mean(dy · x̂)), gathered by what multiplies dy and x.
        const ofX = tf.mul(tf.neg(tf.mul(slope, rsqrt)), tf.div(scaleGradient, count));
        const constant = tf.neg(tf.add(tf.mul(slope, tf.div(offsetGradient, count)), tf.mul(centre, ofX)));
        const xGradient = tf.add(tf.add(tf.mul(dy, slope), tf.mul(input, ofX)), constant);
        return [xGradient, scaleGradient, offsetGradient];
      },
    };
  });
  return { y: operation(x, gamma, beta) as tf.Tensor4D, mean, variance };
}
