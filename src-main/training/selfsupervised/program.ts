import * as tf from '@tensorflow/tfjs-core';
import type { SelfSupervisionConfig } from '../../contract/self-supervision.ts';
import { Parameters, type ParameterScope, type Program, sizeOf } from '../../engine/index.ts';
import {
  applyNetwork,
  backboneStages,
  cutShape,
  type Model,
  type NormalizationMode,
  parameterSpecs,
  planFreeze,
  POOL_STAGE,
  preprocess,
} from '../../models/index.ts';
import { unitRows } from './heads.ts';
import type { SelfSupervisedMethod, ViewFeatures } from './method.ts';

/** A program that compares two views, and what becomes of each weight that it uses. */
export interface ComparingProgram {
  program: Program;
  /** The network's weights, the heads', and those that follow. */
  parameters: Parameters;
  trainable: string[];
  /** Moving statistics that follow the batches, and weights that follow others. */
  assigned: string[];
  /** By name of the weight that follows: the one that is followed. */
  followed: ReadonlyMap<string, string>;
}

const FOLLOWER = 'followed/';

/**
 * Network, heads and loss as one program: `first` and `second` (images in [0, 1]) → `loss`, and `spread`: how much the projections differ
 * over the batch, 1 for directions of all kinds and 0 when the network has collapsed to one answer. Both views go through the network together.
 */
export function comparingProgram(
  model: Model,
  method: SelfSupervisedMethod,
  config: SelfSupervisionConfig,
  batch: number,
): ComparingProgram {
  const { network, preprocessing, imageChannels } = model;
  const [height, width, channels] = network.inputShape;
  const { freezeUntil } = config;
  const plan = planFreeze(network, freezeUntil === null ? { preset: 'full' } : { freezeUntil });
  const backbone = new Set(backboneStages(network));
  const stageOf = new Map(network.layers.map(({ name, stage }) => [name, stage]));
  const specs = parameterSpecs(network).filter(({ layer }) => backbone.has(stageOf.get(layer)!));
  const learning = specs.filter(({ layer }) => plan.trainableLayers.has(layer));
  const modeOf = (layer: string): NormalizationMode =>
    plan.trainableLayers.has(layer) ? config.batchNormalization : 'inference';

  const heads = method.heads(sizeOf(cutShape(network, POOL_STAGE)), config);
  const parameters = new Parameters();
  for (const { name } of specs) share(parameters, model.parameters, name);
  for (const { name } of heads) share(parameters, heads, name);
  const trainable = [...learning.filter(({ learns }) => learns).map(({ name }) => name), ...heads.names];
  const statistics = learning.filter(({ learns }) => !learns).map(({ name }) => name);
  const followed = new Map<string, string>();
  if (method.follows) {
    const projector = heads.names.filter((name) => name.startsWith('projector_'));
    for (const name of [...specs.map((spec) => spec.name), ...projector]) {
      const { shape, data } = parameters.get(name);
      parameters.add(FOLLOWER + name, shape, data.slice());
      if (trainable.includes(name)) followed.set(FOLLOWER + name, name);
    }
  }
  const moving = config.batchNormalization === 'training' ? statistics : [];
  const assigned = [
    ...moving,
    ...(method.follows ? [...followed.keys(), ...moving.map((name) => FOLLOWER + name)] : []),
  ];

  const featuresOf = (x: tf.Tensor4D, scope: ParameterScope): ViewFeatures => {
    const features = applyNetwork(network, scope, preprocess(x, channels, preprocessing), {
      to: POOL_STAGE,
      batchNormalization: modeOf,
    }) as tf.Tensor2D;
    const [first, second] = tf.split(features, [batch, batch], 0) as tf.Tensor2D[];
    return { first, second };
  };
  const shape = [batch, height, width, imageChannels];
  const program: Program = {
    name: `${network.name}, ${method.name}`,
    inputs: { first: { shape, dtype: 'float32' }, second: { shape, dtype: 'float32' } },
    body: ({ first, second }, scope) => {
      const both = tf.concat([first, second], 0) as tf.Tensor4D;
      const followers: ParameterScope = (name) => scope(FOLLOWER + name);
      const { loss, projections } = method.loss(
        featuresOf(both, scope),
        scope,
        config,
        method.follows ? { features: featuresOf(both, followers), scope: followers } : undefined,
      );
      return { loss, spread: spreadOf(projections) };
    },
  };
  return { program, parameters, trainable, assigned, followed };
}

/** The same array in two sets: what learns in one has learned in the other. */
function share(into: Parameters, from: Parameters, name: string): void {
  const { shape, data } = from.get(name);
  into.add(name, shape, data);
}

/** Standard deviation of unit rows, averaged over their numbers, as a share of what rows of all directions have. */
function spreadOf(projections: tf.Tensor2D): tf.Scalar {
  const rows = unitRows(projections);
  const centred = tf.sub(rows, tf.mean(rows, 0, true));
  const deviations = tf.sqrt(tf.mean(tf.square(centred), 0));
  return tf.mul(tf.mean(deviations), Math.sqrt(projections.shape[1])) as tf.Scalar;
}
