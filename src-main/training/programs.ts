import * as tf from '@tensorflow/tfjs-core';
import type { NamedTensors, ParameterScope, Program, TensorSpec } from '../engine/index.ts';
import {
  applyNetwork,
  cutShape,
  HEAD_STAGE,
  type LayerOf,
  type Network,
  type NormalizationMode,
  outputShapes,
  preprocess,
  type Preprocessing,
} from '../models/index.ts';
import type { HeadKind } from './head-kind.ts';

/** A network, and where it is cut: what comes before runs once per image, what follows is trained. */
export interface CutNetwork {
  network: Network;
  preprocessing: Preprocessing;
  /** Of the images, before preprocessing. */
  imageChannels: number;
  /** Last stage of the frozen prefix; null when there is none. */
  cut: string | null;
}

/** Shape of what the part after the cut is fed, without the batch: features, or images when nothing is frozen. */
export function suffixInputShape({ network, imageChannels, cut }: CutNetwork): readonly number[] {
  if (cut !== null) return cutShape(network, cut);
  return [network.inputShape[0], network.inputShape[1], imageChannels];
}

/**
 * The frozen part: `x` → `features`. `x` is the image in [0, 1], or, when it starts behind an earlier cut, the
 * features there.
 */
export function prefixProgram(cutNetwork: CutNetwork, batch: number, from: string | null = null): Program {
  const { network, preprocessing, cut } = cutNetwork;
  return {
    name: `${network.name} up to ${cut}`,
    inputs: {
      x: { shape: [batch, ...suffixInputShape({ ...cutNetwork, cut: from })], dtype: 'float32' },
    },
    body: ({ x }, scope) => {
      const start = from === null ? preprocess(x as tf.Tensor4D, network.inputShape[2], preprocessing) : x;
      return { features: applyNetwork(network, scope, start, { from, to: cut }) };
    },
  };
}

export const MASK = 'mask/';

/** The dropout layers and the shapes of what they let through, without the batch. */
export function dropoutLayers(network: Network): { layer: LayerOf<'dropout'>; shape: readonly number[] }[] {
  const shapes = outputShapes(network);
  return network.layers
    .filter((layer) => layer.kind === 'dropout' && layer.stage === HEAD_STAGE)
    .map((layer) => ({ layer: layer as LayerOf<'dropout'>, shape: shapes.get(layer.name)! }));
}

function suffix(
  cutNetwork: CutNetwork,
  x: tf.Tensor,
  scope: ParameterScope,
  batchNormalization: NormalizationMode | ((layer: string) => NormalizationMode),
  dropoutMasks: NamedTensors,
): tf.Tensor2D {
  const { network, preprocessing, cut } = cutNetwork;
  const start = cut === null ? preprocess(x as tf.Tensor4D, network.inputShape[2], preprocessing) : x;
  return applyNetwork(network, scope, start, { from: cut, batchNormalization, dropoutMasks }) as tf.Tensor2D;
}

/** What is trained, as at inference: `x` → `logits` `[batch, classes]`. */
export function suffixProgram(cutNetwork: CutNetwork, batch: number): Program {
  const shape = [batch, ...suffixInputShape(cutNetwork)];
  return {
    name: `${cutNetwork.network.name} after ${cutNetwork.cut ?? 'the input'}`,
    inputs: { x: { shape, dtype: 'float32' } },
    body: ({ x }, scope) => ({ logits: suffix(cutNetwork, x, scope, 'inference', {}) }),
  };
}

/** `(1 − p)^γ` from log p, as exp(γ · log(1 − p)). */
function doubt(likelihoods: tf.Tensor, gamma: number): tf.Tensor {
  const rest = tf.maximum(tf.sub(1, tf.exp(likelihoods)), 1e-7);
  return tf.exp(tf.mul(tf.log(rest), gamma));
}

/**
 * Softmax cross-entropy against `target` `[batch, classes]`, averaged with the weights `weight` `[batch]`, each class's log-likelihood
 * counting `(1 − p)^γ` (the focal loss, Lin et al. 2017); γ = 0 is plain cross-entropy.
 */
