import * as tf from '@tensorflow/tfjs-core';

/** How a head answers: one class of several, or each class for itself. */
export const outputKinds = ['softmax', 'sigmoid'] as const;
export type OutputKind = (typeof outputKinds)[number];

/** Whether a head of so many units tells two classes apart by one number, the logit of the second. */
export const sharesOneOutput = (
  { classes, output }: { classes: readonly string[]; output?: OutputKind | undefined },
  units: number,
): boolean => output === 'sigmoid' && units === 1 && classes.length === 2;

/**
 * Probabilities `[batch, classes]` of logits `[batch, units]`: rows that add up to 1 with a softmax, and with one sigmoid that two classes
 * share; with a sigmoid for each class they add up to anything.
 */
export function probabilitiesOf(
  model: { classes: readonly string[]; output?: OutputKind | undefined },
  logits: tf.Tensor2D,
): tf.Tensor {
  if (model.output !== 'sigmoid') return tf.softmax(logits);
  if (!sharesOneOutput(model, logits.shape[1])) return tf.sigmoid(logits);
  return tf.sigmoid(tf.concat([tf.neg(logits), logits], 1));
}
