import * as tf from '@tensorflow/tfjs-core';
import { Parameters } from '../engine/index.ts';
import { classifierOf, classifierWeights } from './domain-classifier.ts';
import { reverseGradient } from './gradients.ts';
import { companionOf, type MakeCompanion } from './method.ts';

/** What a domain classifier makes of features: one logit for each image, of the source. */
export type DomainClassifier = (features: tf.Tensor2D) => tf.Tensor2D;

/**
 * The loss of DANN (Ganin et al. 2016, equation 9): binary cross-entropy of a domain classifier, both domains counting alike. The classifier
 * learns to tell the domains apart; through the reversed gradient the features learn that it cannot.
 *
 * @param reversal λ, by which the gradient into the features is multiplied, and turned round
 */
export function domainAdversarialLoss(
  source: tf.Tensor2D,
  target: tf.Tensor2D,
  classifier: DomainClassifier,
  reversal: tf.Scalar,
): tf.Scalar {
  const [n, m] = [source.shape[0], target.shape[0]];
  const features = reverseGradient(tf.concat([source, target], 0), reversal);
  const [own, other] = tf.split(classifier(features), [n, m], 0);
  return domainLoss(own, other);
}

/** Cross-entropy of logits that say “source”: half of what is wrong of each domain. */
export function domainLoss(source: tf.Tensor, target: tf.Tensor): tf.Scalar {
  const missed = tf.mean(tf.softplus(tf.neg(source)));
  const mistaken = tf.mean(tf.softplus(target));
  return tf.mul(0.5, tf.add(missed, mistaken)) as tf.Scalar;
}

/** The strength is that of the reversed gradient: the classifier itself always learns. */
export const dann: MakeCompanion = (context) =>
  companionOf(context, {
    strength: 0.3,
    schedule: 'ramp',
    weights: (features) => ({
      learning: classifierWeights(features, context.config.discriminator, context.seed),
      constant: new Parameters(),
    }),
    loss: ({ labelled, unlabelled }, strength, scope) =>
      domainAdversarialLoss(labelled!.features, unlabelled.features, classifierOf(scope), strength),
  });
