export { calibrate, calibrateFindings } from './calibration.ts';
export {
  confusionMatrix,
  perClassMetrics,
  predictedClass,
  summarise,
  type Summary,
} from './classification.ts';
export {
  curveOf,
  diagnoseCurves,
  type CurveDiagnosis,
  type CurvePoint,
  type CurveVerdict,
} from './curve-diagnosis.ts';
export { evaluateModels } from './evaluate-models.ts';
export { youdenThresholds } from './finding-metrics.ts';
export type { EvaluationOptions, ModelPredictions } from './options.ts';
export { overallAuc, RankedScores, rankClasses, rankFindings } from './roc.ts';
export { diagnoseRun, diagnosisText, type DiagnosedRun } from './run-diagnosis.ts';
export { cohenKappa } from './agreement.ts';
export { kendallTau } from './rank-correlation.ts';
