import * as tf from '@tensorflow/tfjs-core';
import { kernel, type KernelCase, of, type Seed } from '../case.ts';

const shaped = (
  name: string,
  f: (x: tf.Tensor) => tf.Tensor | readonly tf.Tensor[],
  x: Seed = [3, 4, 5],
): KernelCase => of(name, { x }, (t) => f(t.x));

const IMAGES = [
  [2, 5, 4, 32],
  [2, 5, 4, 6],
];
/** The same on an image in the layout that its convolution left it in, blocked or channels first. */
const convolved = (name: string, f: (x: tf.Tensor4D) => tf.Tensor | readonly tf.Tensor[]): KernelCase[] =>
  IMAGES.map((shape) =>
    of(`${name}, ${shape[3]} channels`, { x: shape, filter: [1, 1, shape[3], shape[3]] }, (t) =>
      f(tf.conv2d(t.x, t.filter, 1, 'same')),
    ),
  );

const rearranged: KernelCase[] = [
  shaped('reshape', (x) => tf.reshape(x, [4, -1])),
  shaped('expanded and squeezed', (x) =>
    tf.mul(tf.squeeze(tf.expandDims(x, 1)), tf.squeeze(tf.expandDims(x, -1))),
  ),
  shaped('transposed', (x) => [tf.transpose(x), tf.transpose(x, [1, 0, 2]), tf.transpose(x, [0, 2, 1])]),
  shaped('transposed twice', (x) => tf.transpose(tf.transpose(x, [2, 0, 1]), [0, 2, 1])),
  shaped('transposed over axes of extent 1', (x) => tf.transpose(x, [1, 0, 3, 2]), [3, 1, 4, 1]),
  ...convolved('an image transposed', (x) => tf.transpose(x, [0, 3, 1, 2])),
  ...convolved('an image reshaped', (x) => tf.reshape(x, [2, 20, -1])),
  shaped(
    'the kernel BroadcastTo',
    (x) =>
      kernel('BroadcastTo', { x }, { shape: [2, 3, 4], inputShape: [2, 3, 1] }, () =>
        tf.broadcastTo(x, [2, 3, 4]),
      ),
    [2, 3, 1],
  ),
  shaped('broadcast', (x) => tf.broadcastTo(x, [2, 3, 4]), [3, 1]),
  of('a broadcast added to an image', { x: [2, 1, 1, 16], image: [2, 3, 4, 16] }, (t) =>
    tf.add(tf.square(tf.broadcastTo(t.x, [2, 3, 4, 16])), t.image),
  ),
  shaped('tiled', (x) => tf.tile(x, [2, 3]), [2, 3]),
  shaped('tiled, with axes of extent 1', (x) => tf.tile(x, [2, 3, 1, 2]), [1, 2, 3, 1]),
  shaped('filled and added', (x) => tf.add(x, tf.fill([3, 4, 5], 0.25))),
  shaped('reversed', (x) => [tf.reverse(x, 0), tf.reverse(x, [1, 2]), tf.reverse(x)]),
  ...convolved('an image flipped', (x) => tf.reverse(x, 2)),
];

const made: KernelCase[] = [
  shaped(
    'times ranges',
    (x) => tf.addN([tf.mul(x, tf.range(0, 4)), tf.mul(x, tf.range(5, 1)), tf.mul(x, tf.range(1, 2, 0.25))]),
    [3, 4],
  ),
  of('a range of integers looked up', { i: { shape: [5], integersBelow: 9 } }, (t) =>
    tf.gather(t.i, tf.range(4, 0, -2, 'int32')),
  ),
  shaped('times the identity', (x) => tf.matMul(x as tf.Tensor2D, tf.eye(4)), [3, 4]),
  shaped(
    'pairs above the diagonal',
    (x) => {
      const places = tf.range(0, 4);
      return tf.mul(x, tf.cast(tf.less(tf.reshape(places, [4, 1]), places), 'float32'));
    },
    [4, 4],
  ),
];

