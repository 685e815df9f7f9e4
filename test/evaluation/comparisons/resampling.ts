import {
  bcaInterval,
  bootstrapPatients,
  classifierMetricNames,
  classifierMetrics,
  jackknifePatients,
  percentileInterval,
  thresholdMetrics,
} from '../../../src-main/evaluation/resampling/index.ts';
import { type Comparison, readReference } from './comparison.ts';

interface Case {
  labels: number[];
  probabilities: number[][];
  patient: number[];
  draws: number[][];
  point: (number | null)[];
  firstReplicates: (number | null)[][];
  percentile: [number, number][];
  bca: [number, number][];
}

interface Reference {
  cases: Case[];
  threshold: {
    scores: number[];
    positive: boolean[];
    patient: number[];
    threshold: number;
    draws: number[][];
    point: number[];
    percentile: [number, number][];
  };
  scipyBootstrap: {
    labels: number[];
    probabilities: number[];
    draws: number[][];
    intervals: Record<'accuracy' | 'macroAuc' | 'brier', Record<'percentile' | 'bca', [number, number]>>;
  };
}

const { cases, scipyBootstrap, threshold: atThreshold } = readReference<Reference>('resampling');
type Pair = readonly [number | null, number | null];
const defined = (value: number): number | null => (Number.isNaN(value) ? null : value);

function resample({ labels, probabilities, patient, draws }: Omit<Case, 'point'>) {
  const statistic = classifierMetrics(
    labels,
    probabilities,
    Int32Array.from(patient),
    probabilities[0].length,
  );
  const patients = Math.max(...patient) + 1;
  return {
    ...bootstrapPatients(statistic, patients, { draws }),
    leftOut: jackknifePatients(statistic, patients),
  };
}

const ends = (interval: { low: number; high: number } | null, [low, high]: [number, number]): Pair[] => [
  [interval?.low ?? null, low],
  [interval?.high ?? null, high],
];

export const resamplingComparisons: Comparison[] = [
  {
    name: 'thresholdMetrics',
    reference: 'scikit-learn recall_score, f1_score on the images of each draw, numpy.percentile',
    pairs: () => {
      const { scores, positive, patient, threshold, draws } = atThreshold;
      const statistic = thresholdMetrics(scores, positive, Int32Array.from(patient), threshold);
      const { point, replicates } = bootstrapPatients(statistic, Math.max(...patient) + 1, { draws });
      return atThreshold.point.flatMap((value, k): Pair[] => [
        [point[k], value],
        ...ends(percentileInterval(replicates[k]), atThreshold.percentile[k]),
      ]);
    },
  },
  {
    name: 'classifierMetrics',
    reference: 'scikit-learn and numpy on the images of each draw',
    pairs: () =>
      cases.flatMap((one) => {
        const { point, replicates } = resample(one);
        return one.point.flatMap((value, k): Pair[] => [
          [defined(point[k]), value],
          ...one.firstReplicates.map((row, at): Pair => [defined(replicates[k][at]), row[k]]),
        ]);
      }),
  },
  {
    name: 'percentileInterval',
    reference: 'numpy.percentile over scikit-learn on the same draws of patients',
    pairs: () =>
      cases.flatMap((one) => {
        const { replicates } = resample(one);
        return one.percentile.flatMap((expected, k) => ends(percentileInterval(replicates[k]), expected));
      }),
  },
  {
    name: 'bcaInterval',
    reference: 'Efron 1987 in numpy over scikit-learn on the same draws of patients',
    pairs: () =>
      cases.flatMap((one) => {
        const { point, replicates, leftOut } = resample(one);
        return one.bca.flatMap((expected, k) =>
          ends(bcaInterval(point[k], replicates[k], leftOut[k]), expected),
        );
      }),
  },
  {
    name: 'bootstrapPatients',
    reference: 'scipy.stats.bootstrap, percentile and BCa, one image of each patient, the same resamples',
    pairs: () => {
      const { point, replicates, leftOut } = resample({
        ...scipyBootstrap,
        probabilities: scipyBootstrap.probabilities.map((p) => [1 - p, p]),
        patient: [...scipyBootstrap.labels.keys()],
        firstReplicates: [],
        percentile: [],
        bca: [],
      });
      return Object.entries(scipyBootstrap.intervals).flatMap(([name, { percentile, bca }]) => {
        const k = classifierMetricNames.findIndex((known) => known === name);
        return [
          ...ends(percentileInterval(replicates[k]), percentile),
          ...ends(bcaInterval(point[k], replicates[k], leftOut[k]), bca),
        ];
      });
    },
  },
];
