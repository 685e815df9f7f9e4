import {
  type EvaluationTable,
  type MetricName,
  metricNames,
  type ModelDifference,
  type ModelEvaluation,
  type ScoredPrediction,
} from '../contract/evaluation.ts';
import { GraftError } from '../contract/errors.ts';
import type { Approach } from '../contract/run.ts';
import { RandomStream } from '../platform/random.ts';
import { calibrate } from './calibration.ts';
import { confusionMatrix, perClassMetrics, predictedClass, summarise } from './classification.ts';
import { countPatients, enoughPatients, estimate, type PatientCounts } from './intervals.ts';
import { overallAuc, type RankedScores, rankClasses, rocCurves } from './roc.ts';

export interface ModelPredictions {
  name: string;
  approach: Approach;
  /** The same images in the same order for every model. */
  predictions: readonly ScoredPrediction[];
}

export interface EvaluationOptions {
  classes: readonly string[];
  models: readonly ModelPredictions[];
  /** Default 0. */
  seed?: number;
  /** Bootstrap replicates; default 1,000. */
  replicates?: number;
  /** Pairs of model names to compare; default the last model against each before it. */
  compare?: readonly (readonly [string, string])[];
}

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
      predictions.every((p, i) => p.patientKey === first[i].patientKey && p.label === first[i].label);
    if (!same) {
      throw new GraftError(
        'evaluation-mismatch',
        `Expected every model to have predicted the same images; ${name} did not. Evaluate all runs again.`,
      );
    }
  }
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
  const draws = drawReplicates(patients, labels, classes.length, replicates, seed);
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
  const pairs =
    options.compare ??
    models.slice(0, -1).map(({ name }): [string, string] => [models[models.length - 1].name, name]);
  return {
    classes: [...classes],
    models: evaluations,
    differences: pairs.flatMap(([a, b]) => differences(a, b, evaluations, samples, counts)),
    bootstrap: { replicates, seed, lackingAClass: draws.lackingAClass },
  };
}

function metricsOf(
  model: Scored,
  classes: number,
  weights?: ArrayLike<number>,
): Record<MetricName, number | null> {
  const summary = summarise(confusionMatrix(model.labels, model.predicted, classes, weights));
  return { ...summary, auc: overallAuc(model.ranked.map((ranked) => ranked.auc(weights))) };
}

/** Image indexes of each patient, in order of first appearance. */
function groupByPatient(predictions: readonly ScoredPrediction[]): number[][] {
  const groups = new Map<string, number[]>();
  predictions.forEach(({ patientKey }, index) => {
    const group = groups.get(patientKey);
    if (group) group.push(index);
    else groups.set(patientKey, [index]);
  });
  return [...groups.values()];
}

function drawReplicates(
  patients: readonly (readonly number[])[],
  labels: Int32Array,
  classes: number,
  replicates: number,
  seed: number,
): { weights: Uint16Array[]; lackingAClass: number } {
  const random = new RandomStream(seed, 'bootstrap');
  let lackingAClass = 0;
  const present = new Set(labels).size;
  const weights = Array.from({ length: replicates }, () => {
    const weight = new Uint16Array(labels.length);
    for (let draw = 0; draw < patients.length; draw++)
      for (const index of random.pick(patients)) weight[index]++;
    const seen = new Set<number>();
    for (let i = 0; i < labels.length && seen.size < classes; i++) if (weight[i] > 0) seen.add(labels[i]);
    if (seen.size < present) lackingAClass++;
    return weight;
  });
  return { weights, lackingAClass };
}

function differences(
  first: string,
  second: string,
  evaluations: readonly ModelEvaluation[],
  samples: readonly Record<MetricName, number | null>[][],
  counts: PatientCounts,
): ModelDifference[] {
  const a = evaluations.findIndex(({ name }) => name === first);
  const b = evaluations.findIndex(({ name }) => name === second);
  if (a < 0 || b < 0)
    throw new GraftError(
      'evaluation-pair',
      `Expected two evaluated models to compare, found ${first} and ${second}.`,
      { kind: 'bug' },
    );
  const subtract = (x: number | null, y: number | null): number | null =>
    x === null || y === null ? null : x - y;
  return metricNames.map((metric) => ({
    first,
    second,
    metric,
    difference: estimate(
      subtract(evaluations[a].metrics[metric].value, evaluations[b].metrics[metric].value),
      samples[a].map((sample, i) => subtract(sample[metric], samples[b][i][metric])),
      enoughPatients(metric, counts),
    ),
  }));
}
