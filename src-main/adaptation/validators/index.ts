export { answerCount, type Answers, likeliest, meanAnswer } from './answers.ts';
export { meanEntropy, mutualInformation } from './entropy.ts';
export { softNeighbourhoodDensity } from './soft-neighbourhood-density.ts';
export {
  deepEmbeddedRisk,
  effectiveCount,
  importanceWeightedRisk,
  importanceWeights,
} from './weighted-risk.ts';
