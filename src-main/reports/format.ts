import type { Estimate, MetricName } from '../contract/evaluation.ts';
import type { Approach } from '../contract/run.ts';

export const APPROACH: Record<Approach, string> = {
  majority: 'Majority class',
  probe: 'Probe (not fine-tuned)',
  scratch: 'From scratch',
  'fine-tuned': 'Fine-tuned',
};

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

/** "0.87 (0.80–0.93)" */
export function interval({ value, low, high }: Estimate): string {
  if (value === null) return '–';
  return low === null || high === null ? share(value) : `${share(value)} (${share(low)}–${share(high)})`;
}

/** "+0.10 (−0.02 to +0.21)" */
export function signedInterval({ value, low, high }: Estimate): string {
  const signed = (x: number): string => {
    const digits = Math.abs(x).toFixed(2);
    return digits === '0.00' ? digits : `${x < 0 ? '−' : '+'}${digits}`;
  };
  if (value === null || low === null || high === null) return '–';
  return `${signed(value)} (${signed(low)} to ${signed(high)})`;
}

export const whole = (value: number): string => value.toLocaleString('en-US', { maximumFractionDigits: 0 });

export const shortHash = (hash: string): string => hash.slice(0, 16);

export function duration(seconds: number): string {
  if (seconds < 90) return `${seconds.toFixed(seconds < 10 ? 1 : 0)} s`;
  return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
}
