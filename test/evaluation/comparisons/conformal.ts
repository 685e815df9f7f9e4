import {
  adaptive,
  type ConformalScore,
  evaluateSets,
  fitConformal,
  leastAmbiguous,
  regularised,
} from '../../../src-main/evaluation/conformal/index.ts';
import { type Comparison, readReference } from './comparison.ts';

interface Data {
  labels: number[];
  probabilities: number[][];
}

interface Expected {
  kind: 'lac' | 'aps' | 'raps';
  miss: number;
  byClass: boolean;
  /** Null where a class is in every set. */
  thresholds: (number | null)[];
  /** Bit k for class k. */
  sets: number[];
}

interface Case {
  fit: Data;
  test: Data;
  shares: [number[], number[]];
  whole: Expected[];
  drawn: Expected[];
  mapieLac?: { miss: number; threshold: number; sets: number[]; coverage: number; meanSize: number }[];
  mapieAps?: { miss: number; threshold: number }[];
}

const { cases } = readReference<{ cases: Case[] }>('conformal');
type Pair = readonly [number | null, number | null];
const scores: Record<Expected['kind'], ConformalScore> = {
  lac: leastAmbiguous,
  aps: adaptive,
  raps: regularised(),
};
const bits = (set: readonly number[]): number => set.reduce((sum, k) => sum + 2 ** k, 0);

function pairsOf({ fit, test, shares }: Case, expected: Expected, drawn: boolean): Pair[] {
  const predictor = fitConformal(fit.labels, fit.probabilities, fit.probabilities[0].length, {
    ...expected,
    score: scores[expected.kind],
    shares: drawn ? shares[0] : undefined,
  });
  const sets = predictor.sets(test.probabilities, drawn ? shares[1] : undefined);
  return [
    ...expected.thresholds.map((threshold, k): Pair => {
      const found = predictor.thresholds[k];
      return [found === Infinity ? null : found, threshold];
    }),
    ...expected.sets.map((set, i): Pair => [bits(sets[i]), set]),
  ];
}

const inNumpy = (kind: Expected['kind'], byClass: boolean) => (): Pair[] =>
  cases.flatMap((one) => [
    ...one.whole
      .filter((expected) => expected.kind === kind && expected.byClass === byClass)
      .flatMap((expected) => pairsOf(one, expected, false)),
    ...one.drawn
      .filter((expected) => expected.kind === kind && expected.byClass === byClass)
      .flatMap((expected) => pairsOf(one, expected, true)),
  ]);

export const conformalComparisons: Comparison[] = [
  {
    name: 'fitConformal, leastAmbiguous',
    reference: "MAPIE SplitConformalClassifier(conformity_score='lac'): thresholds and sets",
    pairs: () =>
      cases.flatMap(({ fit, test, mapieLac = [] }) =>
        mapieLac.flatMap(({ miss, threshold, sets }): Pair[] => {
          const found = fitConformal(fit.labels, fit.probabilities, fit.probabilities[0].length, { miss });
          return [
            [found.thresholds[0], threshold],
            ...found.sets(test.probabilities).map((set, i): Pair => [bits(set), sets[i]]),
          ];
        }),
      ),
  },
  {
    name: 'evaluateSets',
    reference: 'MAPIE classification_coverage_score, classification_mean_width_score',
    pairs: () =>
      cases.flatMap(({ fit, test, mapieLac = [] }) =>
        mapieLac.flatMap(({ miss, coverage, meanSize }): Pair[] => {
          const classes = fit.probabilities[0].length;
          const { sets } = fitConformal(fit.labels, fit.probabilities, classes, { miss });
          const found = evaluateSets(sets(test.probabilities), test.labels, classes)!;
          return [
            [found.coverage, coverage],
            [found.meanSize, meanSize],
          ];
        }),
      ),
  },
  {
    name: 'fitConformal, leastAmbiguous, by class',
    reference: 'Sadinle 2019 in numpy',
    pairs: inNumpy('lac', true),
  },
  {
    name: 'fitConformal, adaptive, thresholds',
    reference: "MAPIE SplitConformalClassifier(conformity_score='aps'), the same draws",
    pairs: () =>
      cases.flatMap(({ fit, shares, mapieAps = [] }) =>
        mapieAps.map(({ miss, threshold }): Pair => {
          const classes = fit.probabilities[0].length;
          const options = { miss, score: adaptive, shares: shares[0] };
          return [fitConformal(fit.labels, fit.probabilities, classes, options).thresholds[0], threshold];
        }),
      ),
  },
  {
    name: 'fitConformal, adaptive',
    reference: 'Romano 2020 in numpy, sets too',
    pairs: inNumpy('aps', false),
  },
  {
    name: 'fitConformal, adaptive, by class',
    reference: 'Romano 2020 in numpy, each class alone',
    pairs: inNumpy('aps', true),
  },
  {
    name: 'fitConformal, regularised',
    reference: 'Angelopoulos 2021 in numpy, sets too',
    pairs: inNumpy('raps', false),
  },
  {
    name: 'fitConformal, regularised, by class',
    reference: 'Angelopoulos 2021 in numpy, each class alone',
    pairs: inNumpy('raps', true),
  },
];
