import * as tf from '@tensorflow/tfjs-core';
import { type ParameterScope, type Program, sizeOf, type TensorSpec } from '../engine/index.ts';
import {
  applyNetwork,
  featureLayer,
  type NormalizationMode,
  outputShapes,
  preprocess,
} from '../models/index.ts';
import type { Companion, SeenBatch } from './companion.ts';
import {
  type CutNetwork,
  dropoutLayers,
  labelLoss,
  type LossOptions,
  MASK,
  suffixInputShape,
} from './programs.ts';

/** Sizes of a step that has a companion. */
export interface CompanionSizes {
  /** Labelled images; 0 where there are none. */
  labelled: number;
  unlabelled: number;
  /** Outputs of the head. */
  units: number;
}

/** Numbers of an image that the classes are read off. */
export const featureWidth = ({ network }: Pick<CutNetwork, 'network'>): number =>
  sizeOf(outputShapes(network).get(featureLayer(network))!);

/**
 * Forward pass and loss of a step with a companion: labelled images (`x`, `target`, `weight`) and unlabelled ones (`unlabelled`) go through the
 * network together; BatchNorm on the statistics of the batch sees both as one, or each domain by itself, as the companion has it. `loss` is the sum of both losses, which stand beside it.
 */
export function companionProgram(
  cutNetwork: CutNetwork,
  { labelled, unlabelled, units }: CompanionSizes,
  batchNormalization: (layer: string) => NormalizationMode,
  options: LossOptions,
  companion: Companion,
): Program {
  const { kind = 'softmax' } = options;
  const shape = suffixInputShape(cutNetwork);
  const float = (...extents: number[]): TensorSpec => ({ shape: extents, dtype: 'float32' });
  const rows = labelled + unlabelled;
  const own = companion.inputs(unlabelled, units);
  const dropouts = dropoutLayers(cutNetwork.network);
  const inputs: Record<string, TensorSpec> = {
    unlabelled: float(unlabelled, ...shape),
    ...own,
    ...Object.fromEntries(dropouts.map(({ layer, shape: of }) => [MASK + layer.name, float(rows, ...of)])),
  };
  if (labelled > 0) {
    inputs.x = float(labelled, ...shape);
    inputs.target = float(labelled, units);
    inputs.weight = kind === 'softmax' ? float(labelled) : float(labelled, units);
  }
  return {
    name: `${cutNetwork.network.name}, with unlabelled images`,
    inputs,
    body: (tensors, scope) => {
      const masks = Object.fromEntries(dropouts.map(({ layer }) => [layer.name, tensors[MASK + layer.name]]));
      const x = labelled > 0 ? tf.concat([tensors.x, tensors.unlabelled], 0) : tensors.unlabelled;
      const apart = companion.normalization === 'by-domain' ? labelled : 0;
      const { features, logits } = seen(cutNetwork, x, scope, batchNormalization, masks, apart);
      const fed = Object.fromEntries(Object.keys(own).map((name) => [name, tensors[name]]));
      if (labelled === 0) {
        const loss = companion.loss({ labelled: null, unlabelled: { features, logits }, inputs: fed }, scope);
        return { loss, companionLoss: loss, labelLoss: loss, logits };
      }
      const [ofLabelled, ofUnlabelled] = split({ features, logits }, labelled, unlabelled);
      const ofLabels = labelLoss(ofLabelled.logits, tensors.target, tensors.weight, options);
      const companionLoss = companion.loss(
        { labelled: ofLabelled, unlabelled: ofUnlabelled, inputs: fed },
        scope,
      );
      return {
        loss: tf.add(ofLabels, companionLoss),
        companionLoss,
        labelLoss: ofLabels,
        logits: ofLabelled.logits,
      };
    },
  };
}

/** What follows the cut, as at inference: `x` → `features`, `logits`. */
export function seeingProgram(cutNetwork: CutNetwork, batch: number): Program {
  return {
    name: `${cutNetwork.network.name}, seen after ${cutNetwork.cut ?? 'the input'}`,
    inputs: { x: { shape: [batch, ...suffixInputShape(cutNetwork)], dtype: 'float32' } },
    body: ({ x }, scope) => ({ ...seen(cutNetwork, x, scope, () => 'inference', {}) }),
  };
}

function seen(
  { network, preprocessing, cut }: CutNetwork,
  x: tf.Tensor,
  scope: ParameterScope,
  batchNormalization: (layer: string) => NormalizationMode,
  dropoutMasks: Record<string, tf.Tensor>,
  apart = 0,
): SeenBatch {
  const wanted = featureLayer(network);
  let features: tf.Tensor | undefined;
  const start = cut === null ? preprocess(x as tf.Tensor4D, network.inputShape[2], preprocessing) : x;
  const logits = applyNetwork(network, scope, start, {
    from: cut,
    batchNormalization,
    dropoutMasks,
    apart,
    visit: (layer, output) => {
      if (layer === wanted) features = output;
    },
  }) as tf.Tensor2D;
  return { features: features as tf.Tensor2D, logits };
}

function split({ features, logits }: SeenBatch, first: number, second: number): [SeenBatch, SeenBatch] {
  const [f1, f2] = tf.split(features, [first, second], 0) as tf.Tensor2D[];
  const [l1, l2] = tf.split(logits, [first, second], 0) as tf.Tensor2D[];
  return [
    { features: f1, logits: l1 },
    { features: f2, logits: l2 },
  ];
}
