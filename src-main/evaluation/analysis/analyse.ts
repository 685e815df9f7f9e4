import { analysisSettings, type AnalysisSettings } from '../../contract/analysis-settings.ts';
import type { FittedModel, ModelAnalysis, OperatingResult, SetAnalysis } from '../../contract/analysis.ts';
import type { EvaluationTable, ScoredPrediction } from '../../contract/evaluation.ts';
import { GraftError } from '../../contract/errors.ts';
import type { Approach } from '../../contract/run.ts';
import { decisionCurve } from '../thresholds/index.ts';
import { pairsOf } from '../options.ts';
import { areasOf } from './areas.ts';
import { type Cases, casesOf, onePerPatient, type Target, targetsOf } from './cases.ts';
import { findingSets } from './finding-sets.ts';
import { fitModel } from './fit.ts';
import { levelResults } from './levels.ts';
import { operatingResults } from './operating.ts';
import { pairedTests, pilotPlan } from './paired-tests.ts';
import { predictionSets } from './prediction-sets.ts';
import { calibrationOf, recalibrations } from './recalibrated.ts';
import { type Grouping, subgroupResults } from './subgroups.ts';

/** Images of one set as models judged them, and what is known of each image. */
export interface JudgedImages {
  /** One model's answers each, the same images in the same order. */
  predictions: readonly (readonly ScoredPrediction[])[];
  /** Of each image; null where it is not known. */
  series: readonly (string | null)[];
}

export interface AnalysisInput {
  classes: readonly string[];
  multiLabel: boolean;
  models: readonly { name: string; approach: Approach }[];
  set: JudgedImages;
  /** What thresholds, recalibrations and prediction sets are fitted on; null where it was not evaluated. */
  validation: JudgedImages | null;
  /** Whether the set is the validation data itself. */
  fittedHere: boolean;
  groupings: readonly Grouping[];
  settings: AnalysisSettings;
  /** The table of the same images. */
  table: EvaluationTable;
}

/** Without `fittedOn.fittedAt`, which the store knows. */
export interface Analysed {
  analysis: SetAnalysis;
  /** Of each model; null without validation data. */
  fitted: FittedModel[] | null;
}

/** The subgroups' standard errors are known well with fewer replicates than the ends of an interval. */
const SUBGROUP_REPLICATES = 1000;
/** Net benefit at each two hundredths. */
const DECISION_THRESHOLDS = Array.from({ length: 49 }, (_, i) => (i + 1) / 50);

/**
 * Everything about one set that goes beyond its table: what validation data fitted, judged here; paired tests; units; subgroups; what a later study
 * would need. Seeds and replicates are those of the table. A worker's work.
 *
 * @throws GraftError `analysis-mixed-labels` where no series or patient has one label
 */
export function analyse(input: AnalysisInput): Analysed {
  const { classes, multiLabel, models, set, validation, groupings, settings, table } = input;
  const { unit, aggregation, miss, margin } = settings;
  const { replicates, seed } = table.bootstrap;
  const options = { replicates, seed };
  const cases = set.predictions.map((one) => casesOf(one, unit, aggregation, set.series));
  if (cases[0].predictions.length === 0) {
    throw new GraftError(
      'analysis-mixed-labels',
      `Expected ${unit === 'series' ? 'series' : 'patients'} whose images have one label, found none: all have images of different classes. Analyse image by image.`,
    );
  }
  const fittedOn = validation?.predictions.map((one) => casesOf(one, unit, aggregation, validation.series));
  const usable = fittedOn !== undefined && fittedOn[0].predictions.length > 0;
  const fitted = usable ? fittedOn.map((one) => fitModel(one, classes, multiLabel, settings, seed)) : null;
  const targets = cases.map((one) => targetsOf(one, classes));
  const areas = classes.map((_, k) => areasOf(targets.map((of) => of[k])));
  const contenders = models.map(({ name }, m) => ({
    name,
    cases: cases[m],
    byPatient: casesOf(set.predictions[m], 'patient', aggregation, set.series),
  }));
  const pairs = pairsOf({ classes, models: models.map((one) => ({ ...one, predictions: [] })) }).map(
    (names) => names.map((name) => models.findIndex((one) => one.name === name)) as [number, number],
  );
  const main = models.length - 1;
  const analysis: SetAnalysis = {
    settings,
    classes: [...classes],
    multiLabel,
    cases: cases[0].predictions.length,
    images: set.predictions[0].length,
    patients: cases[0].patients.count,
    fittedOn: usable
      ? { cases: fittedOn[0].predictions.length, patients: fittedOn[0].patients.count, fittedAt: '' }
      : null,
    fittedHere: input.fittedHere,
    // Name by name: what else a model carries is predictions of patients.
    models: models.map(({ name, approach }, m): ModelAnalysis => ({
      name,
      approach,
      operating: fitted
        ? operatingOf(targets[m], targetsOf(fittedOn![m], classes), fitted[m], cases[m], options)
        : [],
      recalibration: recalibrations(cases[m], classes, multiLabel, fitted?.[m] ?? null),
      calibration: targets[m].map(calibrationOf),
      conformal: fitted && !multiLabel ? predictionSets(cases[m], classes, fitted[m], miss, options) : [],
      findingSets: fitted?.[m].findingSets
        ? findingSets(targets[m], cases[m], fitted[m].findingSets, miss, options)
        : [],
      decisionCurves: approach === 'majority' ? [] : targets[m].map(curveOf),
      areas: areas.map(({ name: target, estimates }) => ({ target, auc: estimates[m] })),
    })),
    // The area of one of two classes is that of the other.
    tests: pairedTests(contenders, pairs, !multiLabel && classes.length === 2 ? [areas[1]] : areas, seed),
    levels: levelResults({
      classes,
      multiLabel,
      models: models.map(({ name, approach }, m) => ({ name, approach, predictions: set.predictions[m] })),
      series: set.series,
      aggregation,
      ...options,
      ofImages: table.models.map(({ metrics }) => metrics),
    }),
    subgroups: subgroupResults(
      cases[main],
      classes,
      multiLabel,
      groupings,
      fitted?.[main].thresholds ?? null,
      { seed, margin, replicates: Math.min(replicates, SUBGROUP_REPLICATES) },
    ),
    pilots: pairs.flatMap(([a, b]) => pilotPlan(contenders[a], contenders[b])),
    replicates,
    seed,
  };
  return { analysis, fitted };
}

export const defaultSettings: AnalysisSettings = analysisSettings.parse({});

function operatingOf(
  targets: readonly Target[],
  validation: readonly Target[],
  { thresholds }: FittedModel,
  cases: Cases,
  options: { replicates: number; seed: number },
): OperatingResult[] {
  const chosen = targets.flatMap((target, k) => {
    const threshold = thresholds[k];
    return threshold === null ? [] : [{ target, validation: validation[k], threshold }];
  });
  return operatingResults(chosen, cases.patients.count, onePerPatient(cases), options);
}

function curveOf({ name, positive, scores }: Target): ModelAnalysis['decisionCurves'][number] {
  const points = decisionCurve(positive, scores, { thresholds: DECISION_THRESHOLDS });
  return {
    target: name,
    prevalence: positive.filter(Boolean).length / Math.max(1, positive.length),
    model: points.map(({ threshold, model }) => [threshold, model]),
    treatAll: points.map(({ threshold, treatAll }) => [threshold, treatAll]),
  };
}
