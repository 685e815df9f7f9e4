import type { AuditResult } from '../../contract/adaptation-judgement.ts';
import { twoSidedZ } from '../../evaluation/distributions/normal.ts';
import { mcnemarCounts } from '../../evaluation/inference/index.ts';

/**
 * Two models on the same labelled patients: McNemar's mid-p, and Wald's interval of the difference with one half added to each count on either side
 * (Bonett and Price 2012).
 */
export function auditResult(
  truth: readonly number[],
  before: readonly number[],
  after: readonly number[],
): AuditResult {
  const patients = truth.length;
  const right = (said: readonly number[]): number => said.filter((one, at) => one === truth[at]).length;
  const onlyBefore = truth.filter((one, at) => before[at] === one && after[at] !== one).length;
  const onlyAfter = truth.filter((one, at) => after[at] === one && before[at] !== one).length;
  const [lost, won] = [(onlyBefore + 1) / (patients + 2), (onlyAfter + 1) / (patients + 2)];
  const half = twoSidedZ(0.95) * Math.sqrt((lost + won - (won - lost) ** 2) / (patients + 2));
  return {
    patients,
    before: right(before) / patients,
    after: right(after) / patients,
    difference: (onlyAfter - onlyBefore) / patients,
    low: Math.max(-1, won - lost - half),
    high: Math.min(1, won - lost + half),
    onlyBefore,
    onlyAfter,
    p: mcnemarCounts(onlyBefore, onlyAfter).midP,
  };
}