const joined: KernelCase[] = [
  of('concatenation', { a: [2, 3], b: [4, 3], c: [1, 3] }, (t) => tf.concat([t.a, t.b, t.c], 0)),
  of('concatenation along the last axis', { a: [2, 3], b: [2, 1] }, (t) => tf.concat([t.a, t.b], -1)),
  of('concatenation with itself', { a: [2, 3] }, (t) => tf.concat([t.a, t.a], 1)),
  of('concatenation of integers', { a: { shape: [2], integersBelow: 5 } }, (t) =>
    tf.concat([t.a, tf.neg(t.a)]),
  ),
  ...[
    [16, 32],
    [16, 8],
    [3, 5],
  ].flatMap(([from, to]) => [
    of(`concatenation of ${from} and ${to} channels`, { a: [2, 3, 4, from], b: [2, 3, 4, to] }, (t) =>
      tf.concat([t.a, t.b], 3),
    ),
    of(
      `concatenation of convolutions with ${from} and ${to} channels`,
      { x: [2, 3, 4, 16], a: [1, 1, 16, from], b: [3, 3, 16, to] },
      (t) => tf.concat([tf.relu(tf.conv2d(t.x, t.a, 1, 'same')), tf.conv2d(t.x, t.b, 1, 'same')], 3),
    ),
  ]),
  ...[0, 1, 2].map((axis) =>
    of(`concatenation of convolutions along axis ${axis}`, { x: [2, 3, 4, 16], f: [1, 1, 16, 16] }, (t) =>
      tf.concat([tf.conv2d(t.x, t.f, 1, 'same'), t.x as tf.Tensor4D], axis),
    ),
  ),
  of('stacked', { a: [2, 3], b: [2, 3] }, (t) => [
    tf.stack([t.a, t.b]),
    tf.stack([t.a, t.b], 1),
    tf.stack([t.b, t.a], -1),
  ]),
  shaped('unstacked', (x) => tf.unstack(x, 1)),
  shaped('unstacked, some of it used', (x) => tf.mul(tf.unstack(x, 0)[1], tf.unstack(x, 0)[2])),
  shaped('split evenly', (x) => tf.split(x, 2, 1)),
  shaped('split by sizes', (x) => tf.split(x, [1, 3, 1], 2)),
  shaped('split by sizes, one of them free', (x) => tf.split(x, [1, -1], 2).slice(1)),
  ...convolved('an image split along channels', (x) => tf.split(x, 2, 3)),
];

const parts: KernelCase[] = [
  shaped('slice', (x) => tf.slice(x, [1, 0, 2], [2, -1, 2])),
  shaped('slice of the first axis', (x) => tf.slice(x, 1, 2)),
  ...convolved('crop', (x) => tf.slice(x, [0, 1, 2, 0], [-1, 3, 2, -1])),
  ...convolved('slice along channels at a block', (x) =>
    tf.slice(x, [0, 0, 0, x.shape[3] / 2], [-1, -1, -1, -1]),
  ),
  ...convolved('slice along channels within a block', (x) => tf.slice(x, [0, 0, 0, 2], [-1, -1, -1, 3])),
  ...convolved('slice along the batch', (x) => tf.slice(x, [1, 0, 0, 0], [1, -1, -1, -1])),
  shaped('strided slices', (x) => [
    tf.stridedSlice(x, [0, 0, 0], [3, 4, 5], [2, 1, 3]),
    tf.stridedSlice(x, [2, 3, 4], [0, 0, 1], [-1, -2, -1]),
    tf.stridedSlice(x, [-2, 0, 0], [3, -1, 5], [1, 1, 2]),
    tf.stridedSlice(x, [0, 0, 0], [0, 0, 0], [1, -1, 1], 7, 7),
    tf.stridedSlice(x, [1, 0, 2], [2, 4, 3], [1, 1, 1], 0, 0, 0, 0, 5),
  ]),
  shaped('a strided slice with a new axis', (x) =>
    tf.stridedSlice(x, [0, 0, 0], [3, 1, 5], [1, 1, 2], 0, 0, 0, 2),
  ),
].map((kernelCase) => (kernelCase.name.includes('strided') ? { ...kernelCase, gradients: [] } : kernelCase));

const padded: KernelCase[] = [
  shaped(
    'padded',
    (x) =>
      tf.pad(
        x,
        [
          [1, 0],
          [0, 2],
        ],
        0.5,
      ),
    [2, 3],
  ),
  shaped(
    'padded with infinities of either sign',
    (x) => [tf.minimum(tf.pad(x, [[1, 1]], Infinity), 3), tf.maximum(tf.pad(x, [[1, 1]], -Infinity), -3)],
    [4],
  ),
  of('padded integers', { i: { shape: [3], integersBelow: 5 } }, (t) => tf.pad(t.i, [[1, 2]], 7)),
  ...convolved('an image padded', (x) =>
    tf.pad(x, [
      [0, 0],
      [1, 2],
      [0, 3],
      [0, 0],
    ]),
  ),
  ...convolved('an image padded with ones', (x) =>
    tf.pad(
      x,
      [
        [0, 0],
        [1, 2],
        [0, 3],
        [0, 0],
      ],
      1,
    ),
  ),
  ...convolved('an image padded along channels and batch', (x) =>
    tf.pad(x, [
      [1, 0],
      [0, 0],
      [0, 0],
      [2, 14],
    ]),
  ),
  ...(['reflect', 'symmetric'] as const).map((mode) =>
    shaped(
      `padded by mirrors, ${mode}`,
      (x) =>
        tf.mirrorPad(
          x,
          [
            [2, 1],
            [1, 2],
          ],
          mode,
        ),
      [3, 4],
    ),
  ),
];

export const shapeCases: KernelCase[] = [...rearranged, ...made, ...joined, ...parts, ...padded];
