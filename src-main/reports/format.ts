import type { Estimate, MetricName, WithheldReason } from '../contract/evaluation.ts';
import { type Approach, nameOfApproach, type TrainedApproach } from '../contract/run.ts';

export const APPROACH: Record<TrainedApproach, string> = {
  majority: 'Majority class',
  probe: 'Probe (not fine-tuned)',
  scratch: 'From scratch',
  'fine-tuned': 'Fine-tuned',
};

/** What an approach is called; of findings there is no majority class. */
export const approachName = (approach: Approach, multiLabel = false): string =>
  multiLabel && approach === 'majority' ? 'Frequency alone' : nameOfApproach(approach, APPROACH);

export const METRIC: Record<MetricName, string> = {
  accuracy: 'Accuracy',
  balancedAccuracy: 'Balanced accuracy',
  precision: 'Precision',
  recall: 'Recall',
  f1: 'F1',
  auc: 'AUC',
};

/** Three digits after the point for whole shares would be false precision: two. */
export const share = (value: number | null): string => (value === null ? '–' : value.toFixed(2));

/** Why there is no interval, as it stands in its place. */
export const WITHHELD: Record<WithheldReason, string> = {
  'too-few-patients': 'too few patients',
  'no-variation': 'no interval: all draws agree',
};

/** "0.80–0.93", or the reason why there is none. */
const range = ({ low, high, withheld }: Estimate, write: (x: number) => string, to: string): string =>
  low === null || high === null
    ? withheld
      ? WITHHELD[withheld]
      : 'no interval'
    : `${write(low)}${to}${write(high)}`;

/** "0.80–0.93", "too few patients"; empty without a value. */
export const rangeOf = (estimate: Estimate): string =>
  estimate.value === null ? '' : range(estimate, share, '–');

/** "0.87 (0.80–0.93)", "0.87 (too few patients)" */
export const interval = (estimate: Estimate): string =>
  estimate.value === null ? '–' : `${share(estimate.value)} (${rangeOf(estimate)})`;

/** "+0.10", "−0.02", "0.00" */
export function signed(x: number | null): string {
  if (x === null) return '–';
  const digits = Math.abs(x).toFixed(2);
  return digits === '0.00' ? digits : `${x < 0 ? '−' : '+'}${digits}`;
}

/** "−0.02 to +0.21", "too few patients"; empty without a value. */
export const signedRangeOf = (estimate: Estimate): string =>
  estimate.value === null ? '' : range(estimate, signed, ' to ');

/** "+0.10 (−0.02 to +0.21)", "+0.10 (too few patients)" */
export const signedInterval = (estimate: Estimate): string =>
  estimate.value === null ? '–' : `${signed(estimate.value)} (${signedRangeOf(estimate)})`;

export const whole = (value: number): string => value.toLocaleString('en-US', { maximumFractionDigits: 0 });

export const shortHash = (hash: string): string => hash.slice(0, 16);

export function duration(seconds: number): string {
  if (seconds < 90) return `${seconds.toFixed(seconds < 10 ? 1 : 0)} s`;
  const rounded = Math.round(seconds);
  return `${Math.floor(rounded / 60)} min ${rounded % 60} s`;
}
