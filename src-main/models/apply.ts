import * as tf from '@tensorflow/tfjs-core';
import { GraftError } from '../contract/errors.ts';
import type { NamedTensors, ParameterScope } from '../engine/index.ts';
import { normalizeBatch } from './batch-normalization.ts';
import { activate } from './activations.ts';
import { denseOver, groupedConv2d, joined } from './graph/products.ts';
import { applyGraphOperation } from './graph/apply.ts';
import { isGraphOperation, reshaped } from './graph/operations.ts';
import {
  heightAndWidth,
  type KernelSize,
  type Layer,
  type LayerOf,
  layersBetween,
  type Network,
  type PoolPadding,
} from './network.ts';

export type NormalizationMode = 'inference' | 'training';

export interface ApplyOptions {
  /** Starts after this stage; `x` is then that stage's output. Default: at the input. */
  from?: string | null;
  /** Ends with this stage. Default: at the output. */
  to?: string | null;
  /**
   * `inference` (default) uses the moving statistics, `training` those of the batch and moves the former; one
   * for all layers, or each its own.
   */
  batchNormalization?: NormalizationMode | ((layer: string) => NormalizationMode);
  /**
   * In `training`: so many images at the beginning of the batch are normalised by their own statistics, and the others by theirs, which alone
   * move the moving ones. Left out: all together.
   */
  apart?: number;
  /** Multiplied with what a dropout layer is given, by layer name: 0 or 1/(1 − rate). Left out: no dropout. */
  dropoutMasks?: NamedTensors;
  /** Told what each layer gives, what is given in place of the stage `from` among it. */
  visit?: (layer: string, output: tf.Tensor) => void;
}

/**
 * Runs a network, or a part of it between two stage boundaries, in plain TF.js.
 *
 * @param x `[batch, height, width, channels]`, or the output of the stage `from`
 * @returns the output of the last layer that ran
 */
export function applyNetwork(
  network: Network,
  scope: ParameterScope,
  x: tf.Tensor,
  options: ApplyOptions = {},
): tf.Tensor {
  const { from = null, to = null } = options;
  const layers = layersBetween(network, from, to);
  const values = new Map<string, tf.Tensor>();
  const keep = (name: string, output: tf.Tensor): void => {
    values.set(name, output);
    options.visit?.(name, output);
  };
  if (from !== null) keep(layersBetween(network, null, from).at(-1)!.name, x);
  let last = x;
  for (const layer of layers) {
    const inputs = layer.inputs.map((name) => values.get(name)!);
    last = layer.kind === 'input' ? x : applyLayer(layer, inputs, scope, options);
    keep(layer.name, last);
  }
  return last;
}

/** Runs one layer on the outputs of those before it. */
export function applyLayer(
  layer: Layer,
  inputs: tf.Tensor[],
  scope: ParameterScope,
  options: ApplyOptions,
): tf.Tensor {
  const image = inputs[0] as tf.Tensor4D;
  const weight = <Rank extends tf.Rank>(name: string): tf.Tensor<Rank> =>
    scope(`${layer.name}/${name}`) as unknown as tf.Tensor<Rank>;
  if (isGraphOperation(layer)) return applyGraphOperation(layer, inputs, weight);
  switch (layer.kind) {
    case 'conv2d': {
      const { padding, useBias, groups = 1 } = layer.config;
      const strides = pair(layer.config.strides);
      const dilation = pair(layer.config.dilation ?? 1);
      const y = groupedConv2d(image, weight<tf.Rank.R4>('kernel'), { strides, padding, dilation, groups });
      return useBias ? tf.add(y, weight('bias')) : y;
    }
    case 'depthwiseConv2d': {
      const { padding, useBias } = layer.config;
      const strides = pair(layer.config.strides);
      const dilation = pair(layer.config.dilation ?? 1);
      const kernel = weight<tf.Rank.R4>('depthwise_kernel');
      const y = tf.depthwiseConv2d(image, kernel, strides, padding, 'NHWC', dilation);
      return useBias ? tf.add(y, weight('bias')) : y;
    }
    case 'batchNormalization':
      return batchNormalization(layer, image, weight, modeOf(layer.name, options), options.apart ?? 0);
    case 'activation':
      return activate(inputs[0], layer.config);
    case 'add':
      return inputs.reduce((sum, x) => tf.add(sum, x));
    case 'multiply':
      return inputs.reduce((product, x) => tf.mul(product, x));
    case 'concatenate':
      return joined(inputs, layer.config.axis ?? -1);
    case 'zeroPadding2d': {
      const [top, bottom, left, right] = layer.config.padding;
      return tf.pad(image, [
        [0, 0],
        [top, bottom],
        [left, right],
        [0, 0],
      ]);
    }
    case 'maxPooling2d':
      return tf.maxPool(
        image,
        pair(layer.config.poolSize),
        pair(layer.config.strides),
        around(layer.config.padding),
      );
    case 'averagePooling2d':
      return tf.avgPool(
        image,
        pair(layer.config.poolSize),
        pair(layer.config.strides),
        around(layer.config.padding),
      );
    case 'globalAveragePooling2d':
      return tf.mean(image, [1, 2], layer.config.keepDimensions);
    case 'globalMaxPooling2d':
      return tf.max(image, [1, 2], layer.config.keepDimensions);
    case 'globalDeviationPooling2d':
      return deviation(image);
    case 'generalizedMeanPooling2d':
      return generalizedMean(image, weight<tf.Rank.R1>('power'));
    case 'cosineDense': {
      const cosines = tf.matMul(
        unitLength(inputs[0], 1) as tf.Tensor2D,
        unitLength(weight('kernel'), 0) as tf.Tensor2D,
      );
      return tf.mul(cosines, weight('logit_scale'));
    }
    case 'dense': {
      const y = denseOver(inputs[0], weight<tf.Rank.R2>('kernel'));
      return layer.config.useBias ? tf.add(y, weight('bias')) : y;
    }
    case 'dropout': {
      const mask = options.dropoutMasks?.[layer.name];
      return mask ? tf.mul(inputs[0], mask) : inputs[0];
    }
    case 'reshape':
      return tf.reshape(inputs[0], [
        inputs[0].shape[0],
        ...reshaped(layer.config.shape, inputs[0].shape.slice(1)),
      ]);
    case 'rescale':
      return tf.add(tf.mul(inputs[0], perChannel(layer.config.scale)), perChannel(layer.config.offset));
    case 'input':
      throw new GraftError('network-input', 'The input layer computes nothing.', { kind: 'bug' });
  }
}

