import * as tf from '@tensorflow/tfjs-core';
import { type KernelCase, of } from '../case.ts';

type Pair = [number, number];
type Pads = [Pair, Pair, Pair, Pair];

const UNEVEN: Pads = [
  [0, 0],
  [1, 0],
  [0, 1],
  [0, 0],
];

/** TF.js's gradient of average pooling counts pixels of the padding: wrong, and replaced by differences (exact, it is linear). */
const DIFFERENCES = { expected: { differencesWithStep: 1 } };

const pools: KernelCase[] = [2, 3].flatMap((size) =>
  [1, 2, 3].flatMap((stride) =>
    (['valid', 'same'] as const).flatMap((padding) =>
      [16, 5].flatMap((channels) => {
        const x = [2, 7, 5, channels];
        const how = `${size}×${size}, stride ${stride}, ${padding}, ${channels} channels`;
        return [
          of(`maximum of ${how}`, { x }, (t) => tf.maxPool(t.x as tf.Tensor4D, size, stride, padding)),
          of(
            `average of ${how}`,
            // Few numbers where each takes two runs of the reference.
            { x: padding === 'same' ? [1, 5, 4, channels === 16 ? 16 : 1] : x },
            (t) => tf.avgPool(t.x as tf.Tensor4D, size, stride, padding),
            padding === 'same' ? DIFFERENCES : {},
          ),
        ];
      }),
    ),
  ),
);

const otherPools: KernelCase[] = [
  ...[16, 3].flatMap((channels) => [
    of(`maximum with explicit padding, ${channels} channels`, { x: [2, 6, 7, channels] }, (t) =>
      tf.maxPool(t.x as tf.Tensor4D, 3, 2, 1),
    ),
    of(`maximum with uneven padding, ${channels} channels`, { x: [2, 6, 7, channels] }, (t) =>
      tf.maxPool(t.x as tf.Tensor4D, [3, 2], [2, 1], UNEVEN),
    ),
    of(
      `maximum of a padded activation, as in ResNet, ${channels} channels`,
      { x: [2, 6, 6, channels] },
      (t) =>
        tf.maxPool(
          tf.pad(tf.relu(t.x as tf.Tensor4D), [
            [0, 0],
            [1, 1],
            [1, 1],
            [0, 0],
          ]),
          3,
          2,
          'valid',
        ),
    ),
    of(
      `maximum of a convolution, ${channels} channels`,
      { x: [2, 6, 6, 16], filter: [3, 3, 16, channels] },
      (t) => tf.maxPool(tf.relu(tf.conv2d(t.x, t.filter, 1, 'same')), 2, 2, 'valid'),
    ),
    of(
      `average of a convolution, ${channels} channels`,
      { x: [2, 6, 6, 16], filter: [3, 3, 16, channels] },
      (t) => tf.avgPool(tf.relu(tf.conv2d(t.x, t.filter, 1, 'same')), 2, 2, 'valid'),
    ),
    of(
      `a convolution of a maximum, ${channels} channels`,
      { x: [2, 6, 6, channels], filter: [3, 3, channels, 16] },
      (t) => tf.conv2d(tf.maxPool(t.x as tf.Tensor4D, 2, 2, 'valid'), t.filter, 1, 'same'),
    ),
    of(`maximum over the whole image, ${channels} channels`, { x: [2, 4, 5, channels] }, (t) =>
      tf.maxPool(t.x as tf.Tensor4D, [4, 5], 1, 'valid'),
    ),
    of(`average over the whole image, ${channels} channels`, { x: [2, 4, 5, channels] }, (t) =>
      tf.avgPool(t.x as tf.Tensor4D, [4, 5], 1, 'valid'),
    ),
  ]),
  of(
    'average with explicit padding',
    { x: [1, 5, 4, 2] },
    (t) => tf.avgPool(t.x as tf.Tensor4D, 3, 2, 1),
    DIFFERENCES,
  ),
  of(
    'average with uneven padding',
    { x: [1, 5, 4, 16] },
    (t) => tf.avgPool(t.x as tf.Tensor4D, [3, 2], [1, 2], UNEVEN),
    DIFFERENCES,
  ),
  of('the first among equal maxima', { x: { shape: [1, 4, 4, 16], values: [0, 0, 1, 1, 1, 0.5] } }, (t) =>
    tf.maxPool(t.x as tf.Tensor4D, 2, 2, 'valid'),
  ),
  of(
    'overlapping windows that share a maximum',
    { x: { shape: [1, 5, 5, 3], values: [0, 0, 3, 0, 2, 0, 0] } },
    (t) => tf.maxPool(t.x as tf.Tensor4D, 3, 1, 'same'),
  ),
];

/** Zeros of a padding that comes before count as zeros, not as nothing. */
const paddedPools: KernelCase[] = [16, 24, 3].flatMap((channels) =>
  [1, 2].flatMap((stride) =>
    (['max', 'avg'] as const).flatMap((kind) =>
      (['valid', 'same'] as const).map((padding) =>
        of(
          `${kind} pool, stride ${stride}, ${padding}, of zeros around negative numbers, ${channels} channels`,
          {
            x: { shape: [2, 5, 4, 16], low: -2, high: -1 },
            filter: { shape: [1, 1, 16, channels], low: 0, high: 1 },
          },
          (t) => {
            const padded = tf.pad(tf.conv2d(t.x as tf.Tensor4D, t.filter, 1, 'same'), [
              [0, 0],
              [1, 1],
              [1, 2],
              [0, 0],
            ]);
            return kind === 'max'
              ? tf.maxPool(padded, 3, stride, padding)
              : tf.avgPool(padded, 3, stride, padding);
          },
          // TF.js's own gradient of average pooling with padding is wrong.
          kind === 'avg' && padding === 'same' ? { gradients: [] } : {},
        ),
      ),
    ),
  ),
);

const SIZES: [Pair, Pair][] = [
  [
    [3, 4],
    [7, 9],
  ],
  [
    [5, 6],
    [3, 2],
  ],
  [
    [4, 4],
    [8, 8],
  ],
  [
    [3, 5],
    [1, 1],
  ],
  [
    [1, 1],
    [3, 2],
  ],
];
/** TF.js's own gradient swaps height and width, and knows no half pixels: differences, exact since resizing is linear. */
const resized: KernelCase[] = SIZES.flatMap(([from, to]) =>
  (
    [
      ['corners apart', false, false],
      ['corners aligned', true, false],
      ['half pixels', false, true],
    ] as const
  ).flatMap(([how, alignCorners, halfPixel]) => [
    of(
      `bilinear from ${from.join('×')} to ${to.join('×')}, ${how}`,
      { x: [2, ...from, 2] },
      (t) => tf.image.resizeBilinear(t.x as tf.Tensor4D, to, alignCorners, halfPixel),
      DIFFERENCES,
    ),
    of(
      `nearest from ${from.join('×')} to ${to.join('×')}, ${how}`,
      { x: [2, ...from, 2] },
      (t) => tf.image.resizeNearestNeighbor(t.x as tf.Tensor4D, to, alignCorners, halfPixel),
      DIFFERENCES,
    ),
  ]),
);

export const imageCases: KernelCase[] = [
  ...pools,
  ...otherPools,
  ...paddedPools,
  ...resized,
  of('a resized convolution', { x: [2, 4, 4, 16], filter: [1, 1, 16, 16] }, (t) =>
    tf.image.resizeBilinear(tf.conv2d(t.x as tf.Tensor4D, t.filter, 1, 'same'), [8, 8]),
  ),
];
