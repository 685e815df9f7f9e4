import type { Estimate } from '../../../src-main/contract/evaluation.ts';
import { type Approach, nameOfApproach, type TrainedApproach } from '../../../src-main/contract/run.ts';

export const approachNames: Record<TrainedApproach, string> = {
  majority: 'Majority class',
  probe: 'Pre-trained, not fine-tuned',
  scratch: 'From scratch',
  'fine-tuned': 'Fine-tuned',
};

/** Of findings there is no majority class: guessing says how frequent each is. */
export const approachName = (approach: Approach, multiLabel = false): string =>
  multiLabel && approach === 'majority' ? 'Frequency alone' : nameOfApproach(approach, approachNames);

/** 0.734 → ".734", as journals print it; null is "–". */
export const score = (value: number | null): string => (value === null ? '–' : value.toFixed(3));

/** "0.700–0.810", or why there is none. */
export function interval({ value, low, high, withheld }: Estimate): string {
  if (value === null) return '';
  if (low !== null && high !== null) return `${low.toFixed(3)}–${high.toFixed(3)}`;
  return withheld === 'too-few-patients' ? 'too few patients' : 'no interval';
}
