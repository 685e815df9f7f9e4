import type { Range } from '../../contract/analysis.ts';
import type { Estimate } from '../../contract/evaluation.ts';
import { wilsonInterval } from '../inference/index.ts';
import { FEWEST_PATIENTS } from '../intervals.ts';
import { bootstrapPatients, type BootstrapOptions, percentileInterval } from '../resampling/index.ts';
import { type Cases, onePerPatient } from './cases.ts';

/** The interval of a share of cases: Wilson's where each patient is one case, else by bootstrap over patients. */
export function shareRange(hits: readonly boolean[], cases: Cases, options: BootstrapOptions): Range | null {
  if (onePerPatient(cases)) return wilsonInterval(hits.filter(Boolean).length, hits.length);
  if (cases.patients.count < FEWEST_PATIENTS) return null;
  const of = cases.patients.of;
  const { replicates } = bootstrapPatients(
    (counts) => {
      let [right, all] = [0, 0];
      for (let i = 0; i < hits.length; i++) {
        all += counts[of[i]];
        if (hits[i]) right += counts[of[i]];
      }
      return [right / all];
    },
    cases.patients.count,
    options,
  );
  return percentileInterval(replicates[0]);
}

/** A share whose patients are one case each. */
export function wilsonEstimate(successes: number, total: number): Estimate {
  const interval = wilsonInterval(successes, total);
  if (!interval) return { value: null, low: null, high: null };
  const value = successes / total;
  if (total < FEWEST_PATIENTS) return { value, low: null, high: null, withheld: 'too-few-patients' };
  return { value, ...interval, method: 'wilson' };
}
