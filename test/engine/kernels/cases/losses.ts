import * as tf from '@tensorflow/tfjs-core';
import { type KernelCase, of, type Seed } from '../case.ts';

const LOGITS = [5, 4];
const labels: Seed = { shape: [5], integers: [0, 2, 1, 3, 2] };
const hot = (at: tf.Tensor): tf.Tensor2D => tf.oneHot(at as tf.Tensor1D, 4, 1, 0, 'float32') as tf.Tensor2D;

const supervised: KernelCase[] = [
  of('cross entropy', { logits: LOGITS, labels }, (t) =>
    tf.neg(tf.mean(tf.sum(tf.mul(hot(t.labels), tf.logSoftmax(t.logits as tf.Tensor2D)), 1))),
  ),
  of('cross entropy with label smoothing and class weights', { logits: LOGITS, labels }, (t) => {
    const targets = tf.add(tf.mul(hot(t.labels), 0.9), 0.025);
    const weights = tf.gather(tf.tensor1d([1, 2, 0.5, 1]), t.labels as tf.Tensor1D);
    const each = tf.neg(tf.sum(tf.mul(targets, tf.logSoftmax(t.logits as tf.Tensor2D)), 1));
    return tf.div(tf.sum(tf.mul(each, weights)), tf.sum(weights));
  }),
  of('TF.js’s softmax cross entropy', { logits: LOGITS, labels }, (t) =>
    tf.losses.softmaxCrossEntropy(hot(t.labels), t.logits),
  ),
  of('TF.js’s sigmoid cross entropy', { logits: LOGITS, labels }, (t) =>
    tf.losses.sigmoidCrossEntropy(hot(t.labels), t.logits as tf.Tensor2D),
  ),
  of('focal loss', { logits: LOGITS, labels }, (t) => {
    const log = tf.logSoftmax(t.logits as tf.Tensor2D);
    return tf.neg(tf.mean(tf.sum(tf.mul(hot(t.labels), tf.mul(tf.pow(tf.sub(1, tf.exp(log)), 2), log)), 1)));
  }),
  of('mean squared, absolute and Huber losses', { a: [5, 3], b: [5, 3] }, (t) => [
    tf.losses.meanSquaredError(t.a as tf.Tensor2D, t.b),
    tf.losses.absoluteDifference(t.a as tf.Tensor2D, t.b),
    tf.losses.huberLoss(t.a as tf.Tensor2D, t.b, undefined, 0.5),
    tf.losses.cosineDistance(t.a as tf.Tensor2D, t.b, 1),
  ]),
  of('entropy of predictions', { logits: LOGITS }, (t) => {
    const p = tf.softmax(t.logits as tf.Tensor2D);
    return tf.neg(tf.mean(tf.sum(tf.mul(p, tf.log(tf.add(p, 1e-7))), 1)));
  }),
  of('sum of squared weights', { a: [3, 3, 4, 2], b: [7] }, (t) =>
    tf.mul(1e-2, tf.add(tf.sum(tf.square(t.a)), tf.sum(tf.square(t.b)))),
  ),
  of('probabilities of the right class by coordinates', { logits: LOGITS, labels }, (t) =>
    tf.neg(tf.mean(tf.log(tf.sum(tf.mul(tf.softmax(t.logits as tf.Tensor2D), hot(t.labels)), 1)))),
  ),
];

/** ‖aᵢ − bⱼ‖² for every pair of rows, by broadcasting. */
const distances = (a: tf.Tensor, b: tf.Tensor): tf.Tensor2D =>
  tf.sum(tf.square(tf.sub(tf.expandDims(a, 1), tf.expandDims(b, 0))), 2);
/** The same through a product. */
const distancesByProduct = (a: tf.Tensor, b: tf.Tensor): tf.Tensor2D =>
  tf.add(
    tf.sub(
      tf.sum(tf.square(a), 1, true),
      tf.mul(2, tf.matMul(a as tf.Tensor2D, b as tf.Tensor2D, false, true)),
    ),
    tf.sum(tf.square(b), 1),
  );
const kernel = (a: tf.Tensor, b: tf.Tensor): tf.Tensor =>
  tf.addN([0.5, 1, 4].map((width) => tf.exp(tf.div(distances(a, b), -2 * width))));
