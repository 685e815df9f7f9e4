import * as tf from '@tensorflow/tfjs-core';
import { Parameters } from '../engine/index.ts';
import { RandomStream } from '../platform/random.ts';
import type { DomainClassifier } from './dann.ts';
import { classifierOf, classifierWeights } from './domain-classifier.ts';
import { reverseGradient, withoutGradient } from './gradients.ts';
import { companionOf, type MakeCompanion } from './method.ts';
import { certaintyWeights, classLogits } from './predictions.ts';

/** Features and logits `[images, …]` of one domain. */
export interface ConditionedImages {
  features: tf.Tensor2D;
  logits: tf.Tensor2D;
}

/** Makes one vector of an image’s features and its class probabilities. */
export type ConditioningMap = (features: tf.Tensor2D, probabilities: tf.Tensor2D) => tf.Tensor2D;

/** All products of a feature and a probability: `[images, classes · features]`. */
export const multilinearMap: ConditioningMap = (features, probabilities) => {
  const [images, width] = features.shape;
  const classes = probabilities.shape[1];
  const products = tf.mul(
    tf.reshape(probabilities, [images, classes, 1]),
    tf.reshape(features, [images, 1, width]),
  );
  return tf.reshape(products, [images, classes * width]);
};

/**
 * The randomised multilinear map (Long et al. 2018, equation 6): `(R_f f) ∘ (R_g g) / √d`, the matrices drawn once and never learned.
 *
 * @param matrices `[features, d]` and `[classes, d]`
 */
export const randomizedMap =
  (ofFeatures: tf.Tensor2D, ofProbabilities: tf.Tensor2D): ConditioningMap =>
  (features, probabilities) => {
    const width = ofFeatures.shape[1];
    const products = tf.mul(tf.matMul(features, ofFeatures), tf.matMul(probabilities, ofProbabilities));
    return tf.div(products, Math.sqrt(width));
  };

/** A matrix of a randomised map, standard normal. */
export function drawMatrix(rows: number, columns: number, seed: number, name: string): Float32Array {
  const stream = new RandomStream(seed, 'randomized map', name);
  return Float32Array.from({ length: rows * columns }, () => stream.normal(0, 1));
}

/**
 * The loss of CDAN (Long et al. 2018): a domain classifier sees features together with what was predicted. With `entropy` (CDAN+E, equation
 * 7) images count the more, the surer their prediction. No gradient flows through predictions and weights, as in the published code.
 *
 * @param reversal see `domainAdversarialLoss`
 */
export function conditionalAdversarialLoss(
  source: ConditionedImages,
  target: ConditionedImages,
  classifier: DomainClassifier,
  reversal: tf.Scalar,
  map: ConditioningMap,
  entropy: boolean,
): tf.Scalar {
  const features = tf.concat([source.features, target.features], 0);
  const logits = withoutGradient(tf.concat([source.logits, target.logits], 0));
  const probabilities = tf.softmax(logits);
  const said = classifier(reverseGradient(map(features, probabilities), reversal));
  const images = features.shape[0];
  const signs = new Float32Array(images).fill(-1, 0, source.features.shape[0]);
  signs.fill(1, source.features.shape[0]);
  // softplus(−z) where the source is right, softplus(z) where the target is.
  const losses = tf.softplus(tf.mul(tf.reshape(said, [images]), tf.tensor1d(signs)));
  const counted = entropy ? tf.mul(losses, certaintyWeights(probabilities)) : losses;
  return tf.mean(counted) as tf.Scalar;
}

const OF_FEATURES = 'randomized/features';
const OF_CLASSES = 'randomized/classes';

const conditional =
  (entropy: boolean): MakeCompanion =>
  (context) => {
    const { config, classes, seed } = context;
    const { discriminator, randomFeatures: wide } = config;
    return companionOf(context, {
      strength: 0.3,
      schedule: 'ramp',
      weights: (features) => {
        const constant = new Parameters();
        const exact = features * classes <= wide;
        if (!exact) {
          constant.add(OF_FEATURES, [features, wide], drawMatrix(features, wide, seed, 'features'));
          constant.add(OF_CLASSES, [classes, wide], drawMatrix(classes, wide, seed, 'classes'));
        }
        return {
          learning: classifierWeights(exact ? features * classes : wide, discriminator, seed),
          constant,
        };
      },
      loss: ({ labelled, unlabelled }, strength, scope) => {
        const [source, target] = [labelled!, unlabelled].map(({ features, logits }) => ({
          features,
          logits: classLogits(logits),
        }));
        const matrix = (name: string): tf.Tensor2D => scope(name) as unknown as tf.Tensor2D;
        const map =
          source.features.shape[1] * classes <= wide
            ? multilinearMap
            : randomizedMap(matrix(OF_FEATURES), matrix(OF_CLASSES));
        return conditionalAdversarialLoss(source, target, classifierOf(scope), strength, map, entropy);
      },
    });
  };

export const cdan = conditional(false);
export const cdanWithEntropy = conditional(true);
