import type { Range } from '../../contract/analysis.ts';
import type { Estimate } from '../../contract/evaluation.ts';
import { wilsonInterval } from '../inference/index.ts';
import { FEWEST_PATIENTS } from '../intervals.ts';
import { bootstrapPatients, type BootstrapOptions, percentileInterval } from '../resampling/index.ts';
import { type Cases, onePerPatient } from './cases.ts';

/** The intervals of shares of the same cases: Wilson's where each patient is one case, else of one bootstrap over patients. */
export function shareRanges(
  shares: readonly (readonly boolean[])[],
  cases: Cases,
  options: BootstrapOptions,
): (Range | null)[] {
  if (onePerPatient(cases))
    return shares.map((hits) => wilsonInterval(hits.filter(Boolean).length, hits.length));
  if (cases.patients.count < FEWEST_PATIENTS) return shares.map(() => null);
  const of = cases.patients.of;
  const right = new Float64Array(shares.length);
  const { replicates } = bootstrapPatients(
    (counts) => {
      right.fill(0);
      let all = 0;
      for (let i = 0; i < of.length; i++) {
        const count = counts[of[i]];
        all += count;
        for (let s = 0; s < right.length; s++) if (shares[s][i]) right[s] += count;
      }
      return right.map((sum) => sum / all);
    },
    cases.patients.count,
    options,
  );
  return replicates.map((samples) => percentileInterval(samples));
}

/** A share whose patients are one case each. */
export function wilsonEstimate(successes: number, total: number): Estimate {
  const interval = wilsonInterval(successes, total);
  if (!interval) return { value: null, low: null, high: null };
  const value = successes / total;
  if (total < FEWEST_PATIENTS) return { value, low: null, high: null, withheld: 'too-few-patients' };
  return { value, ...interval, method: 'wilson' };
}