const covariance = (x: tf.Tensor): tf.Tensor2D => {
  const centred = tf.sub(x, tf.mean(x, 0, true)) as tf.Tensor2D;
  return tf.div(tf.matMul(centred, centred, true, false), x.shape[0] - 1);
};
/** The identity forwards, times −λ backwards (Ganin and Lempitsky 2015). */
const reversed = (x: tf.Tensor, factor: number): tf.Tensor =>
  tf.customGrad((given) => ({
    value: tf.clone(given as tf.Tensor),
    gradFunc: (dy) => tf.mul(dy as tf.Tensor, -factor),
  }))(x);

const adaptation: KernelCase[] = [
  of('distances between all pairs', { a: [5, 3], b: [4, 3] }, (t) => distances(t.a, t.b)),
  of('distances between all pairs, through a product', { a: [5, 3], b: [4, 3] }, (t) =>
    distancesByProduct(t.a, t.b),
  ),
  of('distances within a set', { a: [5, 3] }, (t) => distances(t.a, t.a)),
  of('root distances', { a: [5, 3], b: [4, 3] }, (t) => tf.sqrt(tf.maximum(distances(t.a, t.b), 1e-6))),
  of('maximum mean discrepancy', { a: [5, 3], b: [4, 3] }, (t) =>
    tf.sub(
      tf.add(tf.mean(kernel(t.a, t.a)), tf.mean(kernel(t.b, t.b))),
      tf.mul(2, tf.mean(kernel(t.a, t.b))),
    ),
  ),
  of('covariance', { a: [6, 4] }, (t) => covariance(t.a)),
  of('alignment of covariances', { a: [6, 4], b: [5, 4] }, (t) =>
    tf.div(tf.sum(tf.square(tf.sub(covariance(t.a), covariance(t.b)))), 4 * 16),
  ),
  of('reversal of the gradient', { x: [4, 3], weights: [3, 2] }, (t) =>
    tf.softmax(tf.matMul(reversed(t.x, 0.7) as tf.Tensor2D, t.weights)),
  ),
  of('adversary on outer products', { f: [4, 3], logits: [4, 2], weights: [6, 1] }, (t) => {
    const outer = tf.mul(tf.expandDims(t.f, 2), tf.expandDims(tf.softmax(t.logits as tf.Tensor2D), 1));
    return tf.sigmoid(tf.matMul(reversed(tf.reshape(outer, [4, 6]), 1) as tf.Tensor2D, t.weights));
  }),
  of('centres of classes', { x: [6, 3], labels: { shape: [6], integers: [0, 1, 1, 2, 0, 1] } }, (t) => {
    const sums = tf.unsortedSegmentSum(t.x, t.labels as tf.Tensor1D, 3);
    const counts = tf.sum(tf.oneHot(t.labels as tf.Tensor1D, 3, 1, 0, 'float32'), 0);
    return tf.div(sums, tf.reshape(counts, [3, 1]));
  }),
  of('cosine similarity of all pairs, at a temperature', { a: [5, 3], b: [4, 3] }, (t) => {
    const unit = (x: tf.Tensor): tf.Tensor2D =>
      tf.div(x, tf.sqrt(tf.add(tf.sum(tf.square(x), 1, true), 1e-8)));
    return tf.logSoftmax(tf.div(tf.matMul(unit(t.a), unit(t.b), false, true), 0.1) as tf.Tensor2D);
  }),
  of('divergence of two predictions', { a: LOGITS, b: LOGITS }, (t) => {
    const [p, q] = [tf.logSoftmax(t.a as tf.Tensor2D), tf.logSoftmax(t.b as tf.Tensor2D)];
    return tf.mean(tf.sum(tf.mul(tf.exp(p), tf.sub(p, q)), 1));
  }),
  of(
    'mixed pictures and labels',
    { x: [3, 2, 2, 3], other: [3, 2, 2, 3], share: { shape: [3], low: 0, high: 1 } },
    (t) => {
      const share = tf.reshape(t.share, [3, 1, 1, 1]);
      return tf.add(tf.mul(t.x, share), tf.mul(t.other, tf.sub(1, share)));
    },
  ),
  of(
    'dropout by a mask that comes in',
    { x: [4, 6], draws: { shape: [4, 6], low: 0, high: 1 } },
    (t) => tf.div(tf.mul(t.x, tf.cast(tf.less(t.draws, 0.5), 'float32')), 0.5),
    { gradients: ['x'] },
  ),
];

export const lossCases: KernelCase[] = [...supervised, ...adaptation];
