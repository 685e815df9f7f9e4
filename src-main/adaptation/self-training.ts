import * as tf from '@tensorflow/tfjs-core';
import type { Companion } from '../training/index.ts';
import { companionOf, type MakeCompanion } from './method.ts';
import { classLogits } from './predictions.ts';
import { probabilityRows } from './probability-rows.ts';
import { classBalancedLabels } from './pseudo-labels.ts';

/**
 * Class-balanced self-training (Zou et al. 2018): before each epoch the model says what target images show, the surest share of each class is
 * believed, and learned from beside the labelled images. The share grows from epoch to epoch, as in the paper.
 */
export const selfTraining: MakeCompanion = (context) => {
  const { config, target, classes } = context;
  const common = companionOf(context, {
    strength: 1,
    schedule: 'constant',
    loss: ({ unlabelled, inputs }, strength) =>
      tf.mul(strength, crossEntropy(classLogits(unlabelled.logits), inputs.believed as tf.Tensor2D)),
  });
  let labels: Int32Array = new Int32Array(target.length).fill(-1);
  let believed: number[] = [];
  const companion: Companion = {
    ...common,
    inputs: (batch, units) => ({
      ...common.inputs(batch, units),
      believed: { shape: [batch, classes], dtype: 'float32' },
    }),
    prepare: ({ logits }, progress) => {
      const { first, last } = config.believed;
      const share = first + (last - first) * progress;
      labels = classBalancedLabels(probabilityRows(logits, target.length, classes), classes, share);
      believed = [...labels.keys()].filter((at) => labels[at] >= 0);
    },
    eligible: () => believed,
    feed: (step) => ({
      ...common.feed(step),
      believed: oneHot(
        step.indexes.map((index) => labels[index]),
        classes,
      ),
    }),
  };
  return companion;
};

/** Rows with a 1 at each label. */
export function oneHot(labels: readonly number[], classes: number): Float32Array {
  const rows = new Float32Array(labels.length * classes);
  labels.forEach((label, i) => (rows[i * classes + label] = 1));
  return rows;
}

/** Mean cross-entropy of logits against rows of probabilities. */
export const crossEntropy = (logits: tf.Tensor2D, rows: tf.Tensor2D): tf.Scalar =>
  tf.neg(tf.mean(tf.sum(tf.mul(rows, tf.logSoftmax(logits)), 1)));
