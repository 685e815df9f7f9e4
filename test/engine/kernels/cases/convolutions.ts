import * as tf from '@tensorflow/tfjs-core';
import { type KernelCase, of } from '../case.ts';

type Pair = [number, number];
export type Padding = 'same' | 'valid' | number | [Pair, Pair, Pair, Pair];

interface Geometry {
  size: Pair;
  /** Batch and extents of the image; default 2 × 7 × 5. */
  image?: [number, number, number];
  channels?: Pair;
  strides?: Pair;
  padding?: Padding;
  dilations?: Pair;
}

/** Top 1, bottom 2, left 0, right 1. */
const UNEVEN: Padding = [
  [0, 0],
  [1, 2],
  [0, 1],
  [0, 0],
];
const describePadding = (padding: Padding): string =>
  typeof padding === 'object' ? `padded ${padding[1]}, ${padding[2]}` : `padded ${padding}`;

function convolution({
  size,
  image = [2, 7, 5],
  channels = [16, 32],
  strides = [1, 1],
  padding = 'same',
  dilations = [1, 1],
}: Geometry): KernelCase {
  const [from, to] = channels;
  const dilated = dilations[0] > 1 || dilations[1] > 1;
  const name =
    `${size.join('×')} from ${from} to ${to} channels, ${image.join('×')}, strides ${strides.join(' and ')}, ` +
    describePadding(padding) +
    (dilated ? `, dilated ${dilations.join(' and ')}` : '');
  return of(
    name,
    { x: [...image, from], filter: [...size, from, to] },
    (t) => tf.conv2d(t.x, t.filter, strides, padding, 'NHWC', dilations),
    // TF.js refuses to differentiate a dilated convolution.
    dilated ? { gradients: [] } : {},
  );
}

const SIZES: Pair[] = [
  [1, 1],
  [3, 3],
  [5, 5],
  [1, 7],
  [7, 1],
  [2, 3],
];
const STRIDES: Pair[] = [
  [1, 1],
  [2, 2],
  [3, 3],
  [2, 1],
];

const geometries: KernelCase[] = SIZES.flatMap((size) =>
  STRIDES.flatMap((strides) =>
    (['same', 'valid'] as const)
      .filter((padding) => padding === 'same' || Math.max(...size) < 7)
      .map((padding) => convolution({ size, strides, padding, image: [2, 9, 11] })),
  ),
);

const paddings: KernelCase[] = [
  ...[1, 2].flatMap((stride) => [
    convolution({ size: [3, 3], strides: [stride, stride], padding: 1 }),
    convolution({ size: [3, 3], strides: [stride, stride], padding: UNEVEN }),
    convolution({ size: [3, 3], strides: [stride, stride], padding: UNEVEN, channels: [16, 24] }),
    convolution({ size: [3, 3], strides: [stride, stride], image: [2, 8, 8] }),
  ]),
  // More padding than the filter reaches: some of what comes out sees nothing.
  convolution({
    size: [3, 3],
    padding: [
      [0, 0],
      [4, 0],
      [0, 4],
      [0, 0],
    ],
  }),
  convolution({
    size: [3, 3],
    padding: [
      [0, 0],
      [4, 3],
      [0, 4],
      [0, 0],
    ],
    strides: [2, 2],
  }),
  convolution({ size: [1, 1], padding: UNEVEN }),
  convolution({ size: [1, 1], padding: UNEVEN, strides: [2, 2] }),
  convolution({
    size: [7, 7],
    strides: [2, 2],
    padding: [
      [0, 0],
      [3, 3],
      [3, 3],
      [0, 0],
    ],
    channels: [3, 16],
    image: [2, 12, 14],
  }),
  convolution({ size: [7, 7], strides: [2, 2], channels: [3, 16], image: [1, 13, 11] }),
  // The filter covers the whole image.
  convolution({ size: [7, 5], padding: 'valid' }),
  convolution({ size: [1, 1], image: [3, 1, 1] }),
  convolution({ size: [3, 3], image: [3, 1, 1] }),
  convolution({ size: [3, 3], image: [2, 4, 4], strides: [2, 2], channels: [32, 16] }),
];

