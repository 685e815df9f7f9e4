import * as tf from '@tensorflow/tfjs-core';
import { companionOf, type MakeCompanion } from './method.ts';
import { classLogits, entropyOf } from './predictions.ts';
import { probabilityRows } from './probability-rows.ts';
import { crossEntropy, oneHot } from './self-training.ts';

/**
 * Information maximisation (Liang et al. 2020, equations 3 and 4): the mean entropy of the predictions, less the entropy of their mean. Small
 * where each image falls clearly into one class, and all classes occur.
 *
 * @param logits `[images, classes]` of the target
 */
export function informationLoss(logits: tf.Tensor2D): tf.Scalar {
  const predictions = tf.softmax(logits);
  const mean = tf.mean(predictions, 0, true) as tf.Tensor2D;
  return tf.sub(tf.mean(entropyOf(predictions)), tf.sum(entropyOf(mean))) as tf.Scalar;
}

/**
 * The pseudo-labels of SHOT (Liang et al. 2020, equations 5 and 6): each image gets the class whose centre its features are nearest to by
 * cosine. Centres are means of features weighted by the probabilities, and then, once more, means over the images that fell to them.
 *
 * @param features `[images, width]`, row by row; as in the published code a column of ones is put beside them
 * @param probabilities `[images, classes]`
 * @returns a class for each image; classes that nobody was predicted to have stay out
 */
export function centroidLabels(
  features: Float32Array,
  probabilities: Float32Array,
  width: number,
  classes: number,
): Int32Array {
  const images = features.length / width;
  const rows = unitRows(features, images, width);
  const predicted = new Set(
    Array.from({ length: images }, (_, i) => largest(probabilities.subarray(i * classes, (i + 1) * classes))),
  );
  let labels = nearest(rows, centres(rows, images, probabilities, classes), predicted, classes);
  const once = new Float32Array(images * classes);
  labels.forEach((label, i) => (once[i * classes + label] = 1));
  labels = nearest(rows, centres(rows, images, once, classes), predicted, classes);
  return labels;
}

/** Features with a one beside them, scaled to length 1: `[images, width + 1]`. */
function unitRows(features: Float32Array, images: number, width: number): Float64Array {
  const rows = new Float64Array(images * (width + 1));
  for (let i = 0; i < images; i++) {
    let square = 1;
    for (let j = 0; j < width; j++) square += features[i * width + j] ** 2;
    const length = Math.sqrt(square);
    for (let j = 0; j < width; j++) rows[i * (width + 1) + j] = features[i * width + j] / length;
    rows[i * (width + 1) + width] = 1 / length;
  }
  return rows;
}

/** Means of rows, each image counting for a class by its weight: `[classes, width]`. */
function centres(rows: Float64Array, images: number, weights: Float32Array, classes: number): Float64Array {
  const width = rows.length / images;
  const result = new Float64Array(classes * width);
  for (let c = 0; c < classes; c++) {
    let sum = 1e-8;
    for (let i = 0; i < images; i++) sum += weights[i * classes + c];
    for (let i = 0; i < images; i++) {
      const weight = weights[i * classes + c] / sum;
      if (weight === 0) continue;
      for (let j = 0; j < width; j++) result[c * width + j] += weight * rows[i * width + j];
    }
  }
  return result;
}

function nearest(
  rows: Float64Array,
  middles: Float64Array,
  open: ReadonlySet<number>,
  classes: number,
): Int32Array {
  const width = middles.length / classes;
  const images = rows.length / width;
  const lengths = Array.from({ length: classes }, (_, c) =>
    Math.hypot(...middles.subarray(c * width, (c + 1) * width)),
  );
  return Int32Array.from({ length: images }, (_, i) => {
    const likeness = lengths.map((length, c) => {
      if (!open.has(c) || length === 0) return -Infinity;
      let product = 0;
      for (let j = 0; j < width; j++) product += rows[i * width + j] * middles[c * width + j];
      return product / length;
    });
    return largest(likeness);
  });
}

function largest(values: ArrayLike<number>): number {
  let at = 0;
  for (let c = 1; c < values.length; c++) if (values[c] > values[at]) at = c;
  return at;
}

/**
 * SHOT (Liang et al. 2020): the head stays as it is, and the backbone learns, from target images alone, to give features that it can judge:
 * sure and varied predictions, and before each epoch a pseudo-label for each image by the nearest centre.
 */
export const shot: MakeCompanion = (context) => {
  const { config, target, classes } = context;
  const common = companionOf(context, {
    strength: 1,
    schedule: 'constant',
    loss: ({ unlabelled, inputs }, strength) => {
      const logits = classLogits(unlabelled.logits);
      const information = tf.mul(strength, informationLoss(logits));
      if (config.pseudoLabels === 0) return information as tf.Scalar;
      const ofLabels = crossEntropy(logits, inputs.believed as tf.Tensor2D);
      return tf.add(information, tf.mul(ofLabels, config.pseudoLabels));
    },
  });
  let labels: Int32Array = new Int32Array(target.length);
  return {
    ...common,
    labelled: false,
    fixedHead: true,
    inputs: (batch, units) => ({
      ...common.inputs(batch, units),
      believed: { shape: [batch, classes], dtype: 'float32' },
    }),
    prepare: ({ features, logits }) => {
      const width = features.length / target.length;
      const probabilities = probabilityRows(logits, target.length, classes);
      labels = centroidLabels(features, probabilities, width, classes);
    },
    feed: (step) => ({
      ...common.feed(step),
      believed: oneHot(
        step.indexes.map((index) => labels[index]),
        classes,
      ),
    }),
    answerOf: (index) => labels[index],
  };
};
