import * as tf from '@tensorflow/tfjs-core';
import { type KernelCase, of } from '../case.ts';

const matrices: KernelCase[] = [false, true].flatMap((transposeA) =>
  [false, true].flatMap((transposeB) => {
    const how = `${transposeA ? 'transposed ' : ''}by ${transposeB ? 'transposed' : 'plain'}`;
    return [
      of(`matrix ${how}`, { a: transposeA ? [4, 3] : [3, 4], b: transposeB ? [5, 4] : [4, 5] }, (t) =>
        tf.matMul(t.a, t.b, transposeA, transposeB),
      ),
      of(
        `matrices ${how}, in batches`,
        { a: transposeA ? [2, 4, 3] : [2, 3, 4], b: transposeB ? [2, 5, 4] : [2, 4, 5] },
        (t) => tf.matMul(t.a, t.b, transposeA, transposeB),
      ),
      of(
        `matrices ${how}, one of them alone`,
        { a: transposeA ? [2, 4, 3] : [2, 3, 4], b: transposeB ? [1, 5, 4] : [1, 4, 5] },
        (t) => tf.matMul(t.a, t.b, transposeA, transposeB),
        // TF.js does not add up the gradient of an operand whose batch was broadcast.
        { gradients: ['a'] },
      ),
    ];
  }),
);

const products: KernelCase[] = [
  of('product of four axes', { a: [2, 3, 4, 5], b: [2, 3, 5, 2] }, (t) => tf.matMul(t.a, t.b)),
  of('scalar product', { a: [5], b: [5] }, (t) => tf.dot(t.a, t.b)),
  of('matrix by vector', { a: [3, 5], b: [5] }, (t) => tf.dot(t.a, t.b)),
  of('outer product', { a: [3], b: [4] }, (t) => tf.outerProduct(t.a, t.b)),
  of('outer products of a batch, flattened', { a: [3, 4], b: [3, 2] }, (t) =>
    tf.reshape(tf.mul(tf.expandDims(t.a, 2), tf.expandDims(t.b, 1)), [3, 8]),
  ),
  of('a product with itself', { a: [3, 4] }, (t) => tf.matMul(t.a, t.a, false, true)),
  of('a dense layer', { x: [3, 8], weights: [8, 4], bias: [4] }, (t) =>
    tf.relu(tf.add(tf.matMul(t.x, t.weights), t.bias)),
  ),
  of(
    'a dense layer after global pooling',
    { x: [2, 3, 3, 16], filter: [1, 1, 16, 32], weights: [32, 4] },
    (t) => tf.matMul(tf.mean(tf.conv2d(t.x, t.filter, 1, 'same'), [1, 2]), t.weights),
  ),
  of(
    'a dense layer on a flattened convolution',
    { x: [2, 2, 3, 16], filter: [1, 1, 16, 16], weights: [96, 4] },
    (t) => tf.matMul(tf.reshape(tf.conv2d(t.x, t.filter, 1, 'same'), [2, 96]), t.weights),
  ),
  ...([undefined, 'relu', 'relu6', 'sigmoid', 'elu'] as const).map((activation) =>
    of(`fused product with ${activation ?? 'nothing'}`, { a: [3, 4], b: [4, 5], bias: [5] }, (t) =>
      tf.fused.matMul({ a: t.a, b: t.b, bias: t.bias, ...(activation ? { activation } : {}) }),
    ),
  ),
  of('fused product with leaky relu', { a: [3, 4], b: [5, 4], bias: [5] }, (t) =>
    tf.fused.matMul({
      a: t.a,
      b: t.b,
      transposeB: true,
      bias: t.bias,
      activation: 'leakyrelu',
      leakyreluAlpha: 0.3,
    }),
  ),
  of(
    'fused product with prelu',
    { a: [3, 4], b: [4, 5], bias: [5], alpha: [1, 5] },
    (t) =>
      tf.fused.matMul({ a: t.a, b: t.b, bias: t.bias, activation: 'prelu', preluActivationWeights: t.alpha }),
    { gradients: ['a', 'b', 'bias'] },
  ),
];

const lookups: KernelCase[] = [
  of('gather of rows', { x: [5, 3], rows: { shape: [4], integers: [3, 0, 3, 1] } }, (t) =>
    tf.gather(t.x, t.rows),
  ),
  of('gather of columns', { x: [3, 5], columns: { shape: [4], integers: [4, 0, 4, 2] } }, (t) =>
    tf.gather(t.x, t.columns, 1),
  ),
  of('gather by a matrix of places', { x: [5, 3], rows: { shape: [2, 2], integers: [3, 0, 3, 1] } }, (t) =>
    tf.gather(t.x, t.rows),
  ),
  of('gather of the middle axis', { x: [2, 5, 3], rows: { shape: [3], integers: [1, 1, 4] } }, (t) =>
    tf.gather(t.x, t.rows, 1),
  ),
  of(
    'gather of integers',
    { i: { shape: [5], integersBelow: 9 }, at: { shape: [3], integers: [4, 0, 2] } },
    (t) => tf.gather(t.i, t.at),
  ),
  of(
    'gather among pictures',
    { x: [3, 2, 2, 16], filter: [1, 1, 16, 16], at: { shape: [2], integers: [2, 0] } },
    (t) => tf.gather(tf.conv2d(t.x, t.filter, 1, 'same'), t.at),
  ),
  of(
    'gather by coordinates',
    { x: [3, 4, 2], at: { shape: [3, 2], integers: [0, 1, 2, 3, 1, 1] } },
    (t) => tf.gatherND(t.x, t.at),
    { gradients: [] },
  ),
  of(
    'scatter by coordinates, adding up what meets',
    { updates: [4, 2], at: { shape: [4, 1], integers: [0, 3, 0, 1] } },
    (t) => tf.scatterND(t.at, t.updates, [5, 2]),
    { gradients: [] },
  ),
  of('sums of segments', { x: [6, 3], segments: { shape: [6], integers: [0, 2, 0, 1, 2, 2] } }, (t) =>
    tf.unsortedSegmentSum(t.x, t.segments, 4),
  ),
  of(
    'sums of segments of a vector',
    { x: [6], segments: { shape: [6], integers: [0, 2, 0, 1, 2, 2] } },
    (t) => tf.unsortedSegmentSum(t.x, t.segments, 3),
  ),
  of('one hot', { classes: { shape: [5], integers: [0, 2, 1, 2, 3] } }, (t) => [
    tf.oneHot(t.classes, 4),
    tf.oneHot(t.classes, 4, 0.9, 0.1, 'float32'),
    tf.oneHot(t.classes, 4, 1, 0, 'float32'),
    tf.oneHot(t.classes, 3, 5, -2, 'int32'),
  ]),
  of('one hot of a matrix', { classes: { shape: [2, 3], integersBelow: 4 } }, (t) => tf.oneHot(t.classes, 4)),
  of(
    'confusion matrix',
    { labels: { shape: [7], integersBelow: 3 }, found: { shape: [7], integersBelow: 3 } },
    (t) => tf.math.confusionMatrix(t.labels, t.found, 3),
  ),
];

export const productCases: KernelCase[] = [...matrices, ...products, ...lookups];
