import * as tf from '@tensorflow/tfjs-core';
import {
  activate,
  convolve,
  convolveDepthwise,
  dense,
  head,
  normalise,
  type Sketch,
  type Weight,
} from './sketch.ts';

type Pads = [[number, number], [number, number], [number, number], [number, number]];
const around = (by: number): Pads => [
  [0, 0],
  [by, by],
  [by, by],
  [0, 0],
];

const vgg: Sketch = {
  name: 'VGG',
  input: [2, 12, 12, 3],
  classes: 3,
  forward: (x, w) => {
    let y = convolve(x, w, 'block1', 16, { bias: true });
    y = convolve(y, w, 'block1b', 16, { bias: true });
    y = tf.maxPool(y, 2, 2, 'valid');
    y = convolve(y, w, 'block2', 32, { bias: true });
    y = tf.maxPool(y, 2, 2, 'valid');
    const flat = tf.reshape(y, [x.shape[0], 288]);
    return dense(tf.relu(dense(flat, w, 'fc1', 24)), w, 'predictions', 3);
  },
};

/** A bottleneck of ResNet-50 version 1, as Keras has it: the stride in the first 1×1 convolution. */
function bottleneck(
  x: tf.Tensor4D,
  w: Weight,
  name: string,
  width: number,
  to: number,
  stride: number,
): tf.Tensor4D {
  const shortcut =
    stride > 1 || x.shape[3] !== to
      ? convolve(x, w, `${name}/shortcut`, to, { size: 1, stride, activation: 'none' })
      : x;
  let y = convolve(x, w, `${name}/1`, width, { size: 1, stride });
  y = convolve(y, w, `${name}/2`, width);
  y = convolve(y, w, `${name}/3`, to, { size: 1, activation: 'none' });
  return tf.relu(tf.add(shortcut, y));
}

const resnet: Sketch = {
  name: 'ResNet',
  input: [2, 20, 20, 3],
  classes: 4,
  forward: (x, w) => {
    let y = convolve(tf.pad(x, around(3)), w, 'stem', 16, { size: 7, stride: 2, padding: 'valid' });
    y = tf.maxPool(tf.pad(y, around(1)), 3, 2, 'valid');
    y = bottleneck(y, w, 'a', 16, 32, 1);
    y = bottleneck(y, w, 'b', 16, 32, 1);
    y = bottleneck(y, w, 'c', 16, 48, 2);
    return head(y, w, 4);
  },
};

const inception: Sketch = {
  name: 'Inception',
  input: [2, 15, 15, 3],
  classes: 3,
  forward: (x, w) => {
    const stem = convolve(x, w, 'stem', 24, { stride: 2, padding: 'valid' });
    const one = convolve(stem, w, '1x1', 16, { size: 1 });
    const five = convolve(convolve(stem, w, '5x5a', 12, { size: 1 }), w, '5x5b', 16, { size: 5 });
    const long = convolve(stem, w, '7x7a', 16, { size: [1, 7] });
    const tall = convolve(long, w, '7x7b', 16, { size: [7, 1] });
    const pooled = convolve(tf.avgPool(stem, 3, 1, 'valid'), w, 'pool', 16, { size: 1 });
    const module = tf.concat([one, five, tall], 3);
    const reduced = tf.concat(
      [
        convolve(module, w, 'reduce', 16, { stride: 2, padding: 'valid' }),
        tf.maxPool(module, 3, 2, 'valid'),
        tf.maxPool(
          tf.pad(pooled, [
            [0, 0],
            [1, 1],
            [1, 1],
            [0, 0],
          ]),
          3,
          2,
          'valid',
        ),
      ],
      3,
    );
    return head(reduced, w, 3);
  },
};

const densenet: Sketch = {
  name: 'DenseNet',
  input: [2, 8, 8, 3],
  classes: 3,
  forward: (x, w) => {
    let y = convolve(x, w, 'stem', 16);
    for (const layer of [1, 2]) {
      let z = tf.relu(normalise(y, w, `layer${layer}/0`));
      z = convolve(z, w, `layer${layer}/1`, 32, { size: 1 });
      const filter = w(`layer${layer}/2/kernel`, [3, 3, 32, 8]) as tf.Tensor4D;
      y = tf.concat([y, tf.conv2d(z, filter, 1, 'same')], 3);
    }
    const filter = w('transition/kernel', [1, 1, 32, 16]) as tf.Tensor4D;
    y = tf.conv2d(tf.relu(normalise(y, w, 'transition')), filter, 1, 'same');
    y = tf.avgPool(y, 2, 2, 'valid');
    return head(tf.relu(normalise(y, w, 'last')), w, 3);
  },
};

const mobilenet: Sketch = {
  name: 'MobileNetV2',
  input: [2, 12, 12, 3],
  classes: 3,
  forward: (x, w) => {
    const padded = tf.pad(x, [
      [0, 0],
      [0, 1],
      [0, 1],
      [0, 0],
    ]);
    let y = convolve(padded, w, 'stem', 16, { stride: 2, padding: 'valid', activation: 'relu6' });
    for (const [name, stride, to] of [
      ['a', 1, 16],
      ['b', 2, 24],
      ['c', 1, 24],
    ] as const) {
      const expanded = convolve(y, w, `${name}/expand`, y.shape[3] * 2, { size: 1, activation: 'relu6' });
      const seen = convolveDepthwise(expanded, w, `${name}/depthwise`, { stride });
      const z = convolve(seen, w, `${name}/project`, to, { size: 1, activation: 'none' });
      y = stride === 1 && y.shape[3] === to ? tf.add(y, z) : z;
    }
    return head(y, w, 3);
  },
};

const efficientnet: Sketch = {
  name: 'EfficientNet',
  input: [2, 12, 12, 3],
  classes: 3,
  forward: (x, w) => {
    let y = convolve(x, w, 'stem', 16, { stride: 2, activation: 'swish' });
    for (const [name, size, stride, to] of [
      ['a', 3, 1, 16],
      ['b', 5, 2, 24],
    ] as const) {
      const wide = y.shape[3] * 3;
      const expanded = convolve(y, w, `${name}/expand`, wide, { size: 1, activation: 'swish' });
      const seen = convolveDepthwise(expanded, w, `${name}/depthwise`, { size, stride, activation: 'swish' });
      const pooled = tf.reshape(tf.mean(seen, [1, 2]), [x.shape[0], 1, 1, wide]) as tf.Tensor4D;
      const squeezed = activate(
        convolve(pooled, w, `${name}/squeeze`, 4, { size: 1, bias: true, activation: 'none' }),
        'swish',
      );
      const excited = convolve(squeezed, w, `${name}/excite`, wide, {
        size: 1,
        bias: true,
        activation: 'none',
      });
      const z = convolve(tf.mul(seen, tf.sigmoid(excited)), w, `${name}/project`, to, {
        size: 1,
        activation: 'none',
      });
      y = y.shape[3] === to ? tf.add(y, z) : z;
    }
    return head(y, w, 3);
  },
};

/** One or two blocks of each kind. */
export const sketches: Sketch[] = [vgg, resnet, inception, densenet, mobilenet, efficientnet];
