export { calibrate } from './calibration.ts';
export {
  confusionMatrix,
  perClassMetrics,
  predictedClass,
  summarise,
  type Summary,
} from './classification.ts';
export {
  diagnoseCurves,
  type CurveDiagnosis,
  type CurvePoint,
  type CurveVerdict,
} from './curve-diagnosis.ts';
export { evaluateModels, type EvaluationOptions, type ModelPredictions } from './evaluate-models.ts';
export { overallAuc, RankedScores, rankClasses } from './roc.ts';
export { cohenKappa } from './agreement.ts';
export { kendallTau } from './rank-correlation.ts';
