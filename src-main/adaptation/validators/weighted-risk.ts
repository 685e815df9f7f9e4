import { type DomainFeatures, fitDomainClassifier, targetLogOdds } from '../distances/index.ts';

/** Beyond this factor single images would decide: weights are held within it and its inverse. */
const MOST = 50;

/**
 * How much more often images like these come from the target than from the source: p(target) / p(source) by a classifier of the domains, which learned
 * from other images of the source (Bickel et al. 2007). 1 on average where the estimate is good.
 *
 * @param learned images of the source that the classifier learns from, with those of the target
 * @param judged images of the source that get weights
 */
export function importanceWeights(
  learned: DomainFeatures,
  target: DomainFeatures,
  judged: DomainFeatures,
): Float64Array {
  const odds = targetLogOdds(fitDomainClassifier(learned, target), judged);
  return odds.map((value) => Math.exp(Math.max(-Math.log(MOST), Math.min(Math.log(MOST), value))));
}

/** Importance-weighted validation (Sugiyama et al. 2007): the mean of weight times loss over validation images of the source; the smaller, the better. */
export function importanceWeightedRisk(weights: ArrayLike<number>, losses: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < losses.length; i++) sum += weights[i] * losses[i];
  return sum / losses.length;
}

/**
 * Deep embedded validation (You et al. 2019): the same, less a control variate, as weights ought to have the mean 1: mean(wℓ) + η(mean(w) − 1),
 * η = −cov(wℓ, w) / var(w). Weakness of both: where no image of the source looks like the target's, the few that do decide, and a shift of
 * what an appearance means is not seen at all.
 */
export function deepEmbeddedRisk(weights: ArrayLike<number>, losses: ArrayLike<number>): number {
  const count = losses.length;
  const risk = importanceWeightedRisk(weights, losses);
  let mean = 0;
  for (let i = 0; i < count; i++) mean += weights[i] / count;
  let [covariance, variance] = [0, 0];
  for (let i = 0; i < count; i++) {
    covariance += (weights[i] * losses[i] - risk) * (weights[i] - mean);
    variance += (weights[i] - mean) ** 2;
  }
  if (variance < 1e-12) return risk;
  return risk - (covariance / variance) * (mean - 1);
}

/** How many images weighted ones are worth: (Σw)² / Σw² (Kish 1965). */
export function effectiveCount(weights: ArrayLike<number>): number {
  let [sum, squares] = [0, 0];
  for (let i = 0; i < weights.length; i++) {
    sum += weights[i];
    squares += weights[i] ** 2;
  }
  return squares === 0 ? 0 : sum ** 2 / squares;
}
