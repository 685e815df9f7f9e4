export { bcaInterval, percentileInterval } from './bootstrap-intervals.ts';
export {
  type BootstrapOptions,
  bootstrapPatients,
  type BootstrapSamples,
  indexPatients,
  jackknifePatients,
  type PatientIndex,
  type WeightedStatistic,
} from './bootstrap.ts';
export { classifierMetricNames, classifierMetrics } from './classifier-metrics.ts';
export { type FindingLayout, findingStatistic } from './finding-statistic.ts';
export { type FullMetricLayout, fullMetrics } from './full-metrics.ts';
export { PatientSums } from './patient-sums.ts';
export { RankingByPatient } from './ranking-by-patient.ts';
export { thresholdMetricNames, thresholdMetrics } from './threshold-metrics.ts';
