import type * as tf from '@tensorflow/tfjs-core';
import type { Sample } from '../contract/dataset.ts';
import type { HostInputs, NamedTensors, Parameters, ParameterScope, TensorSpec } from '../engine/index.ts';

/** What the network makes of the images of a batch: what the classes are read off, and its own numbers. */
export interface SeenBatch {
  /** `[images, features]` */
  features: tf.Tensor2D;
  /** `[images, units]` */
  logits: tf.Tensor2D;
}

/** What a companion’s loss is made of. */
export interface CompanionTensors {
  /** Null where nothing is learned from labels. */
  labelled: SeenBatch | null;
  unlabelled: SeenBatch;
  /** What `feed` gave for this step. */
  inputs: NamedTensors;
}

/** All images of a companion as the network sees them without augmentation, row by row. */
export interface SeenImages {
  features: Float32Array;
  logits: Float32Array;
}

/** Where a step stands. */
export interface CompanionStep {
  /** Share of the whole training that is done, 0 … 1. */
  progress: number;
  /** Which of its images the step sees. */
  indexes: readonly number[];
}

/**
 * Images without labels that a training learns from beside the labelled ones, or in their place: a second batch in each step, and a loss of its
 * own that is added to that of the labels. Freeze plan, cached features, schedules, checkpoints are those of the training.
 */
export interface Companion {
  /** All that decides what it does, as JSON: a checkpoint of another one is refused. */
  readonly key: unknown;
  readonly samples: readonly Sample[];
  /** Images of a step; null: as many as labelled ones. */
  readonly batchSize: number | null;
  /** False: the training’s own images are these, and their labels mean nothing. */
  readonly labelled: boolean;
  /** `last`: the weights of the last epoch count, whatever the validation images say. */
  readonly keep: 'last' | 'source';
  /**
   * Where BatchNorm goes by the statistics of the batch: by those of both domains `together`, or each `by-domain`, the moving averages following
   * the unlabelled images, for which the model is made.
   */
  readonly normalization: 'together' | 'by-domain';
  /** Whether the head stays as it is. */
  readonly fixedHead: boolean;
  /**
   * Weights of its own that are thrown away afterwards: those that learn, and those that stay.
   *
   * @param features width of what the classes are read off @param units outputs of the head
   */
  weights(features: number, units: number): { learning: Parameters; constant: Parameters };
  /** What it wants to be told at each step. */
  inputs(batch: number, units: number): Record<string, TensorSpec>;
  feed(step: CompanionStep): HostInputs;
  loss(tensors: CompanionTensors, scope: ParameterScope): tf.Scalar;
  /** Looks at all of its images before each epoch: for pseudo-labels. */
  prepare?(seen: SeenImages, progress: number): void;
  /** Which images may be drawn in this epoch; default all. Asked after `prepare`. */
  eligible?(): readonly number[];
  /** Where there are no labels: what the image is held to show, for the figures of an epoch. */
  answerOf?(index: number): number;
}
