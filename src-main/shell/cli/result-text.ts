import type { SetResult } from '../../app/index.ts';
import {
  metricNames,
  type Estimate,
  type EvaluationTable,
  type MetricName,
} from '../../contract/evaluation.ts';
import { table } from './table.ts';

const TITLES: Record<MetricName, string> = {
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

const tableOf = ({ models }: EvaluationTable): string =>
  table(
    ['approach', ...SHOWN.map((name) => TITLES[name])],
    models.map(({ name, metrics }) => [name, ...SHOWN.map((metric) => estimateText(metrics[metric]))]),
  );
