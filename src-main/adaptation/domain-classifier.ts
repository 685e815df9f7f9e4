import type * as tf from '@tensorflow/tfjs-core';
import { Parameters, type ParameterScope } from '../engine/index.ts';
import { addDenseLayers, applyDenseLayers } from '../training/index.ts';

const NAME = 'domain';
const LAYERS = 3;

/** Weights of a domain classifier: two hidden layers with BatchNorm and ReLU, and one logit (Long et al. 2018, section 5.1). */
export const classifierWeights = (features: number, hidden: number, seed: number): Parameters =>
  addDenseLayers(new Parameters(), NAME, [features, hidden, hidden, 1], seed);

/** The classifier with the weights of a scope: one logit for each image. */
export const classifierOf =
  (scope: ParameterScope) =>
  (features: tf.Tensor2D): tf.Tensor2D =>
    applyDenseLayers(features, NAME, LAYERS, scope);
