import { calibrationComparisons } from './calibration.ts';
import type { Comparison } from './comparison.ts';
import { conformalComparisons } from './conformal.ts';
import { inferenceComparisons } from './inference.ts';
import { metricComparisons } from './metrics.ts';
import { resamplingComparisons } from './resampling.ts';
import { thresholdComparisons } from './thresholds.ts';

/** Every function of docs/statistics.md with its reference, by subject. */
export const comparisons: Record<string, Comparison[]> = {
  'src-main/evaluation/metrics': metricComparisons,
  'src-main/evaluation/inference, distributions': inferenceComparisons,
  'src-main/evaluation/resampling': resamplingComparisons,
  'src-main/evaluation/thresholds': thresholdComparisons,
  'src-main/evaluation/recalibration': calibrationComparisons,
  'src-main/evaluation/conformal': conformalComparisons,
};
