import type { Estimate } from '../../../src-main/contract/evaluation.ts';
import type { Approach } from '../../../src-main/contract/run.ts';

export const approachNames: Record<Approach, string> = {
  majority: 'Majority class',
  probe: 'Pre-trained, not fine-tuned',
  scratch: 'From scratch',
  'fine-tuned': 'Fine-tuned',
};

/** 0.734 → ".734", as journals print it; null is "–". */
export const score = (value: number | null): string => (value === null ? '–' : value.toFixed(3));

/** "0.700–0.810", or why there is none. */
export const interval = ({ value, low, high }: Estimate): string =>
  value === null
    ? ''
    : low === null || high === null
      ? 'no interval'
      : `${low.toFixed(3)}–${high.toFixed(3)}`;
