import type * as tf from '@tensorflow/tfjs-core';
import type { Program } from '../engine/index.ts';
import { applyNetwork } from './apply.ts';
import type { Model } from './model.ts';
import { probabilitiesOf } from './output.ts';
import { preprocess } from './preprocessing.ts';

/**
 * The whole model as a program, the one that is exported: `image` `[batch, height, width, channels]` in [0, 1] →
 * `probabilities` `[batch, classes]`.
 */
export function inferenceProgram(
  model: Pick<Model, 'network' | 'classes' | 'output' | 'preprocessing' | 'imageChannels'>,
  batch: number,
): Program {
  const { network, preprocessing, imageChannels } = model;
  const [height, width, channels] = network.inputShape;
  return {
    name: `${network.name} inference`,
    inputs: { image: { shape: [batch, height, width, imageChannels], dtype: 'float32' } },
    body: ({ image }, scope) => ({
      probabilities: probabilitiesOf(
        model,
        applyNetwork(
          network,
          scope,
          preprocess(image as tf.Tensor4D, channels, preprocessing),
        ) as tf.Tensor2D,
      ),
    }),
  };
}
