import type { Comparison } from './comparison.ts';
import { inferenceComparisons } from './inference.ts';
import { metricComparisons } from './metrics.ts';

/** Every function of docs/statistics.md with its reference, by subject. */
export const comparisons: Record<string, Comparison[]> = {
  'src-main/evaluation/metrics': metricComparisons,
  'src-main/evaluation/inference, distributions': inferenceComparisons,
};
