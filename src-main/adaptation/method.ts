import * as tf from '@tensorflow/tfjs-core';
import type { AdaptationConfig } from '../contract/adaptation.ts';
import type { Sample } from '../contract/dataset.ts';
import { Parameters, type ParameterScope } from '../engine/index.ts';
import type { Companion, CompanionTensors } from '../training/index.ts';
import { ramp } from './strength.ts';

/** What a method is made for. */
export interface MethodContext {
  config: AdaptationConfig;
  target: readonly Sample[];
  /** Classes; two may share one output of the head. */
  classes: number;
  seed: number;
}

/** What learns from target images beside the labelled ones, by a method’s settings. */
export type MakeCompanion = (context: MethodContext) => Companion;

/** What a method is about: all else is as `companionOf` has it. */
export interface MethodParts {
  /** Where the settings name none. */
  strength: number;
  schedule: 'constant' | 'ramp';
  weights?: Companion['weights'];
  /** @param strength of this step, by the schedule */
  loss(tensors: CompanionTensors, strength: tf.Scalar, scope: ParameterScope): tf.Scalar;
}

/** Weight of the method’s loss at a step. @param progress share of the training that is done */
export function strengthAt(
  { strength, schedule }: Pick<AdaptationConfig, 'strength' | 'schedule'>,
  parts: Pick<MethodParts, 'strength' | 'schedule'>,
  progress: number,
): number {
  const whole = strength ?? parts.strength;
  const wanted = schedule === 'auto' ? parts.schedule : schedule;
  return wanted === 'ramp' ? whole * ramp(progress) : whole;
}

/** A companion that sees one batch of target images for each batch of labelled ones. */
export function companionOf({ config, target, seed }: MethodContext, parts: MethodParts): Companion {
  const { before, normalization, ...own } = config;
  // As checkpoints name it that were written before there was either.
  const newer = before.length > 0 || normalization !== 'together' ? [{ before, normalization }] : [];
  return {
    key: [own, seed, ...newer],
    samples: target,
    batchSize: config.batchSize,
    labelled: true,
    keep: config.keep,
    normalization,
    fixedHead: false,
    weights: parts.weights ?? noWeights,
    inputs: () => ({ strength: { shape: [1], dtype: 'float32' } }),
    feed: ({ progress }) => ({ strength: Float32Array.of(strengthAt(config, parts, progress)) }),
    loss: (tensors, scope) => parts.loss(tensors, tf.reshape(tensors.inputs.strength, []), scope),
  };
}

export const noWeights: Companion['weights'] = () => ({
  learning: new Parameters(),
  constant: new Parameters(),
});
