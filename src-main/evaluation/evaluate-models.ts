import {
  averagedMetricNames,
  averageNames,
  type Estimate,
  type EvaluationTable,
  type MetricName,
  metricNames,
  type ModelEvaluation,
  type ScoredPrediction,
} from '../contract/evaluation.ts';
import { GraftError } from '../contract/errors.ts';
import { allFinite } from '../platform/all-finite.ts';
import { calibrate } from './calibration.ts';
import { classEstimates, furtherEstimates } from './class-estimates.ts';
import { confusionMatrix, perClassMetrics, predictedClass } from './classification.ts';
import { differences } from './differences.ts';
import { evaluateFindings } from './evaluate-findings.ts';
import { countPatients, enoughPatients, estimate, type Resampled } from './intervals.ts';
import { type EvaluationOptions, pairsOf } from './options.ts';
import { groupByPatient } from './group-by-patient.ts';
import { resampleModel } from './resample-model.ts';
import { indexPatients } from './resampling/bootstrap.ts';
import { fullMetrics } from './resampling/full-metrics.ts';
import { precisionRecallCurves, rankClasses, rocCurves } from './roc.ts';

/**
 * Several models on the same images, each metric with a 95 % interval of a bootstrap over patients, bias-corrected and
 * accelerated (Efron 1987) where that is defined: a replicate draws as many patients as there are, with replacement, each with all its images (by
 * cluster, as Field and Welsh 2007). All models see the same replicates, so that differences are paired.
 *
 * @throws GraftError `evaluation-empty`, `evaluation-mismatch`, `evaluation-no-numbers`
 */
export function evaluateModels(options: EvaluationOptions): EvaluationTable {
  const { classes, models, seed = 0, replicates = 2000 } = options;
  const first = models[0]?.predictions ?? [];
  if (first.length === 0) {
    throw new GraftError(
      'evaluation-empty',
      'Expected predictions of at least one image to evaluate, found none. Choose a set with images.',
    );
  }
  for (const { name, predictions } of models) {
    const same =
      predictions.length === first.length &&
      predictions.every((p, i) => p.patientKey === first[i].patientKey && sameTruth(p, first[i]));
    if (!same) {
      throw new GraftError(
        'evaluation-mismatch',
        `Expected every model to have predicted the same images; ${name} did not. Evaluate all runs again.`,
      );
    }
  }
  const mute = models.find(({ predictions }) =>
    predictions.some(({ probabilities }) => !allFinite(probabilities)),
  );
  if (mute) {
    throw new GraftError(
      'evaluation-no-numbers',
      `Expected probabilities of ${mute.name}, found answers that are no numbers: its weights overflow. Train it again at a lower rate.`,
    );
  }
  if (options.multiLabel) return evaluateFindings(options);
  const labels = Int32Array.from(first, ({ label }) => label);
  const patients = indexPatients(first.map(({ patientKey }) => patientKey));
  const counts = countPatients(groupByPatient(first), labels);
  const resampled = models.map(({ predictions }) =>
    resampleModel(
      fullMetrics(
        labels,
        predictions.map(({ probabilities }) => probabilities),
        patients.of,
        classes.length,
      ),
      patients,
      { replicates, seed },
    ),
  );
  const evaluations = models.map(({ name, approach, predictions }, m): ModelEvaluation => {
    const probabilities = predictions.map((p) => p.probabilities);
    const predicted = probabilities.map(predictedClass);
    const confusion = confusionMatrix(labels, predicted, classes.length);
    const ranked = rankClasses(labels, probabilities, classes.length);
    const { of, layout } = resampled[m];
    const averaged = (place: number, metric: MetricName = 'balancedAccuracy'): Estimate =>
      estimate(of(place).point, of(place), enoughPatients(metric, counts));
    return {
      name,
      approach,
      images: predictions.length,
      patients: patients.count,
      metrics: Object.fromEntries(
        metricNames.map((metric) => [metric, averaged(layout.overall(metric), metric)]),
      ) as ModelEvaluation['metrics'],
      perClass: perClassMetrics(
        confusion,
        classes,
        ranked.map((one) => one.auc()),
      ).map((one, k) => ({ ...one, estimates: classEstimates(resampled[m], k, patientsWith(first, k)) })),
      confusion,
      roc: rocCurves(ranked, classes),
      precisionRecall: precisionRecallCurves(
        ranked,
        classes,
        confusion.map((row) => row.reduce((sum, count) => sum + count, 0)),
      ),
      calibration: calibrate(labels, probabilities),
      further: furtherEstimates(resampled[m], labels, probabilities, classes.length, counts),
      averages: Object.fromEntries(
        averageNames.map((average) => [
          average,
          Object.fromEntries(
            averagedMetricNames.map((name) => [
              name,
              averaged(layout.average(average, name), average === 'micro' ? 'accuracy' : 'balancedAccuracy'),
            ]),
          ),
        ]),
      ) as ModelEvaluation['averages'],
    };
  });
  const samples = resampled.map(
    ({ of, layout }) =>
      Object.fromEntries(metricNames.map((metric) => [metric, of(layout.overall(metric))])) as Partial<
        Record<MetricName, Resampled>
      > as Record<MetricName, Resampled>,
  );
  return {
    classes: [...classes],
    models: evaluations,
    differences: pairsOf(options).flatMap(([a, b]) => differences(a, b, evaluations, samples, counts)),
    bootstrap: { replicates, seed, lackingAClass: resampled[0].lackingAClass },
  };
}

const sameTruth = (one: ScoredPrediction, other: ScoredPrediction): boolean =>
  one.label === other.label && JSON.stringify(one.findings) === JSON.stringify(other.findings);

/** Patients with an image of a class, and with one of another. */
function patientsWith(predictions: readonly ScoredPrediction[], k: number): { own: number; other: number } {
  const keys = (chosen: (label: number) => boolean): number =>
    new Set(predictions.filter(({ label }) => chosen(label)).map(({ patientKey }) => patientKey)).size;
  return { own: keys((label) => label === k), other: keys((label) => label !== k) };
}
