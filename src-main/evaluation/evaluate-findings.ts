import {
  averagedMetricNames,
  type Estimate,
  type EvaluationTable,
  findingMetricNames,
  type FindingEvaluation,
  type FindingsEvaluation,
  type MetricName,
  metricNames,
  type ModelEvaluation,
} from '../contract/evaluation.ts';
import { calibrateFindings } from './calibration.ts';
import { differences } from './differences.ts';
import { countFinding, type ScoredFindings, scoreFindings } from './finding-metrics.ts';
import {
  enoughPatients,
  estimate,
  FEWEST_PATIENTS,
  type PatientCounts,
  type Resampled,
} from './intervals.ts';
import { type EvaluationOptions, pairsOf } from './options.ts';
import { groupByPatient } from './group-by-patient.ts';
import { resampleModel } from './resample-model.ts';
import { indexPatients } from './resampling/bootstrap.ts';
import { findingStatistic } from './resampling/finding-statistic.ts';
import { rocCurves } from './roc.ts';

/**
 * The same as `evaluateModels` where an image may show any number of findings: each finding against its absence, answers that nobody
 * knows left out.
 *
 * @param options with at least one image, the same for every model
 */
export function evaluateFindings(options: EvaluationOptions): EvaluationTable {
  const { classes, models, seed = 0, replicates = 2000 } = options;
  const first = models[0].predictions;
  const scored = models.map(({ predictions }) => scoreFindings(predictions, classes.length));
  const patients = groupByPatient(first);
  const { truths } = scored[0];
  const index = indexPatients(first.map(({ patientKey }) => patientKey));
  const samples = scored.map((model) =>
    resampleModel(findingStatistic(model.truths, model.probabilities, index.of, classes.length), index, {
      replicates,
      seed,
    }),
  );
  const sides = classes.map((_, k) => patientsOf(patients, truths, k));
  const occurring = sides.filter(({ present, absent }) => present > 0 && absent > 0);
  const counts: PatientCounts = {
    all: patients.length,
    ofRarestClass: Math.min(...occurring.map(({ present, absent }) => Math.min(present, absent)), Infinity),
  };
  const evaluations = models.map(({ name, approach, predictions, thresholds }, m): ModelEvaluation => {
    const { of, layout } = samples[m];
    const estimated = (place: number, enough: boolean): Estimate =>
      estimate(of(place).point, of(place), enough);
    const perFinding = classes.map((finding, k): FindingEvaluation => {
      const enough = sides[k].present >= FEWEST_PATIENTS && sides[k].absent >= FEWEST_PATIENTS;
      const half = countFinding(scored[m], k, 0.5);
      const threshold = thresholds?.[k] ?? null;
      const ranked = scored[m].ranked[k];
      return {
        finding,
        present: half.hits + half.misses,
        absent: half.alarms + half.rejections,
        auc: estimated(layout.ofFinding(k, 'auc'), enough),
        averagePrecision: estimated(layout.ofFinding(k, 'averagePrecision'), enough),
        estimates: Object.fromEntries(
          averagedMetricNames.map((name) => [name, estimated(layout.ofFinding(k, name), enough)]),
        ) as FindingEvaluation['estimates'],
        half,
        youden: threshold === null ? null : countFinding(scored[m], k, threshold),
        precisionRecall: ranked.precisionRecall()?.points ?? [],
      };
    });
    return {
      name,
      approach,
      images: predictions.length,
      patients: patients.length,
      metrics: Object.fromEntries(
        metricNames.map((metric) => [
          metric,
          estimated(layout.overall(metric), enoughPatients(metric, counts)),
        ]),
      ) as ModelEvaluation['metrics'],
      perClass: perFinding.map(({ finding, present, auc, half }) => ({
        class: finding,
        precision: half.precision,
        recall: half.recall,
        specificity: half.specificity,
        f1: half.f1,
        auc: auc.value,
        support: present,
      })),
      confusion: [],
      roc: rocCurves(scored[m].ranked, classes),
      calibration: calibrateFindings(scored[m].truths, scored[m].probabilities),
      findings: {
        metrics: Object.fromEntries(
          findingMetricNames.map((metric) => [
            metric,
            estimated(
              layout.overall(metric),
              metric === 'averagePrecision' || metric === 'microF1'
                ? counts.ofRarestClass >= FEWEST_PATIENTS
                : counts.all >= FEWEST_PATIENTS,
            ),
          ]),
        ) as FindingsEvaluation['metrics'],
        perFinding,
      },
    };
  });
  const metrics = samples.map(
    ({ of, layout }) =>
      Object.fromEntries(metricNames.map((metric) => [metric, of(layout.overall(metric))])) as Partial<
        Record<MetricName, Resampled>
      > as Record<MetricName, Resampled>,
  );
  return {
    classes: [...classes],
    multiLabel: true,
    models: evaluations,
    differences: pairsOf(options).flatMap(([a, b]) => differences(a, b, evaluations, metrics, counts)),
    bootstrap: { replicates, seed, lackingAClass: samples[0].lackingAClass },
  };
}

/** Patients with an image that shows a finding, and with one that does not. */
function patientsOf(
  patients: readonly (readonly number[])[],
  truths: ScoredFindings['truths'],
  finding: number,
): { present: number; absent: number } {
  const having = (state: 0 | 1): number =>
    patients.filter((images) => images.some((index) => truths[index][finding] === state)).length;
  return { present: having(1), absent: having(0) };
}
