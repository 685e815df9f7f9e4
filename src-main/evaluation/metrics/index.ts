export { matthewsCorrelation, weightedKappa } from './agreement.ts';
export { type Average, averagedMetrics, type AveragedMetrics } from './averages.ts';
export {
  type AucAverage,
  meanAveragePrecision,
  oneVersusOneAuc,
  oneVersusRestAuc,
} from './multi-class-auc.ts';
export { calibrationSlope, type CalibrationSlope, spiegelhalterZ } from './calibration-slope.ts';
export { binaryBrierScore, brierScore, logLoss } from './proper-scores.ts';
export {
  adaptiveCalibrationError,
  type Binning,
  type BinOptions,
  expectedCalibrationError,
  meanGap,
  type ReliabilityBin,
  reliabilityCurve,
} from './reliability.ts';
