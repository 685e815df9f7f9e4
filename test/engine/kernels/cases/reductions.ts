import * as tf from '@tensorflow/tfjs-core';
import { kernel, type KernelCase, of, type Seed } from '../case.ts';

const reduced = (
  name: string,
  f: (x: tf.Tensor) => tf.Tensor | tf.Tensor[],
  x: Seed = [3, 4, 5],
): KernelCase => of(name, { x }, (t) => f(t.x));

const BLOCKED = [3, 4, 5, 16];
const ODD = [3, 4, 5, 6];
/** An image in the layout that its convolution left it in. */
const convolved = (name: string, f: (x: tf.Tensor4D) => tf.Tensor): KernelCase[] =>
  [BLOCKED, ODD].map((shape) =>
    of(
      `${name} of a convolution with ${shape[3]} channels`,
      { x: shape, filter: [1, 1, shape[3], shape[3]] },
      (t) => f(tf.conv2d(t.x, t.filter, 1, 'same')),
    ),
  );

const OPERATIONS: [string, (x: tf.Tensor, axis?: number | number[], keep?: boolean) => tf.Tensor][] = [
  ['sum', (x, axis, keep) => tf.sum(x, axis, keep)],
  ['mean', (x, axis, keep) => tf.mean(x, axis, keep)],
  ['max', (x, axis, keep) => tf.max(x, axis, keep)],
  ['min', (x, axis, keep) => tf.min(x, axis, keep)],
];

const plain = OPERATIONS.flatMap(([name, f]) => [
  reduced(`${name} of everything`, (x) => f(x)),
  reduced(`${name} over the last axis`, (x) => f(x, -1)),
  reduced(`${name} over the first axis, kept`, (x) => f(x, 0, true)),
  reduced(`${name} over two axes out of order`, (x) => f(x, [2, 0])),
  reduced(`${name} over an axis of extent 1`, (x) => f(x, 1), [3, 1, 4]),
  reduced(`${name} of a scalar`, (x) => f(x), []),
  ...convolved(`${name} over pixels`, (x) => f(x, [1, 2])),
  ...convolved(`${name} over pixels, kept`, (x) => f(x, [1, 2], true)),
  ...convolved(`${name} over pixels and batch`, (x) => f(x, [0, 1, 2])),
  ...convolved(`${name} over channels`, (x) => f(x, 3)),
]);

const others: KernelCase[] = [
  reduced('products', (x) => [tf.prod(x), tf.prod(x, 1), tf.prod(x, [0, 2], true)]),
  reduced('maximum of equals', (x) => tf.max(x, 1), { shape: [2, 3], values: [2, 2, 1, 0, 3, 3] }),
  reduced('variance', (x) => tf.moments(x, [0]).variance),
  reduced('mean and variance of channels', (x) => Object.values(tf.moments(x, [0, 1, 2])), BLOCKED),
  reduced('standardised', (x) => {
    const { mean, variance } = tf.moments(x, 0, true);
    return tf.div(tf.sub(x, mean), tf.sqrt(tf.add(variance, 1e-3)));
  }),
  reduced('logarithm of the sum of exponentials', (x) => tf.logSumExp(x, -1)),
  reduced('logarithm of the sum of exponentials over rows, kept', (x) => tf.logSumExp(x, 0, true)),
  reduced('euclidean norm', (x) => tf.norm(x, 'euclidean', 1)),
  reduced('norms of order 1', (x) => tf.norm(x, 1, 1)),
  reduced('softmax', (x) => tf.softmax(x as tf.Tensor2D), [4, 6]),
  reduced('softmax over the last axis of three', (x) => tf.softmax(x)),
  reduced('log of softmax', (x) => tf.logSoftmax(x as tf.Tensor2D), [4, 6]),
  reduced(
    'the kernel LogSoftmax',
    (x) => kernel('LogSoftmax', { logits: x }, { axis: -1 }, () => tf.logSoftmax(x as tf.Tensor2D)),
    [4, 6],
  ),
  reduced('softmax of large numbers', (x) => [tf.softmax(x), tf.logSoftmax(x)], {
    shape: [2, 4],
    low: -300,
    high: 300,
  }),
  // TF.js's gradient of a cumulative sum is right along the last axis alone: it transposes dy, and not back.
  of(
    'cumulative sums',
    { x: [3, 4, 5] },
    (t) => [tf.cumsum(t.x, 1), tf.cumsum(t.x, 0, false, true), tf.cumsum(t.x, 1, true)],
    { gradients: [] },
  ),
  reduced('cumulative sums along the last axis', (x) => [
    tf.cumsum(x, 2),
    tf.cumsum(x, 2, true),
    tf.cumsum(x, 2, false, true),
    tf.cumsum(x, 2, true, true),
  ]),
  of(
    'cumulative products',
    { x: [3, 4, 5] },
    (t) => [
      tf.cumprod(t.x, 1),
      tf.cumprod(t.x, 0, true),
      tf.cumprod(t.x, 2, false, true),
      tf.cumprod(t.x, 2, true, true),
    ],
    { gradients: [] },
  ),
  of('largest and smallest places', { x: [3, 4, 5] }, (t) => [
    tf.argMax(t.x, 0),
    tf.argMax(t.x, -1),
    tf.argMin(t.x, 1),
  ]),
  of('the first among equals', { x: { shape: [2, 4], values: [1, 3, 3, 0, 2, 2, 2, 2] } }, (t) => [
    tf.argMax(t.x, 1),
    tf.argMin(t.x, 1),
  ]),
  of('any and all', { x: [3, 4] }, (t) => [
    tf.any(tf.greater(t.x, 0.8), 1),
    tf.all(tf.greater(t.x, -0.8), 1),
    tf.any(tf.greater(t.x, 5)),
    tf.all(tf.greater(t.x, -5), 0, true),
  ]),
  of('reductions of integers', { i: { shape: [3, 4], integersBelow: 9 } }, (t) => [
    tf.sum(t.i),
    tf.sum(t.i, 1),
    tf.mean(t.i, 0),
    tf.max(t.i, 1),
    tf.min(t.i, 0),
    tf.prod(t.i, 1),
    tf.argMax(t.i, 1),
    tf.cumsum(t.i, 1),
    tf.sum(tf.greater(t.i, 4), 1),
  ]),
];

export const reductionCases: KernelCase[] = [...plain, ...others];