export function focalLoss(
  logits: tf.Tensor2D,
  target: tf.Tensor,
  weight: tf.Tensor,
  gamma: number,
): tf.Tensor {
  const likelihoods = tf.logSoftmax(logits);
  const counted = gamma === 0 ? likelihoods : tf.mul(likelihoods, doubt(likelihoods, gamma));
  const perImage = tf.neg(tf.sum(tf.mul(target, counted), 1));
  return tf.div(tf.sum(tf.mul(perImage, weight)), tf.sum(weight));
}

/**
 * Sigmoid cross-entropy of each output against `target` `[batch, units]`, averaged with the weights `weight` `[batch, units]`, that of what is
 * there counting `positive` `[units]` times (PyTorch's `BCEWithLogitsLoss` with `pos_weight`). Each side's log-likelihood counts `(1 − p)^γ` (the
 * focal loss, Lin et al. 2017); γ = 0 is plain cross-entropy.
 */
export function sigmoidFocalLoss(
  logits: tf.Tensor2D,
  target: tf.Tensor,
  weight: tf.Tensor,
  gamma: number,
  positive: readonly number[] | null = null,
): tf.Tensor {
  const side = (likelihoods: tf.Tensor): tf.Tensor =>
    gamma === 0 ? likelihoods : tf.mul(likelihoods, doubt(likelihoods, gamma));
  const there = side(tf.neg(tf.softplus(tf.neg(logits))));
  const absent = side(tf.neg(tf.softplus(logits)));
  const counted = positive ? tf.mul(there, tf.tensor1d([...positive])) : there;
  const losses = tf.neg(tf.add(tf.mul(target, counted), tf.mul(tf.sub(1, target), absent)));
  // A batch of which nothing is known teaches nothing.
  return tf.div(tf.sum(tf.mul(losses, weight)), tf.maximum(tf.sum(weight), 1e-12));
}

/** How the loss of a training step is taken; default softmax. */
export interface LossOptions {
  kind?: HeadKind;
  /** See `focalLoss`. Default 0. */
  focalGamma?: number;
  /** See `sigmoidFocalLoss`. */
  positiveWeights?: readonly number[] | null;
}

/** The loss of labelled images by the kind of their head: see `focalLoss` and `sigmoidFocalLoss`. */
export const labelLoss = (
  logits: tf.Tensor2D,
  target: tf.Tensor,
  weight: tf.Tensor,
  { kind = 'softmax', focalGamma = 0, positiveWeights = null }: LossOptions,
): tf.Tensor =>
  kind === 'softmax'
    ? focalLoss(logits, target, weight, focalGamma)
    : sigmoidFocalLoss(logits, target, weight, focalGamma, positiveWeights);

/**
 * Forward pass and loss of a training step: softmax cross-entropy against `target` `[batch, classes]` (one-hot,
 * smoothed or not), averaged with the weights `weight` `[batch]`; an image of weight 0 does not count. Of sigmoids target and weight are
 * `[batch, units]`. Dropout masks come in as `mask/LAYER`.
 *
 * @param units outputs of the head
 */
export function lossProgram(
  cutNetwork: CutNetwork,
  batch: number,
  units: number,
  batchNormalization: (layer: string) => NormalizationMode,
  options: LossOptions = {},
): Program {
  const { kind = 'softmax' } = options;
  const inputs: Record<string, TensorSpec> = {
    x: { shape: [batch, ...suffixInputShape(cutNetwork)], dtype: 'float32' },
    target: { shape: [batch, units], dtype: 'float32' },
    weight: { shape: kind === 'softmax' ? [batch] : [batch, units], dtype: 'float32' },
  };
  const dropouts = dropoutLayers(cutNetwork.network);
  for (const { layer, shape } of dropouts)
    inputs[MASK + layer.name] = { shape: [batch, ...shape], dtype: 'float32' };
  return {
    name: `${cutNetwork.network.name} loss`,
    inputs,
    body: (tensors, scope) => {
      const masks = Object.fromEntries(dropouts.map(({ layer }) => [layer.name, tensors[MASK + layer.name]]));
      const logits = suffix(cutNetwork, tensors.x, scope, batchNormalization, masks);
      return { loss: labelLoss(logits, tensors.target, tensors.weight, options), logits };
    },
  };
}
