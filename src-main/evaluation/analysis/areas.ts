import type { Estimate } from '../../contract/evaluation.ts';
import { type AucCovariance, aucCovariance, aucInterval } from '../inference/index.ts';
import { FEWEST_PATIENTS } from '../intervals.ts';
import { RankedScores } from '../roc.ts';
import { patientsOfSide, type Target } from './cases.ts';

/** Areas of one class or finding, of all models on the same cases. */
export interface TargetAreas {
  name: string;
  /** Null where a side has fewer than five patients: a variance of so few says nothing. */
  covariance: AucCovariance | null;
  /** Of each model. */
  estimates: Estimate[];
}

/** @param targets the same class or finding of each model */
export function areasOf(targets: readonly Target[]): TargetAreas {
  const [first] = targets;
  const { name, positive, patientOf } = first;
  const covariance = aucCovariance(
    targets.map(({ scores }) => scores),
    positive,
    patientOf,
  );
  const enough = [true, false].every((side) => patientsOfSide(first, side) >= FEWEST_PATIENTS);
  const estimates = targets.map(({ scores }, m): Estimate => {
    const value = covariance?.aucs[m] ?? new RankedScores(scores, positive).auc();
    if (value === null) return { value, low: null, high: null };
    if (!enough || !covariance) return { value, low: null, high: null, withheld: 'too-few-patients' };
    const variance = covariance.covariance[m][m];
    const interval = variance < 1e-15 ? null : aucInterval(value, variance);
    return interval
      ? { value, ...interval, method: 'delong' }
      : { value, low: null, high: null, withheld: 'no-variation' };
  });
  return { name, covariance: enough ? covariance : null, estimates };
}

/** The areas of two models alone. */
export const pairOf = ({ aucs, covariance }: AucCovariance, a: number, b: number): AucCovariance => ({
  aucs: [aucs[a], aucs[b]],
  covariance: [
    [covariance[a][a], covariance[a][b]],
    [covariance[b][a], covariance[b][b]],
  ],
});
