import type { SetResult } from '../../app/index.ts';
import {
  metricNames,
  type Estimate,
  type EvaluationTable,
  type MetricName,
  type ModelEvaluation,
} from '../../contract/evaluation.ts';
import { table } from './table.ts';

export const TITLES: Record<MetricName, string> = {
  accuracy: 'accuracy',
  balancedAccuracy: 'balanced accuracy',
  precision: 'precision',
  recall: 'recall',
  f1: 'F1',
  auc: 'AUC',
};

/** `0.842 (0.771–0.903)`, `0.842 (too few patients)`. */
export function estimateText({ value, low, high, withheld }: Estimate): string {
  if (value === null) return '–';
  if (low !== null && high !== null) return `${value.toFixed(3)} (${low.toFixed(3)}–${high.toFixed(3)})`;
  return withheld === 'too-few-patients' ? `${value.toFixed(3)} (too few patients)` : value.toFixed(3);
}

/** One set's results: every approach with its intervals, and beside them what the copies would have added. */
export function resultText({ setName, table: counting, withCopies, excluded }: SetResult): string {
  const [{ images, patients }] = counting.models;
  const left = Object.entries(excluded).map(([reason, count]) => `${count} ${reason}`);
  const without = left.length > 0 ? `; left out: ${left.join(', ')}` : '';
  const lines = [`${setName}: ${images} images of ${patients} patients${without}`, tableOf(counting)];
  if (withCopies)
    lines.push(`  with these copies (${withCopies.models[0].images} images):`, tableOf(withCopies));
  return lines.join('\n');
}

const SHOWN = metricNames.filter((name) => name !== 'balancedAccuracy');

const FINDING_COLUMNS: [string, (model: ModelEvaluation) => Estimate][] = [
  ['AUC', ({ metrics }) => metrics.auc],
  ['average precision', ({ findings }) => findings!.metrics.averagePrecision],
  ['F1', ({ metrics }) => metrics.f1],
  ['micro F1', ({ findings }) => findings!.metrics.microF1],
  ['Hamming loss', ({ findings }) => findings!.metrics.hammingLoss],
  ['all answers right', ({ findings }) => findings!.metrics.subsetAccuracy],
];

/** Averages over findings, and the last model finding by finding. */
function findingTables({ models }: EvaluationTable): string {
  const last = models[models.length - 1];
  return [
    table(
      ['approach', ...FINDING_COLUMNS.map(([title]) => title)],
      models.map((model) => [model.name, ...FINDING_COLUMNS.map(([, pick]) => estimateText(pick(model)))]),
    ),
    `  ${last.name}, finding by finding (at a probability of 0.5):`,
    table(
      ['finding', 'images', 'AUC', 'average precision', 'precision', 'recall', 'specificity', 'Youden at'],
      last.findings!.perFinding.map(({ finding, present, auc, averagePrecision, half, youden }) => [
        finding,
        present,
        estimateText(auc),
        estimateText(averagePrecision),
        ...[half.precision, half.recall, half.specificity].map((value) => value.toFixed(3)),
        youden ? youden.threshold.toFixed(3) : '–',
      ]),
    ),
  ].join('\n');
}

const tableOf = (evaluation: EvaluationTable): string =>
  evaluation.multiLabel ? findingTables(evaluation) : classTable(evaluation);

const classTable = ({ models }: EvaluationTable): string =>
  table(
    ['approach', ...SHOWN.map((name) => TITLES[name])],
    models.map(({ name, metrics }) => [name, ...SHOWN.map((metric) => estimateText(metrics[metric]))]),
  );