const CHANNELS: Pair[] = [
  [1, 16],
  [3, 16],
  [3, 24],
  [8, 8],
  [16, 16],
  [16, 1],
  [16, 24],
  [24, 16],
  [32, 48],
  [48, 16],
  [1, 1],
  [5, 3],
];
const widths: KernelCase[] = CHANNELS.flatMap((channels) => [
  convolution({ size: [1, 1], channels, image: [3, 5, 4] }),
  convolution({ size: [1, 1], channels, image: [2, 5, 4], strides: [2, 2] }),
  convolution({ size: [3, 3], channels, image: [1, 7, 5] }),
  convolution({ size: [3, 3], channels, image: [3, 6, 5], strides: [2, 2] }),
]);

/** Whole blocks of pixels in one image, or only in several together. */
const pixels: KernelCase[] = (
  [
    [1, 4, 4],
    [2, 4, 4],
    [4, 2, 2],
    [2, 2, 4],
    [8, 1, 2],
    [3, 4, 8],
  ] as [number, number, number][]
).flatMap((image) => [
  convolution({ size: [1, 1], channels: [16, 32], image }),
  convolution({ size: [1, 1], channels: [32, 16], image }),
  convolution({ size: [1, 1], channels: [8, 16], image }),
  convolution({ size: [1, 1], channels: [32, 8], image }),
  convolution({ size: [3, 3], channels: [16, 16], image }),
]);

const dilated: KernelCase[] = [
  convolution({ size: [3, 3], dilations: [2, 2] }),
  convolution({ size: [3, 3], dilations: [2, 2], padding: 'valid', channels: [8, 3] }),
  convolution({ size: [3, 2], dilations: [2, 3], padding: UNEVEN }),
];

/** Large batches of large maps, whose filters' gradients are summed over parts of the batch. */
const inParts: KernelCase[] = (
  [
    { size: [3, 3], image: [4, 8, 8], channels: [16, 32] },
    { size: [3, 3], image: [6, 7, 5], channels: [3, 5] },
    { size: [5, 5], image: [4, 8, 8], channels: [16, 16], strides: [2, 2] },
    { size: [3, 3], image: [3, 8, 8], channels: [16, 16] },
  ] satisfies Geometry[]
).map((geometry) => {
  const whole = convolution(geometry);
  return { ...whole, name: `${whole.name}, in parts` };
});

const square = (filter: number[]): { x: number[]; filter: number[]; bias: number[] } => ({
  x: [2, 5, 6, filter[2]],
  filter,
  bias: [filter[3]],
});

/** What a convolution is joined with in one pass, by ONNX Runtime or by TF.js's own fused kernel. */
const fused: KernelCase[] = [16, 24].flatMap((to) => [
  of(`convolution with bias and relu, ${to} channels`, square([3, 3, 16, to]), (t) =>
    tf.relu(tf.add(tf.conv2d(t.x, t.filter, 1, 'same'), t.bias)),
  ),
  of(`convolution with bias and relu6, ${to} channels`, square([3, 3, 16, to]), (t) =>
    tf.relu6(tf.add(tf.mul(tf.conv2d(t.x, t.filter, 2, 'same'), 3), t.bias)),
  ),
  of(`convolution with swish, ${to} channels`, square([3, 3, 16, to]), (t) => {
    const y = tf.add(tf.conv2d(t.x, t.filter, 1, 'same'), t.bias);
    return tf.mul(y, tf.sigmoid(y));
  }),
  of(`residual sum, ${to} channels`, { ...square([3, 3, 16, to]), other: [2, 5, 6, to] }, (t) =>
    tf.relu(tf.add(tf.add(tf.conv2d(t.x, t.filter, 1, 'same'), t.bias), t.other)),
  ),
  of(
    `sum of two convolutions, ${to} channels`,
    { x: [2, 5, 6, 16], filter: [3, 3, 16, to], second: [1, 1, 16, to] },
    (t) => tf.relu(tf.add(tf.conv2d(t.x, t.filter, 1, 'same'), tf.conv2d(t.x, t.second, 1, 'same'))),
  ),
  of(`a convolution added to itself, ${to} channels`, { x: [2, 5, 6, 16], filter: [3, 3, 16, to] }, (t) => {
    const y = tf.conv2d(t.x, t.filter, 1, 'same');
    return tf.add(y, y);
  }),
  of(`a sum before the bias, ${to} channels`, { ...square([1, 1, 16, to]), other: [2, 5, 6, to] }, (t) =>
    tf.clipByValue(tf.add(tf.add(t.other, tf.conv2d(t.x, t.filter, 1, 'same')), t.bias), -1, 1),
  ),
  of(`a convolution used before and after its activation, ${to} channels`, square([3, 3, 16, to]), (t) => {
    const y = tf.add(tf.conv2d(t.x, t.filter, 1, 'same'), t.bias);
    return [y, tf.relu(y)];
  }),
  ...([undefined, 'relu', 'relu6', 'elu', 'sigmoid'] as const).map((activation) =>
    of(
      `TF.js’s fused convolution with ${activation ?? 'nothing'}, ${to} channels`,
      square([3, 3, 16, to]),
      (t) =>
        tf.fused.conv2d({
          x: t.x as tf.Tensor4D,
          filter: t.filter,
          strides: 1,
          pad: 'same',
          bias: t.bias,
          ...(activation ? { activation } : {}),
        }),
    ),
  ),
]);

