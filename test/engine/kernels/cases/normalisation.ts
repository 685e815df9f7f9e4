import * as tf from '@tensorflow/tfjs-core';
import { type KernelCase, of, type Seed } from '../case.ts';

const positive = (channels: number): Seed => ({ shape: [channels], low: 0.3, high: 2 });

interface Norm {
  mean: tf.Tensor1D;
  variance: tf.Tensor1D;
  gamma: tf.Tensor1D;
  beta: tf.Tensor1D;
}

/** Batch normalisation with fixed statistics, as TF.js's own kernel has it. */
const frozen = (x: tf.Tensor, { mean, variance, gamma, beta }: Norm): tf.Tensor4D =>
  tf.batchNorm(x as tf.Tensor4D, mean, variance, beta, gamma, 1e-3);

/** Batch normalisation with the statistics of the batch, left to autodiff. */
const training = (x: tf.Tensor, gamma: tf.Tensor, beta: tf.Tensor): tf.Tensor4D => {
  const { mean, variance } = tf.moments(x, [0, 1, 2]);
  return tf.batchNorm(
    x as tf.Tensor4D,
    mean as tf.Tensor1D,
    variance as tf.Tensor1D,
    beta as tf.Tensor1D,
    gamma as tf.Tensor1D,
    1e-3,
  );
};

const norm = (channels: number): Record<'mean' | 'variance' | 'gamma' | 'beta', Seed> => ({
  mean: [channels],
  variance: positive(channels),
  gamma: positive(channels),
  beta: [channels],
});
/** A fixed normalisation: the statistics have no gradient. */
const learned = (names: readonly string[]): { gradients: string[] } => ({
  gradients: [...names, 'gamma', 'beta'],
});

const perWidth = [16, 32, 6, 3].flatMap((channels) => [
  of(
    `fixed normalisation of an image, ${channels} channels`,
    { x: [2, 3, 5, channels], ...norm(channels) },
    (t) => frozen(t.x, t),
  ),
  of(
    `fixed normalisation after a convolution, ${channels} channels`,
    { x: [2, 4, 5, 16], filter: [3, 3, 16, channels], ...norm(channels) },
    (t) => tf.relu(frozen(tf.conv2d(t.x as tf.Tensor4D, t.filter, 1, 'same'), t)),
    learned(['x', 'filter']),
  ),
  of(
    `fixed normalisation after a convolution with bias, stride 2, ${channels} channels`,
    { x: [2, 5, 5, 16], filter: [3, 3, 16, channels], bias: [channels], ...norm(channels) },
    (t) => tf.relu(frozen(tf.add(tf.conv2d(t.x as tf.Tensor4D, t.filter, 2, 'same'), t.bias), t)),
    learned(['x', 'filter', 'bias']),
  ),
  of(
    `fixed normalisation after a depthwise convolution, ${channels} channels`,
    { x: [2, 4, 5, channels], filter: [3, 3, channels, 1], ...norm(channels) },
    (t) => tf.relu6(frozen(tf.depthwiseConv2d(t.x as tf.Tensor4D, t.filter, 1, 'same'), t)),
    learned(['x', 'filter']),
  ),
  of(
    `fixed normalisation before a convolution, ${channels} channels`,
    { x: [2, 4, 5, channels], filter: [3, 3, channels, 16], ...norm(channels) },
    (t) => tf.conv2d(tf.relu(frozen(t.x, t)), t.filter, 1, 'same'),
    learned(['x', 'filter']),
  ),
  of(
    `normalisation by the batch after a convolution, ${channels} channels`,
    { x: [3, 4, 5, 16], filter: [1, 1, 16, channels], gamma: positive(channels), beta: [channels] },
    (t) => tf.relu(training(tf.conv2d(t.x as tf.Tensor4D, t.filter, 1, 'same'), t.gamma, t.beta)),
  ),
]);

