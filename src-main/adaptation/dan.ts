import * as tf from '@tensorflow/tfjs-core';
import { withoutGradient } from './gradients.ts';
import { companionOf, type MakeCompanion } from './method.ts';

/**
 * Squared maximum mean discrepancy of both domains’ features under a sum of Gaussian kernels, the unbiased estimate (Gretton et al. 2012; DAN,
 * Long et al. 2015). Kernel `exp(−‖x − y‖² / (2 · bandwidth · m))`, m the mean of all squared distances, through which no gradient flows.
 * Below 0 where the domains are alike.
 *
 * @param source `[images, features]` @param target the same, at least two images of each
 * @param bandwidths factors of m, one for each kernel
 */
export function multiKernelMmd(
  source: tf.Tensor2D,
  target: tf.Tensor2D,
  bandwidths: readonly number[],
): tf.Scalar {
  const [n, m] = [source.shape[0], target.shape[0]];
  const distances = squaredDistances(tf.concat([source, target], 0));
  const typical = tf.maximum(withoutGradient(tf.mean(distances)), 1e-12);
  const kernels = bandwidths.map((factor) => tf.exp(tf.neg(tf.div(distances, tf.mul(typical, 2 * factor)))));
  return tf.sum(tf.mul(tf.addN(kernels), pairWeights(n, m))) as tf.Scalar;
}

function squaredDistances(x: tf.Tensor2D): tf.Tensor2D {
  const squares = tf.sum(tf.square(x), 1, true);
  const products = tf.matMul(x, x, false, true);
  const both = tf.add(squares, tf.transpose(squares));
  // Rounding may leave less than nothing.
  return tf.relu(tf.sub(both, tf.mul(2, products))) as tf.Tensor2D;
}

/** What each pair counts: within a domain 1/(n (n − 1)), an image with itself nothing, across −1/(n m). */
function pairWeights(n: number, m: number): tf.Tensor2D {
  const size = n + m;
  const values = new Float32Array(size * size);
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < size; j++) {
      const own = i < n ? n : m;
      values[i * size + j] = i < n !== j < n ? -1 / (n * m) : i === j ? 0 : 1 / (own * (own - 1));
    }
  }
  return tf.tensor2d(values, [size, size]);
}

export const dan: MakeCompanion = (context) =>
  companionOf(context, {
    strength: 1,
    schedule: 'ramp',
    loss: ({ labelled, unlabelled }, strength) =>
      tf.mul(strength, multiKernelMmd(labelled!.features, unlabelled.features, context.config.bandwidths)),
  });