const joined: KernelCase[] = [
  ...[1, 2].map((strides) =>
    of(
      `zero padding before a convolution of stride ${strides}`,
      { x: [2, 7, 6, 16], filter: [3, 3, 16, 16] },
      (t) =>
        tf.conv2d(
          tf.pad(t.x as tf.Tensor4D, [
            [0, 0],
            [1, 1],
            [1, 1],
            [0, 0],
          ]),
          t.filter,
          strides,
          'valid',
        ),
    ),
  ),
  of('Keras’ zero padding on the far side', { x: [2, 8, 6, 8], filter: [3, 3, 8, 16] }, (t) =>
    tf.conv2d(
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
  of(
    'padding of an activation before a convolution',
    { x: [2, 5, 6, 16], a: [1, 1, 16, 16], b: [3, 3, 16, 16] },
    (t) =>
      tf.conv2d(
        tf.pad(tf.relu(tf.conv2d(t.x, t.a, 1, 'same')), [
          [0, 0],
          [1, 1],
          [1, 1],
          [0, 0],
        ]),
        t.b,
        2,
        'valid',
      ),
  ),
  of('a convolution of a crop', { x: [2, 7, 6, 16], filter: [3, 3, 16, 16] }, (t) =>
    tf.conv2d(tf.slice(t.x as tf.Tensor4D, [0, 1, 1, 0], [-1, 5, 4, -1]), t.filter, 1, 'same'),
  ),
  of('two convolutions of one image', { x: [2, 5, 4, 16], a: [3, 3, 16, 16], b: [1, 1, 16, 32] }, (t) => [
    tf.conv2d(t.x, t.a, 2, 'same'),
    tf.conv2d(t.x, t.b, 2, 'same'),
  ]),
  of('one filter used twice', { x: [2, 5, 4, 16], filter: [3, 3, 16, 16] }, (t) =>
    tf.conv2d(tf.relu(tf.conv2d(t.x, t.filter, 1, 'same')), t.filter, 1, 'same'),
  ),
  of('a filter scaled per channel', { x: [2, 5, 4, 16], filter: [3, 3, 16, 16], scale: [16] }, (t) =>
    tf.conv2d(t.x, tf.mul(t.filter as tf.Tensor4D, t.scale), 1, 'same'),
  ),
  of('transposed convolution', { x: [2, 4, 3, 16], filter: [3, 3, 16, 16] }, (t) =>
    tf.conv2dTranspose(t.x as tf.Tensor4D, t.filter, [2, 8, 6, 16], 2, 'same'),
  ),
  of('transposed convolution of few channels', { x: [2, 4, 3, 5], filter: [3, 3, 3, 5] }, (t) =>
    tf.conv2dTranspose(t.x as tf.Tensor4D, t.filter, [2, 4, 3, 3], 1, 'same'),
  ),
  of('a single image without a batch', { x: [5, 4, 16], filter: [3, 3, 16, 16] }, (t) =>
    tf.conv2d(t.x as tf.Tensor3D, t.filter, 1, 'same'),
  ),
  of('convolution in one dimension', { x: [2, 9, 16], filter: [3, 16, 16] }, (t) =>
    tf.conv1d(t.x as tf.Tensor3D, t.filter, 2, 'same'),
  ),
];

export const convolutionCases: KernelCase[] = [
  ...geometries,
  ...paddings,
  ...widths,
  ...pixels,
  ...dilated,
  ...inParts,
  ...fused,
  ...joined,
];
