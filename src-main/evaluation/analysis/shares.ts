import type { Range } from '../../contract/analysis.ts';
import type { Estimate } from '../../contract/evaluation.ts';
import { wilsonInterval } from '../inference/index.ts';
import { FEWEST_PATIENTS } from '../intervals.ts';
import {
  bootstrapPatients,
  type BootstrapOptions,
  PatientSums,
  percentileInterval,
} from '../resampling/index.ts';
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
  const { of, count } = cases.patients;
  const sums = [Array(of.length).fill(true), ...shares].map(
    (hits: readonly boolean[]) =>
      new PatientSums(
        hits.map((hit) => (hit ? 0 : -1)),
        of,
        1,
      ),
  );
  const { replicates } = bootstrapPatients(
    (counts) => {
      const [all, ...right] = sums.map((one) => one.of(counts)[0]);
      return right.map((sum) => sum / all);
    },
    count,
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
