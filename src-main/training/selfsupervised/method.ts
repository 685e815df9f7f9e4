import type * as tf from '@tensorflow/tfjs-core';
import type { SelfSupervisedMethodName, SelfSupervisionConfig } from '../../contract/self-supervision.ts';
import type { Parameters, ParameterScope } from '../../engine/index.ts';

/** Pooled features of the two views of a batch, `[batch, features]` each. */
export interface ViewFeatures {
  first: tf.Tensor2D;
  second: tf.Tensor2D;
}

/** What a method makes of features: the loss, and the projections that it compares. */
export interface MethodLoss {
  loss: tf.Scalar;
  /** `[2 · batch, width]`: whether they still differ says whether the network has collapsed. */
  projections: tf.Tensor2D;
}

/** A way to learn from two views of each image. */
export interface SelfSupervisedMethod {
  name: SelfSupervisedMethodName;
  /** As a person reads it, with its source. */
  title: string;
  /** The heads behind the pooled features: weights that learn beside the network, and are thrown away afterwards. */
  heads(features: number, config: SelfSupervisionConfig): Parameters;
  /**
   * Whether a second network is needed whose weights follow those of the first (network and projector) as a running mean. Its features
   * come as `followed`, and `followedScope` hands out its heads.
   */
  follows: boolean;
  loss(
    features: ViewFeatures,
    scope: ParameterScope,
    config: SelfSupervisionConfig,
    followed?: { features: ViewFeatures; scope: ParameterScope },
  ): MethodLoss;
}
