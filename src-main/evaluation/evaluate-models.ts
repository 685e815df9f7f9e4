import {
  type EvaluationTable,
  type MetricName,
  metricNames,
  type ModelEvaluation,
  type ScoredPrediction,
} from '../contract/evaluation.ts';
import { GraftError } from '../contract/errors.ts';
import { calibrate } from './calibration.ts';
import { confusionMatrix, perClassMetrics, predictedClass, summarise } from './classification.ts';
import { differences } from './differences.ts';
import { evaluateFindings } from './evaluate-findings.ts';
import { countPatients, enoughPatients, estimate } from './intervals.ts';
import { type EvaluationOptions, pairsOf } from './options.ts';
import { drawReplicates, groupByPatient } from './replicates.ts';
import { overallAuc, type RankedScores, rankClasses, rocCurves } from './roc.ts';

/** A model's predictions in the shape that replicates are computed from. */
interface Scored {
  labels: Int32Array;
  predicted: Int32Array;
  ranked: RankedScores[];
}

/**
 * Several models on the same images, each metric with a 95 % percentile interval of a bootstrap over patients: a
 * replicate draws as many patients as there are, with replacement, each with all its images (Efron; by cluster, as
 * Field and Welsh 2007). All models see the same replicates, so that differences are paired.
 *
 * @throws GraftError `evaluation-empty`, `evaluation-mismatch`
 */
export function evaluateModels(options: EvaluationOptions): EvaluationTable {
  const { classes, models, seed = 0, replicates = 1000 } = options;
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
  if (options.multiLabel) return evaluateFindings(options);
  const labels = Int32Array.from(first, ({ label }) => label);
  const scored = models.map(({ predictions }): Scored => ({
    labels,
    predicted: Int32Array.from(predictions, ({ probabilities }) => predictedClass(probabilities)),
    ranked: rankClasses(
      labels,
      predictions.map(({ probabilities }) => probabilities),
      classes.length,
    ),
  }));
  const patients = groupByPatient(first);
  const counts = countPatients(patients, labels);
  const draws = drawReplicates(
    patients,
    Array.from(labels, (label) => [label]),
    replicates,
    seed,
  );
  const samples = scored.map((model) =>
    draws.weights.map((weights) => metricsOf(model, classes.length, weights)),
  );
  const evaluations = models.map(({ name, approach, predictions }, m): ModelEvaluation => {
    const probabilities = predictions.map((p) => p.probabilities);
    const confusion = confusionMatrix(labels, scored[m].predicted, classes.length);
    const point = metricsOf(scored[m], classes.length);
    return {
      name,
      approach,
      images: predictions.length,
      patients: patients.length,
      metrics: Object.fromEntries(
        metricNames.map((metric) => [
          metric,
          estimate(
            point[metric],
            samples[m].map((sample) => sample[metric]),
            enoughPatients(metric, counts),
          ),
        ]),
      ) as ModelEvaluation['metrics'],
      perClass: perClassMetrics(
        confusion,
        classes,
        scored[m].ranked.map((ranked) => ranked.auc()),
      ),
      confusion,
      roc: rocCurves(scored[m].ranked, classes),
      calibration: calibrate(labels, probabilities),
    };
  });
  const pairs = pairsOf(options);
  return {
    classes: [...classes],
    models: evaluations,
    differences: pairs.flatMap(([a, b]) => differences(a, b, evaluations, samples, counts)),
    bootstrap: { replicates, seed, lackingAClass: draws.lackingAClass },
  };
}

const sameTruth = (one: ScoredPrediction, other: ScoredPrediction): boolean =>
  one.label === other.label && JSON.stringify(one.findings) === JSON.stringify(other.findings);

function metricsOf(
  model: Scored,
  classes: number,
  weights?: ArrayLike<number>,
): Record<MetricName, number | null> {
  const summary = summarise(confusionMatrix(model.labels, model.predicted, classes, weights));
  return { ...summary, auc: overallAuc(model.ranked.map((ranked) => ranked.auc(weights))) };
}
