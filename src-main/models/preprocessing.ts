import * as tf from '@tensorflow/tfjs-core';
import { GraftError } from '../contract/errors.ts';

/**
 * How images in [0, 1] become what a network was trained on: `x · scale + offset` per channel. A grey image is
 * shown to a network for colour on all of its channels.
 */
export interface Preprocessing {
  scale: number[];
  offset: number[];
  /** `bgr`: blue comes first, before the rest is done. Default: red. */
  channelOrder?: 'rgb' | 'bgr';
}

/** Zero mean and unit deviation, given those of the training images. */
export const standardize = (mean: readonly number[], deviation: readonly number[]): Preprocessing => ({
  scale: deviation.map((value) => 1 / value),
  offset: mean.map((value, channel) => -value / deviation[channel]),
});

/** [−1, 1], as Keras's `mode="tf"`. */
export const MINUS_ONE_TO_ONE: Preprocessing = { scale: [2], offset: [-1] };

/** As Keras's `mode="caffe"`: 0 … 255 with blue first, less the mean of ImageNet, not scaled. */
export const CAFFE: Preprocessing = {
  scale: [255],
  offset: [-103.939, -116.779, -123.68],
  channelOrder: 'bgr',
};

/**
 * Prepares a batch for a network that wants `channels`.
 *
 * @param x `[batch, height, width, 1 or channels]` in [0, 1]
 * @throws GraftError `channels-mismatch`
 */
export function preprocess(x: tf.Tensor4D, channels: number, preprocessing: Preprocessing): tf.Tensor4D {
  const found = x.shape[3];
  if (found !== channels && found !== 1) {
    throw new GraftError(
      'channels-mismatch',
      `Expected images of ${channels} or 1 channels for this network, found ${found}. Prepare the dataset again with ${channels} channels.`,
    );
  }
  const vector = (values: number[]): tf.Tensor =>
    values.length === 1 ? tf.scalar(values[0]) : tf.tensor1d(values);
  const { scale, offset, channelOrder = 'rgb' } = preprocessing;
  const wide =
    found === channels ? x : tf.concat(Array.from({ length: channels }, () => x) as tf.Tensor4D[], 3);
  const ordered = channelOrder === 'bgr' ? tf.reverse(wide, 3) : wide;
  return tf.add(tf.mul(ordered, vector(scale)), vector(offset));
}
