export { aucCovariance, type AucComparison, type AucCovariance, aucInterval, compareAucs } from './delong.ts';
export { mcnemarCounts, mcnemarTest, type McNemarTest } from './mcnemar.ts';
export { benjaminiHochberg, type Correction, holm } from './multiplicity.ts';
export { pairedPermutationTest, type PermutationTest } from './permutation.ts';
export { clopperPearsonInterval, type Interval, wilsonInterval } from './proportions.ts';
