import type { Finding } from '../../contract/dataset.ts';
import {
  type AveragedMetricName,
  averagedMetricNames,
  type FindingMetricName,
  findingMetricNames,
  type MetricName,
  metricNames,
} from '../../contract/evaluation.ts';
import type { WeightedStatistic } from './bootstrap.ts';
import { ClassRanking } from './class-ranking.ts';
import { PatientSums } from './patient-sums.ts';

const overall = [...metricNames, ...findingMetricNames] as const;
const ofFinding = [...averagedMetricNames, 'auc', 'averagePrecision'] as const;

/** Where each value stands in what the statistic gives. */
export interface FindingLayout {
  overall: (name: MetricName | FindingMetricName) => number;
  ofFinding: (k: number, name: AveragedMetricName | 'auc' | 'averagePrecision') => number;
  /** How many findings some image shows. */
  present: number;
}

/**
 * Every metric of a model of findings at a probability of 0.5, and of each finding against its absence, for any resample of patients; NaN where a
 * value is not defined. Macro averages are plain means, as scikit-learn's, over the findings that occur or were called; balanced accuracy over those
 * that some images show and others do not; AUC and average precision over those of which they are defined.
 *
 * @param truths for each image whether it shows each finding, null where nobody knows
 * @param patientOf for each image its patient, from 0
 */
export function findingStatistic(
  truths: readonly (readonly Finding[])[],
  probabilities: readonly ArrayLike<number>[],
  patientOf: Int32Array,
  findings: number,
): { statistic: WeightedStatistic; layout: FindingLayout } {
  const layout: FindingLayout = {
    overall: (name) => overall.indexOf(name),
    ofFinding: (k, name) => overall.length + k * ofFinding.length + ofFinding.indexOf(name),
    present: overall.length + findings * ofFinding.length,
  };
  // 4 for each finding: 0 true negative, 1 false positive, 2 false negative, 3 true positive.
  const cells = Array.from({ length: findings }, (_, k) => {
    const cellOf = truths.map((row, i) =>
      row[k] === null ? -1 : 2 * row[k] + Number(probabilities[i][k] >= 0.5),
    );
    return new PatientSums(cellOf, patientOf, 4);
  });
  const rankings = Array.from({ length: findings }, (_, k) => {
    const known = truths.flatMap((row, i) => (row[k] === null ? [] : i));
    return new ClassRanking(
      Float64Array.from(known, (i) => probabilities[i][k]),
      known.map((i) => truths[i][k]!),
      Int32Array.from(known, (i) => patientOf[i]),
      1,
      2,
    );
  });
  const wholly = new PatientSums(
    truths.map((row, i) =>
      Number(row.every((truth, k) => truth === null || probabilities[i][k] >= 0.5 === (truth === 1))),
    ),
    patientOf,
    2,
  );
  const values = new Float64Array(layout.present + 1);
  return {
    layout,
    statistic: (counts) => {
      const means = new Map(
        (['balancedAccuracy', 'precision', 'recall', 'f1', 'auc', 'averagePrecision'] as const).map(
          (name) => [name, new Mean()],
        ),
      );
      let [hits, wrong, answers, present] = [0, 0, 0, 0];
      for (let k = 0; k < findings; k++) {
        const [rejected, alarms, missed, found] = cells[k].of(counts);
        const [positives, negatives] = [found + missed, alarms + rejected];
        hits += found;
        wrong += alarms + missed;
        answers += positives + negatives;
        const areas = rankings[k].areas(counts, positives, positives + negatives);
        const at = layout.ofFinding(k, 'precision');
        values[at] = ratio(found, found + alarms);
        values[at + 1] = ratio(found, positives);
        values[at + 2] = ratio(rejected, negatives);
        values[at + 3] = ratio(2 * found, 2 * found + missed + alarms);
        values[at + 4] = areas.auc;
        values[at + 5] = areas.averagePrecision;
        if (positives > 0) present++;
        if (positives > 0 && negatives > 0)
          means.get('balancedAccuracy')!.add((values[at + 1] + values[at + 2]) / 2);
        if (positives + alarms > 0) {
          means.get('precision')!.add(values[at]);
          means.get('recall')!.add(values[at + 1]);
          means.get('f1')!.add(values[at + 3]);
        }
        if (!Number.isNaN(areas.auc)) means.get('auc')!.add(areas.auc);
        if (!Number.isNaN(areas.averagePrecision)) means.get('averagePrecision')!.add(areas.averagePrecision);
      }
      for (const [name, mean] of means) values[layout.overall(name)] = mean.value;
      // Macro averages of nothing are 0, as scikit-learn's.
      for (const name of ['precision', 'recall', 'f1'] as const)
        values[layout.overall(name)] = means.get(name)!.value || 0;
      const [partly, all] = wholly.of(counts);
      values[layout.overall('accuracy')] = ratio(answers - wrong, answers);
      values[layout.overall('microF1')] = ratio(2 * hits, 2 * hits + wrong);
      values[layout.overall('hammingLoss')] = ratio(wrong, answers);
      values[layout.overall('subsetAccuracy')] = ratio(all, partly + all);
      values[layout.present] = present;
      return values;
    },
  };
}

const ratio = (part: number, whole: number): number => (whole === 0 ? 0 : part / whole);

/** NaN of nothing. */
class Mean {
  #sum = 0;
  #count = 0;

  add(value: number): void {
    this.#sum += value;
    this.#count++;
  }

  get value(): number {
    return this.#sum / this.#count;
  }
}
