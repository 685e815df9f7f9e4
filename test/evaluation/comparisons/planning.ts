import {
  aucPrecisionSampleSize,
  detectableAucDifference,
  detectableDifference,
  fitLearningCurve,
  pairedAucPower,
  pairedAucSampleSize,
  pairedPower,
  pairedSampleSize,
  plannedAucVariance,
} from '../../../src-main/evaluation/planning/index.ts';
import { type Comparison, readReference } from './comparison.ts';

interface Reference {
  accuracies: {
    difference: number;
    discordant: number;
    alpha: number;
    power: number;
    patients: number;
    powerOf100: number;
    detectableWith150: number | null;
  }[];
  areas: {
    first: number;
    second: number;
    negativesPerPositive: number;
    correlation: number;
    model: 'exponential' | 'binormal';
    variance: number;
    powerOf60And90: number;
    positives: number;
    negatives: number;
    precisePositives: number;
    detectableWith80And120: number;
  }[];
  curves: {
    cases: number[];
    scores: number[];
    weights: number[] | null;
    best: [number, number, number];
    errors: [number, number, number];
    at: { cases: number; score: number; low: number; high: number }[];
    target: number;
    casesFor: number;
  }[];
}

const { accuracies, areas, curves } = readReference<Reference>('planning');
type Pair = readonly [number | null, number | null];
const fitted = ({ cases, scores, weights }: Reference['curves'][number]) =>
  fitLearningCurve(cases, scores, weights ?? undefined)!;

export const planningComparisons: Comparison[] = [
  {
    name: 'pairedSampleSize',
    reference: 'Connor 1987 with scipy.stats.norm',
    pairs: () =>
      accuracies.map(({ difference, discordant, patients, ...levels }): Pair => [
        pairedSampleSize(difference, discordant, levels),
        patients,
      ]),
  },
  {
    name: 'pairedPower',
    reference: 'Connor 1987 with scipy.stats.norm',
    pairs: () =>
      accuracies.map(({ difference, discordant, alpha, powerOf100 }): Pair => [
        pairedPower(100, difference, discordant, { alpha }),
        powerOf100,
      ]),
  },
  {
    name: 'detectableDifference',
    reference: 'scipy.optimize.brentq on the power',
    pairs: () =>
      accuracies.map(({ discordant, alpha, power, detectableWith150 }): Pair => [
        detectableDifference(150, discordant, { alpha, power }),
        detectableWith150,
      ]),
  },
  {
    name: 'plannedAucVariance',
    reference: 'Hanley and McNeil 1982, Obuchowski 1994 in numpy',
    pairs: () =>
      areas.map(({ first, model, variance }): Pair => [plannedAucVariance(first, 40, 70, model), variance]),
  },
  {
    name: 'pairedAucPower',
    reference: 'Hanley and McNeil 1983 with scipy.stats.norm',
    pairs: () =>
      areas.map((one): Pair => [
        pairedAucPower(one.first, one.second, { positives: 60, negatives: 90 }, one),
        one.powerOf60And90,
      ]),
  },
  {
    name: 'pairedAucSampleSize',
    reference: 'the first number with that power, one after another',
    pairs: () =>
      areas.flatMap((one): Pair[] => {
        const found = pairedAucSampleSize(one.first, one.second, one);
        return [
          [found.positives, one.positives],
          [found.negatives, one.negatives],
        ];
      }),
  },
  {
    name: 'detectableAucDifference',
    reference: 'scipy.optimize.brentq on that power',
    pairs: () =>
      areas.map((one): Pair => [
        detectableAucDifference(one.first, { positives: 80, negatives: 120 }, one),
        one.detectableWith80And120,
      ]),
  },
  {
    name: 'aucPrecisionSampleSize',
    reference: 'the first number with that width, one after another',
    pairs: () =>
      areas.map((one): Pair => [
        aucPrecisionSampleSize(one.first, 0.05, one).positives,
        one.precisePositives,
      ]),
  },
  {
    name: 'fitLearningCurve',
    reference: 'scipy.optimize.curve_fit: curve, standard errors, extrapolation with its interval',
    pairs: () =>
      curves.flatMap((curve): Pair[] => {
        const found = fitted(curve);
        return [
          ...[found.ceiling, found.gain, found.rate].map((value, k): Pair => [value, curve.best[k]]),
          ...found.errors.map((value, k): Pair => [value, curve.errors[k]]),
          ...curve.at.flatMap(({ cases, score, low, high }): Pair[] => {
            const there = found.at(cases);
            return [
              [there.score, score],
              [there.low, low],
              [there.high, high],
            ];
          }),
          [found.casesFor(curve.target), curve.casesFor],
        ];
      }),
  },
];
