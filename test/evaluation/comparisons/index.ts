import { calibrationComparisons } from './calibration.ts';
import type { Comparison } from './comparison.ts';
import { conformalComparisons } from './conformal.ts';
import { findingComparisons } from './findings.ts';
import { crossValidationComparisons } from './cross-validation.ts';
import { inferenceComparisons } from './inference.ts';
import { metricComparisons } from './metrics.ts';
import { planningComparisons } from './planning.ts';
import { resamplingComparisons } from './resampling.ts';
import { subgroupComparisons } from './subgroups.ts';
import { thresholdComparisons } from './thresholds.ts';

/** Every function of docs/statistics.md with its reference, by subject. */
export const comparisons: Record<string, Comparison[]> = {
  'src-main/evaluation/metrics': metricComparisons,
  'src-main/evaluation/inference, distributions': inferenceComparisons,
  'src-main/evaluation/resampling': resamplingComparisons,
  'src-main/evaluation/thresholds': thresholdComparisons,
  'src-main/evaluation/recalibration': calibrationComparisons,
  'src-main/evaluation/conformal': conformalComparisons,
  'src-main/evaluation, of findings': findingComparisons,
  'src-main/evaluation/planning': planningComparisons,
  'src-main/evaluation/cross-validation': crossValidationComparisons,
  'src-main/evaluation/subgroups, aggregation': subgroupComparisons,
};
