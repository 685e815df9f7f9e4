export {
  type AucPlan,
  aucPrecisionSampleSize,
  detectableAucDifference,
  pairedAucPower,
  pairedAucSampleSize,
  plannedAucVariance,
  type SampleSize,
  type ScoreModel,
} from './auc.ts';
export { planStudy } from './plan-study.ts';
export { studentInterval } from './student-interval.ts';
export { type Extrapolation, fitLearningCurve, type LearningCurve } from './learning-curve.ts';
export {
  designEffect,
  detectableDifference,
  independentDiscordance,
  pairedPower,
  pairedSampleSize,
  type TestLevels,
} from './paired-accuracies.ts';
