import type { Finding } from '../../../src-main/contract/dataset.ts';
import { casesOf, targetsOf } from '../../../src-main/evaluation/analysis/cases.ts';
import { findingSets, fitFindingSets } from '../../../src-main/evaluation/analysis/finding-sets.ts';
import {
  bcaInterval,
  bootstrapPatients,
  findingStatistic,
  jackknifePatients,
} from '../../../src-main/evaluation/resampling/index.ts';
import { type Comparison, readReference } from './comparison.ts';

interface Answers {
  present: boolean[];
  probabilities: number[];
}

interface Reference {
  intervals: {
    truths: number[][];
    probabilities: number[][];
    patient: number[];
    draws: number[][];
    point: number[];
    replicates: (number | null)[][];
    bca: [number, number][];
  };
  sets: {
    miss: number;
    fit: Answers;
    test: Answers;
    /** Of absence, and of presence. */
    thresholds: [number, number];
    /** Of all, of those that show it, and of those that do not. */
    coverage: [number, number, number];
    /** There, not there, either, neither. */
    said: [number, number, number, number];
  }[];
}

const { intervals, sets } = readReference<Reference>('findings');
type Pair = readonly [number | null, number | null];
const defined = (value: number): number | null => (Number.isNaN(value) ? null : value);

function resampled() {
  const { truths, probabilities, patient, draws } = intervals;
  const { statistic, layout } = findingStatistic(
    truths.map((row) => row.map((truth): Finding => (truth < 0 ? null : (truth as 0 | 1)))),
    probabilities,
    Int32Array.from(patient),
    2,
  );
  const patients = Math.max(...patient) + 1;
  const names = ['auc', 'averagePrecision', 'precision', 'recall', 'specificity', 'f1'] as const;
  const places = [
    ...[0, 1].flatMap((k) => names.map((name) => layout.ofFinding(k, name))),
    ...(['auc', 'averagePrecision', 'subsetAccuracy'] as const).map((name) => layout.overall(name)),
  ];
  const { point, replicates } = bootstrapPatients(statistic, patients, { draws });
  const leftOut = jackknifePatients(statistic, patients);
  return places.map((place) => ({
    point: point[place],
    replicates: replicates[place],
    leftOut: leftOut[place],
  }));
}

/** One finding, each image a patient of its own. */
const casesWith = ({ present, probabilities }: Answers) =>
  casesOf(
    present.map((is, i) => ({
      patientKey: `p${i}`,
      label: -1,
      findings: [is ? 1 : 0] as const,
      probabilities: [probabilities[i]],
    })),
    'image',
    'mean',
    [],
  );

export const findingComparisons: Comparison[] = [
  {
    name: 'findingStatistic',
    reference: 'scikit-learn on the images of each draw',
    pairs: () =>
      resampled().flatMap(({ point, replicates }, at): Pair[] => [
        [point, intervals.point[at]],
        ...intervals.replicates.map((row, draw): Pair => [defined(replicates[draw]), row[at]]),
      ]),
  },
  {
    name: 'bcaInterval of findings',
    reference: 'Efron 1987 in numpy over scikit-learn on the same draws of patients',
    pairs: () =>
      resampled().flatMap(({ point, replicates, leftOut }, at): Pair[] => {
        const found = bcaInterval(point, replicates, leftOut);
        return [
          [found?.low ?? null, intervals.bca[at][0]],
          [found?.high ?? null, intervals.bca[at][1]],
        ];
      }),
  },
  {
    name: 'fitFindingSets, findingSets',
    reference: 'MAPIE SplitConformalClassifier on the images of each label',
    pairs: () =>
      sets.flatMap(({ miss, fit, test, thresholds, coverage, said }): Pair[] => {
        const cases = casesWith(test);
        const fitted = fitFindingSets(targetsOf(casesWith(fit), ['mass']), miss, 0);
        const [found] = findingSets(targetsOf(cases, ['mass']), cases, fitted, miss, {
          replicates: 20,
          seed: 0,
        });
        return [
          [found.thresholds.absent, thresholds[0]],
          [found.thresholds.present, thresholds[1]],
          [found.coverage.value, coverage[0]],
          [found.coverageOfPresent.value, coverage[1]],
          [found.coverageOfAbsent.value, coverage[2]],
          [found.present, said[0]],
          [found.absent, said[1]],
          [found.either, said[2]],
          [found.neither, said[3]],
        ];
      }),
  },
];
