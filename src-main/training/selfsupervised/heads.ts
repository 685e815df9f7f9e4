import * as tf from '@tensorflow/tfjs-core';
import type { Parameters, ParameterScope } from '../../engine/index.ts';
import { normalizeBatch } from '../../models/index.ts';
import { RandomStream } from '../../platform/random.ts';

/** Below this a length counts as this. */
const LEAST = 1e-12;
const EPSILON = 1e-5;

/**
 * Weights of dense layers one after the other, each but the last with BatchNorm and ReLU behind it: He normal (He et al. 2015), without
 * biases where BatchNorm has its own.
 *
 * @param widths of what goes in, of each hidden layer, and of what comes out
 */
export function addDenseLayers(
  into: Parameters,
  name: string,
  widths: readonly number[],
  seed: number,
): Parameters {
  for (let at = 1; at < widths.length; at++) {
    const layer = `${name}_${at}`;
    const shape = [widths[at - 1], widths[at]];
    const stream = new RandomStream(seed, 'initialise', layer);
    const deviation = Math.sqrt(2 / widths[at - 1]);
    const kernel = Float32Array.from({ length: shape[0] * shape[1] }, () => stream.normal(0, deviation));
    into.add(`${layer}/kernel`, shape, kernel);
    if (at === widths.length - 1) {
      into.add(`${layer}/bias`, [widths[at]]);
    } else {
      into.add(`${layer}/gamma`, [widths[at]], new Float32Array(widths[at]).fill(1));
      into.add(`${layer}/beta`, [widths[at]]);
    }
  }
  return into;
}

/**
 * Runs what `addDenseLayers` made. BatchNorm works on the statistics of what it is given, always: these heads are never used afterwards.
 *
 * @param layers how many dense layers there are
 */
export function applyDenseLayers(
  x: tf.Tensor2D,
  name: string,
  layers: number,
  scope: ParameterScope,
): tf.Tensor2D {
  let y = x;
  for (let at = 1; at <= layers; at++) {
    const weight = (part: string): tf.Tensor => scope(`${name}_${at}/${part}`);
    y = tf.matMul(y, weight('kernel') as tf.Tensor2D);
    if (at === layers) y = tf.add(y, weight('bias'));
    else y = tf.relu(normalized(y, weight('gamma') as tf.Tensor1D, weight('beta') as tf.Tensor1D));
  }
  return y;
}

function normalized(x: tf.Tensor2D, gamma: tf.Tensor1D, beta: tf.Tensor1D): tf.Tensor2D {
  const [batch, width] = x.shape;
  const { y } = normalizeBatch(tf.reshape<tf.Rank.R4>(x, [batch, 1, 1, width]), gamma, beta, EPSILON);
  return tf.reshape<tf.Rank.R2>(y, [batch, width]);
}

/** Rows of length 1. */
export function unitRows(x: tf.Tensor2D): tf.Tensor2D {
  return tf.div(x, tf.sqrt(tf.add(tf.sum(tf.square(x), 1, true), LEAST)));
}

/** `[size, size]`, 1 on the diagonal. */
export function identityMatrix(size: number): tf.Tensor2D {
  const values = new Float32Array(size * size);
  for (let i = 0; i < size; i++) values[i * size + i] = 1;
  return tf.tensor2d(values, [size, size]);
}
