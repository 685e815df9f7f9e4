import * as tf from '@tensorflow/tfjs-core';
import { type KernelCase, of } from '../case.ts';
import type { Padding } from './convolutions.ts';

type Pair = [number, number];

interface Geometry {
  size: Pair;
  image?: [number, number, number];
  channels?: number;
  multiplier?: number;
  strides?: Pair;
  padding?: Padding;
  dilations?: Pair;
}

const UNEVEN: Padding = [
  [0, 0],
  [1, 2],
  [0, 1],
  [0, 0],
];

function depthwise({
  size,
  image = [2, 7, 5],
  channels = 16,
  multiplier = 1,
  strides = [1, 1],
  padding = 'same',
  dilations = [1, 1],
}: Geometry): KernelCase {
  const dilated = dilations[0] > 1 || dilations[1] > 1;
  const name =
    `depthwise ${size.join('×')}, ${channels} channels ×${multiplier}, ${image.join('×')}, ` +
    `strides ${strides.join(' and ')}, padded ${JSON.stringify(padding)}` +
    (dilated ? `, dilated ${dilations.join(' and ')}` : '');
  return of(
    name,
    { x: [...image, channels], filter: [...size, channels, multiplier] },
    (t) => tf.depthwiseConv2d(t.x as tf.Tensor4D, t.filter, strides, padding, 'NHWC', dilations),
    dilated ? { gradients: [] } : {},
  );
}

const SIZES: Pair[] = [
  [1, 1],
  [3, 3],
  [5, 5],
  [3, 2],
];
const geometries = SIZES.flatMap((size) =>
  [1, 2, 3].flatMap((stride) =>
    (['same', 'valid'] as const).map((padding) =>
      depthwise({ size, strides: [stride, stride], padding, image: [2, 9, 11] }),
    ),
  ),
);

const widths = [1, 3, 8, 16, 24, 32, 48].flatMap((channels) =>
  [1, 2].flatMap((multiplier) => [
    depthwise({ size: [3, 3], channels, multiplier, image: [1, 6, 5] }),
    depthwise({ size: [3, 3], channels, multiplier, image: [3, 7, 6], strides: [2, 2] }),
  ]),
);

const others: KernelCase[] = [
  depthwise({ size: [5, 5], strides: [2, 2], image: [2, 8, 8] }),
  depthwise({ size: [5, 5], strides: [2, 2], image: [1, 7, 7], channels: 48 }),
  depthwise({ size: [3, 3], padding: 1 }),
  depthwise({ size: [3, 3], padding: UNEVEN }),
  depthwise({ size: [3, 3], padding: UNEVEN, strides: [2, 2] }),
  depthwise({ size: [3, 3], padding: UNEVEN, strides: [2, 2], channels: 6 }),
  depthwise({
    size: [3, 3],
    strides: [2, 2],
    padding: [
      [0, 0],
      [3, 3],
      [4, 0],
      [0, 0],
    ],
  }),
  depthwise({ size: [3, 3], image: [3, 1, 1] }),
  depthwise({ size: [3, 3], dilations: [2, 2] }),
  depthwise({ size: [3, 3], dilations: [2, 2], channels: 6, multiplier: 2, padding: 'valid' }),
  // More padding than the filter reaches: nothing of the image is seen.
  depthwise({
    size: [3, 2],
    strides: [3, 2],
    image: [3, 5, 1],
    padding: [
      [0, 0],
      [1, 0],
      [2, 0],
      [0, 0],
    ],
  }),
  of('depthwise of a padded image', { x: [2, 7, 6, 16], filter: [3, 3, 16, 1] }, (t) =>
    tf.depthwiseConv2d(
      tf.pad(t.x as tf.Tensor4D, [
        [0, 0],
        [0, 1],
        [0, 1],
        [0, 0],
      ]),
      t.filter,
      2,
      'valid',
    ),
  ),
  of('separable convolution', { x: [2, 5, 6, 16], filter: [3, 3, 16, 1], pointwise: [1, 1, 16, 32] }, (t) =>
    tf.separableConv2d(t.x as tf.Tensor4D, t.filter, t.pointwise, 1, 'same'),
  ),
  ...[16, 6].flatMap((channels) => [
    of(
      `depthwise with bias and relu6, ${channels} channels`,
      { x: [2, 5, 6, channels], filter: [3, 3, channels, 1], bias: [channels] },
      (t) => tf.relu6(tf.add(tf.depthwiseConv2d(t.x as tf.Tensor4D, t.filter, 1, 'same'), t.bias)),
    ),
    of(
      `depthwise scaled per channel, ${channels} channels`,
      { x: [2, 5, 6, channels], filter: [3, 3, channels, 2], scale: [channels * 2] },
      (t) => tf.mul(tf.depthwiseConv2d(t.x as tf.Tensor4D, t.filter, 2, 'same'), t.scale),
    ),
    ...([undefined, 'relu6'] as const).map((activation) =>
      of(
        `TF.js’s fused depthwise convolution with ${activation ?? 'nothing'}, ${channels} channels`,
        { x: [2, 5, 6, channels], filter: [3, 3, channels, 1], bias: [channels] },
        (t) =>
          tf.fused.depthwiseConv2d({
            x: t.x as tf.Tensor4D,
            filter: t.filter,
            strides: 1,
            pad: 'same',
            bias: t.bias,
            ...(activation ? { activation } : {}),
          }),
      ),
    ),
  ]),
];

export const depthwiseCases: KernelCase[] = [...geometries, ...widths, ...others];