const others: KernelCase[] = [
  of(
    'a convolution of depth multiplier 2 and its fixed normalisation',
    { x: [2, 4, 5, 8], filter: [3, 3, 8, 2], ...norm(16) },
    (t) => tf.relu(frozen(tf.depthwiseConv2d(t.x as tf.Tensor4D, t.filter, 2, 'same'), t)),
    learned(['x', 'filter']),
  ),
  of(
    'fixed normalisation whose statistics are constants of the program',
    { x: [2, 4, 5, 16], filter: [3, 3, 16, 16], gamma: positive(16), beta: [16] },
    (t) =>
      tf.relu(
        tf.batchNorm(
          tf.conv2d(t.x as tf.Tensor4D, t.filter, 1, 'same'),
          tf.tensor1d(Array.from({ length: 16 }, (_, i) => i / 16)),
          tf.tensor1d(Array.from({ length: 16 }, (_, i) => 0.5 + i / 16)),
          t.beta as tf.Tensor1D,
          t.gamma as tf.Tensor1D,
          1e-5,
        ),
      ),
  ),
  of(
    'fixed normalisation without scale or offset',
    { x: [2, 3, 5, 16], mean: [16], variance: positive(16) },
    (t) => tf.batchNorm(t.x as tf.Tensor4D, t.mean as tf.Tensor1D, t.variance as tf.Tensor1D),
    // TF.js cannot save a scale that is not there.
    { gradients: [] },
  ),
  of('normalisation of rows', { x: [5, 8], gamma: positive(8), beta: [8] }, (t) => {
    const { mean, variance } = tf.moments(t.x, 0);
    return tf.batchNorm(
      t.x as tf.Tensor2D,
      mean as tf.Tensor1D,
      variance as tf.Tensor1D,
      t.beta,
      t.gamma,
      1e-3,
    );
  }),
  of('layer normalisation', { x: [4, 8], gamma: positive(8), beta: [8] }, (t) => {
    const { mean, variance } = tf.moments(t.x, -1, true);
    return tf.add(tf.mul(tf.div(tf.sub(t.x, mean), tf.sqrt(tf.add(variance, 1e-5))), t.gamma), t.beta);
  }),
  ...[16, 5].flatMap((channels) => [
    of(
      `normalisation between an activation and a convolution, as in DenseNet, ${channels} channels`,
      {
        x: [2, 4, 5, 16],
        first: [3, 3, 16, channels],
        scale: positive(channels),
        offset: [channels],
        second: [1, 1, channels, 16],
      },
      (t) => {
        const image = tf.relu(tf.conv2d(t.x as tf.Tensor4D, t.first, 1, 'same'));
        const normalised = tf.add(tf.mul(image, t.scale), t.offset);
        return tf.conv2d(tf.relu(normalised) as tf.Tensor4D, t.second, 1, 'same');
      },
    ),
    of(
      `an image scaled by its channels and another added, ${channels} channels`,
      { x: [2, 4, 5, 16], filter: [3, 3, 16, channels], scale: [channels], other: [2, 4, 5, channels] },
      (t) => {
        const image = tf.relu(tf.conv2d(t.x as tf.Tensor4D, t.filter, 1, 'same'));
        return tf.relu6(tf.add(tf.relu(t.other), tf.mul(t.scale, image)));
      },
    ),
  ]),
  of(
    'two normalisations in a row, both folded',
    { x: [2, 4, 5, 16], filter: [1, 1, 16, 16], a: positive(16), b: positive(16) },
    (t) => tf.relu(tf.mul(tf.mul(tf.conv2d(t.x as tf.Tensor4D, t.filter, 1, 'same'), t.a), t.b)),
  ),
  of('local contrast of each picture', { x: [2, 4, 5, 16] }, (t) => {
    const { mean, variance } = tf.moments(t.x, [1, 2], true);
    return tf.mul(tf.sub(t.x, mean), tf.rsqrt(tf.add(variance, 1e-3)));
  }),
  of(
    'squeeze and excite',
    { x: [2, 4, 5, 32], squeeze: [1, 1, 32, 8], squeezeBias: [8], excite: [1, 1, 8, 32], exciteBias: [32] },
    (t) => {
      const pooled = tf.mean(t.x as tf.Tensor4D, [1, 2], true) as tf.Tensor4D;
      const s = tf.add(tf.conv2d(pooled, t.squeeze, 1, 'same'), t.squeezeBias) as tf.Tensor4D;
      const e = tf.add(tf.conv2d(tf.mul(s, tf.sigmoid(s)), t.excite, 1, 'same'), t.exciteBias);
      return tf.mul(t.x as tf.Tensor4D, tf.sigmoid(e));
    },
  ),
];

export const normalisationCases: KernelCase[] = [...perWidth, ...others];
