import { answerCount, type Answers, meanAnswer, surprise } from './answers.ts';

/**
 * Mean entropy of the target's answers, in nats; the smaller, the surer the model (Morerio et al. 2018). Weakness: a model that calls every image the same
 * with certainty has the best value there is.
 */
export function meanEntropy(answers: Answers): number {
  let sum = 0;
  for (const p of answers.probabilities) sum += surprise(p);
  return sum / answerCount(answers);
}

/**
 * Mutual information of images and answers, in nats: entropy of the mean answer less the mean entropy (InfoMax; Bridle et al. 1991, Shi and Sha 2012); the
 * larger, the better: sure answers, and not all the same. Weakness: it favours classes of equal frequency, whatever the target's really are.
 */
export function mutualInformation(answers: Answers): number {
  return meanAnswer(answers).reduce((sum, p) => sum + surprise(p), 0) - meanEntropy(answers);
}
