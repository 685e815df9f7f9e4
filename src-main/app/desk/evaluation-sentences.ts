import type { EvaluationTable } from '../../contract/evaluation.ts';
import type { Approach } from '../../contract/run.ts';

const NAMES: Record<Approach, string> = {
  majority: 'guessing the most frequent class',
  probe: 'the pre-trained network that was not fine-tuned',
  scratch: 'training from scratch',
  'fine-tuned': 'fine-tuning',
};

const points = (share: number): string => Math.abs(100 * share).toFixed(1);
const signed = (share: number): string => `${share >= 0 ? '+' : '−'}${points(share)}`;

/**
 * Whether transfer helped, in a sentence for each comparison: balanced accuracy, with the interval of the paired
 * difference. An interval that holds zero is said to be what it is.
 */
export function sentencesOf({ models, differences }: EvaluationTable): string[] {
  const approach = new Map(models.map((model) => [model.name, model.approach]));
  return differences
    .filter(({ metric }) => metric === 'balancedAccuracy')
    .map(({ first, second, difference: { value, low, high } }) => {
      const [one, other] = [NAMES[approach.get(first)!], NAMES[approach.get(second)!]];
      const beginning = `${one.charAt(0).toUpperCase()}${one.slice(1)}`;
      if (value === null) return `${beginning} and ${other} cannot be compared on this set.`;
      const better = value > 0 ? 'better' : value < 0 ? 'worse' : 'no better and no worse';
      if (low === null || high === null) {
        return `${beginning} is ${points(value)} points ${better} than ${other}; there are too few patients for an interval.`;
      }
      const range = `95 % interval ${signed(low)} to ${signed(high)}`;
      return low > 0 || high < 0
        ? `${beginning} is ${better} than ${other} by ${points(value)} points of balanced accuracy (${range}).`
        : `${beginning} is ${points(value)} points ${better} than ${other} (${range}): this may be chance.`;
    });
}
