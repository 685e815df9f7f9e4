import type { ScoredPrediction } from '../contract/evaluation.ts';

/** Image indexes of each patient, in order of first appearance. */
export function groupByPatient(predictions: readonly ScoredPrediction[]): number[][] {
  const groups = new Map<string, number[]>();
  predictions.forEach(({ patientKey }, index) => {
    const group = groups.get(patientKey);
    if (group) group.push(index);
    else groups.set(patientKey, [index]);
  });
  return [...groups.values()];
}
