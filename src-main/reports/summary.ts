import type { EvaluationTable, ModelDifference } from '../contract/evaluation.ts';
import type { Approach } from '../contract/run.ts';
import { interval, signedInterval } from './format.ts';

/** Fewer patients than this make any interval a rough one, and the report says so. */
const FEW_PATIENTS = 30;

const find = (table: EvaluationTable, approach: Approach) =>
  table.models.find((model) => model.approach === approach);

/** What an interval says about zero; `withheld` where there is none. */
export function verdict({ difference }: ModelDifference): 'better' | 'worse' | 'undecided' | 'withheld' {
  if (difference.low === null || difference.high === null) return 'withheld';
  if (difference.low > 0) return 'better';
  return difference.high < 0 ? 'worse' : 'undecided';
}

/** The result of one set in plain words, each sentence drawn from the numbers. */
export function summarise(table: EvaluationTable): string[] {
  const tuned = find(table, 'fine-tuned');
  if (!tuned) return ['No fine-tuned model was evaluated on this set.'];
  const scratch = find(table, 'scratch');
  const probe = find(table, 'probe');
  const sentences = [
    `Fine-tuning reached a balanced accuracy of ${interval(tuned.metrics.balancedAccuracy)}${scratch ? `, the same network from scratch ${interval(scratch.metrics.balancedAccuracy)}` : ''}${probe ? `, the pre-trained network without fine-tuning ${interval(probe.metrics.balancedAccuracy)}` : ''} (95 % intervals, ${tuned.patients} patients).`,
  ];
  const against = (approach: Approach): ModelDifference | undefined => {
    const other = find(table, approach);
    return table.differences.find(
      ({ first, second, metric }) =>
        metric === 'balancedAccuracy' && first === tuned.name && second === other?.name,
    );
  };
  const overScratch = against('scratch');
  if (overScratch) {
    const by = signedInterval(overScratch.difference);
    sentences.push(
      {
        better: `Over training from scratch that is ${by}: the interval excludes zero, so transfer helped here.`,
        worse: `Over training from scratch that is ${by}: the interval excludes zero the wrong way, so transfer did harm here.`,
        undecided: `Over training from scratch that is ${by}: the interval includes zero, so these patients do not show whether transfer helped.`,
        withheld: `Over training from scratch that is ${by}: without an interval, these patients do not show whether transfer helped.`,
      }[verdict(overScratch)],
    );
  }
  const overProbe = against('probe');
  if (overProbe) {
    const by = signedInterval(overProbe.difference);
    sentences.push(
      {
        better: `Over the probe it is ${by}: fine-tuning added something to the pre-trained features.`,
        worse: `Over the probe it is ${by}: fine-tuning made the pre-trained features worse; freeze more.`,
        undecided: `Over the probe it is ${by}: fine-tuning is not shown to add anything to the pre-trained features.`,
        withheld: `Over the probe it is ${by}: without an interval, fine-tuning is not shown to add anything.`,
      }[verdict(overProbe)],
    );
  }
  if (tuned.patients < FEW_PATIENTS && tuned.metrics.balancedAccuracy.low !== null)
    sentences.push(`With ${tuned.patients} patients all of these intervals are rough.`);
  return sentences;
}