/** `[height, width]` as TF.js wants them. */
const pair = (size: KernelSize): [number, number] => [...heightAndWidth(size)];

/** A pool's padding as TF.js wants it. */
function around(padding: PoolPadding): 'same' | 'valid' | tf.backend_util.ExplicitPadding {
  if (typeof padding === 'string') return padding;
  const [top, bottom, left, right] = padding;
  return [
    [0, 0],
    [top, bottom],
    [left, right],
    [0, 0],
  ];
}

/** Below this features count as this: neither a power nor a root of 0 has a gradient. */
const LEAST = 1e-6;

function generalizedMean(x: tf.Tensor4D, power: tf.Tensor1D): tf.Tensor {
  // x^p as exp(p · log x), which is differentiable in p.
  const powers = tf.exp(tf.mul(tf.log(tf.maximum(x, LEAST)), power));
  return tf.exp(tf.div(tf.log(tf.mean(powers, [1, 2])), power));
}

function deviation(x: tf.Tensor4D): tf.Tensor {
  const apart = tf.sub(x, tf.mean(x, [1, 2], true));
  return tf.sqrt(tf.add(tf.mean(tf.square(apart), [1, 2]), LEAST));
}

function unitLength(x: tf.Tensor, axis: number): tf.Tensor {
  return tf.div(x, tf.sqrt(tf.add(tf.sum(tf.square(x), axis, true), LEAST)));
}

function modeOf(layer: string, { batchNormalization = 'inference' }: ApplyOptions): NormalizationMode {
  return typeof batchNormalization === 'function' ? batchNormalization(layer) : batchNormalization;
}

function batchNormalization(
  layer: LayerOf<'batchNormalization'>,
  x: tf.Tensor4D,
  weight: <Rank extends tf.Rank>(name: string) => tf.Tensor<Rank>,
  mode: NormalizationMode,
  apart: number,
): tf.Tensor {
  const { epsilon, momentum, scale = true } = layer.config;
  // Ones, and not nothing: TF.js's gradient of batchNorm fails on a scale that was left out.
  const gamma = scale ? weight<tf.Rank.R1>('gamma') : tf.ones<tf.Rank.R1>([x.shape[3]]);
  const beta = weight<tf.Rank.R1>('beta');
  const movingMean = weight<tf.Rank.R1>('moving_mean') as unknown as tf.Variable<tf.Rank.R1>;
  const movingVariance = weight<tf.Rank.R1>('moving_variance') as unknown as tf.Variable<tf.Rank.R1>;
  if (mode === 'inference')
    return tf.batchNorm(
      x,
      movingMean as tf.Tensor1D,
      movingVariance as tf.Tensor1D,
      beta as tf.Tensor1D,
      gamma as tf.Tensor1D,
      epsilon,
    );
  const parts = apart > 0 ? (tf.split(x, [apart, x.shape[0] - apart], 0) as tf.Tensor4D[]) : [x];
  const normalized = parts.map((part) =>
    normalizeBatch(part, gamma as tf.Tensor1D, beta as tf.Tensor1D, epsilon),
  );
  const { mean, variance } = normalized.at(-1)!;
  const move = (old: tf.Tensor1D, now: tf.Tensor1D): tf.Tensor1D =>
    tf.add(tf.mul(old, momentum), tf.mul(now, 1 - momentum));
  movingMean.assign(move(movingMean, mean));
  movingVariance.assign(move(movingVariance, variance));
  return normalized.length > 1
    ? tf.concat(
        normalized.map(({ y }) => y),
        0,
      )
    : normalized[0].y;
}

const perChannel = (values: readonly number[]): tf.Tensor =>
  values.length === 1 ? tf.scalar(values[0]) : tf.tensor1d([...values]);
