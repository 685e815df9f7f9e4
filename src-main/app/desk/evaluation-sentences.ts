import type { EvaluationTable, WithheldReason } from '../../contract/evaluation.ts';
import { adaptationTitle } from '../../contract/adaptation-stages.ts';
import { type Approach, methodOf, type TrainedApproach } from '../../contract/run.ts';
import { verdict } from '../../reports/index.ts';

const NAMES: Record<TrainedApproach, string> = {
  majority: 'guessing the most frequent class',
  probe: 'the pre-trained network that was not fine-tuned',
  scratch: 'training from scratch',
  'fine-tuned': 'fine-tuning',
};

const points = (share: number): string => Math.abs(100 * share).toFixed(1);
const signed = (share: number): string => `${share >= 0 ? '+' : '−'}${points(share)}`;

/** Ends of the sentence where there is no interval. */
const WHY: Record<WithheldReason, string> = {
  'too-few-patients':
    '. There are too few patients for an interval, so nobody can say whether this is more than chance.',
  'no-variation': ' in every resampling of these patients, so there is no interval.',
};

function apart(beginning: string, value: number, other: string): string {
  if (value === 0) return `${beginning} and ${other} do equally well`;
  return `${beginning} is ${value > 0 ? 'better' : 'worse'} than ${other} by ${points(value)} points of balanced accuracy`;
}

/**
 * Whether transfer helped, in a sentence for each comparison: balanced accuracy, with the interval of the paired
 * difference. An interval that holds zero is said to be what it is.
 */
export function sentencesOf({ models, differences, multiLabel }: EvaluationTable): string[] {
  const names = multiLabel ? { ...NAMES, majority: 'guessing by how frequent each finding is' } : NAMES;
  const called = (approach: Approach): string => {
    const method = methodOf(approach);
    return method ? `adaptation by ${adaptationTitle(method)}` : names[approach as TrainedApproach];
  };
  const approach = new Map(models.map((model) => [model.name, model.approach]));
  return differences
    .filter(({ metric }) => metric === 'balancedAccuracy')
    .map((one) => {
      const { first, second, difference } = one;
      const { value, low, high, withheld } = difference;
      const [name, other] = [called(approach.get(first)!), called(approach.get(second)!)];
      const beginning = `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
      if (value === null) return `${beginning} and ${other} cannot be compared on this set.`;
      if (low === null || high === null)
        return `${apart(beginning, value, other)}${WHY[withheld ?? 'no-variation']}`;
      const range = `95 % interval ${signed(low)} to ${signed(high)}`;
      const found = verdict(one);
      return found === 'undecided'
        ? `${apart(beginning, value, other)} (${range}): this may be chance.`
        : `${beginning} is ${found} than ${other} by ${points(value)} points of balanced accuracy (${range}).`;
    });
}
