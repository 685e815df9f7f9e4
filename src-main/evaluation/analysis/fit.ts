import type { AnalysisSettings, ThresholdRule } from '../../contract/analysis-settings.ts';
import type { FittedModel } from '../../contract/analysis.ts';
import { RandomStream } from '../../platform/random.ts';
import { adaptive, fitConformal, leastAmbiguous } from '../conformal/index.ts';
import { fitIsotonic, fitPlatt, fitTemperature, logitsOf } from '../recalibration/index.ts';
import {
  cheapestPoint,
  type OperatingPoint,
  operatingPoints,
  pointAtSensitivity,
  pointAtSpecificity,
  youdenPoint,
} from '../thresholds/index.ts';
import { type Cases, type Target, targetsOf } from './cases.ts';
import { fitFindingSets } from './finding-sets.ts';

/** With fewer, an isotonic curve fits noise. */
export const FEWEST_FOR_ISOTONIC = 100;

/** The point that a rule chooses; null where a side is absent, and where calling nobody is best. */
export function chosenPoint(
  rule: ThresholdRule,
  { scores, positive }: Pick<Target, 'scores' | 'positive'>,
): OperatingPoint | null {
  const points = operatingPoints(scores, positive);
  const point = ((): OperatingPoint | null => {
    switch (rule.kind) {
      case 'youden':
        return youdenPoint(points);
      case 'sensitivity':
        return pointAtSensitivity(points, rule.least);
      case 'specificity':
        return pointAtSpecificity(points, rule.least);
      case 'cost': {
        const { falseNegative, falsePositive, prevalence } = rule;
        return cheapestPoint(points, {
          falseNegative,
          falsePositive,
          ...(prevalence === undefined ? {} : { prevalence }),
        });
      }
    }
  })();
  return point && Number.isFinite(point.threshold) ? point : null;
}

/** Log odds; 0 and 1 count as the nearest single-precision numbers that are neither. */
export const logOddsOf = (probabilities: ArrayLike<number>): Float64Array =>
  Float64Array.from(probabilities, (p) => {
    const inside = Math.min(1 - 2 ** -23, Math.max(2 ** -23, p));
    return Math.log(inside / (1 - inside));
  });

/** Of one finding: logits of its absence and its presence. */
export const twoLogits = (probabilities: ArrayLike<number>): [number, number][] =>
  Array.from(logOddsOf(probabilities), (odds) => [0, odds]);

/** Thresholds, recalibrations and prediction sets of one model, from its validation cases. */
export function fitModel(
  validation: Cases,
  classes: readonly string[],
  multiLabel: boolean,
  { threshold, miss }: Pick<AnalysisSettings, 'threshold' | 'miss'>,
  seed: number,
): FittedModel {
  const targets = targetsOf(validation, classes);
  const labels = validation.predictions.map(({ label }) => label);
  const rows = validation.predictions.map(({ probabilities }) => probabilities);
  return {
    thresholds: targets.map((target) => chosenPoint(threshold, target)?.threshold ?? null),
    temperatures: multiLabel
      ? targets.map(({ scores, positive }) => fitTemperature(twoLogits(scores), positive.map(Number)))
      : [fitTemperature(logitsOf(rows), labels)],
    platt: targets.map(({ scores, positive }) => fitPlatt(logOddsOf(scores), positive)),
    isotonic:
      rows.length < FEWEST_FOR_ISOTONIC
        ? null
        : targets.map(({ scores, positive }) => {
            const curve = fitIsotonic(scores, positive);
            return { scores: [...curve.scores], probabilities: [...curve.probabilities] };
          }),
    conformal: multiLabel ? [] : fitSets(validation, classes.length, miss, seed),
    ...(multiLabel ? { findingSets: fitFindingSets(targets, miss, seed) } : {}),
  };
}

/** Each class has its own threshold where every class has enough patients to leave it out now and then. */
function fitSets(cases: Cases, classes: number, miss: number, seed: number): FittedModel['conformal'] {
  const one = onePredictionOfEach(cases, seed);
  if (one.length === 0) return [];
  const labels = one.map(({ label }) => label);
  const rows = one.map(({ probabilities }) => probabilities);
  const enough = Math.ceil(1 / miss) - 1;
  const all = Array.from({ length: classes }, (_, k) => labels.filter((label) => label === k).length);
  const kinds = [
    { method: 'least-ambiguous' as const, byClass: false },
    ...(all.every((count) => count >= enough) ? [{ method: 'least-ambiguous' as const, byClass: true }] : []),
    { method: 'adaptive' as const, byClass: false },
  ];
  return kinds.map(({ method, byClass }) => {
    const score = method === 'adaptive' ? adaptive : leastAmbiguous;
    const { thresholds } = fitConformal(labels, rows, classes, { miss, score, byClass });
    return {
      method,
      byClass,
      calibratedOn: one.length,
      thresholds: thresholds.map((value) => (Number.isFinite(value) ? value : null)),
    };
  });
}

/** One case of each patient, drawn: images of one patient are not exchangeable with those of others. */
function onePredictionOfEach({ predictions, patients }: Cases, seed: number): Cases['predictions'] {
  const random = new RandomStream(seed, 'conformal');
  const groups = Array.from({ length: patients.count }, () => [] as number[]);
  predictions.forEach((_, i) => groups[patients.of[i]].push(i));
  return groups.map((places) => predictions[random.pick(places)]);
}
