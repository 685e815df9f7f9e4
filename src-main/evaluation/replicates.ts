import type { ScoredPrediction } from '../contract/evaluation.ts';
import { RandomStream } from '../platform/random.ts';

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

/**
 * Weights of images in each replicate: how often their patient was drawn.
 *
 * @param shown for each image the classes that it shows
 */
export function drawReplicates(
  patients: readonly (readonly number[])[],
  shown: readonly (readonly number[])[],
  replicates: number,
  seed: number,
): { weights: Uint16Array[]; lackingAClass: number } {
  const random = new RandomStream(seed, 'bootstrap');
  let lackingAClass = 0;
  const present = new Set(shown.flat()).size;
  const weights = Array.from({ length: replicates }, () => {
    const weight = new Uint16Array(shown.length);
    for (let draw = 0; draw < patients.length; draw++)
      for (const index of random.pick(patients)) weight[index]++;
    const seen = new Set<number>();
    for (let i = 0; i < shown.length && seen.size < present; i++)
      if (weight[i] > 0) for (const one of shown[i]) seen.add(one);
    if (seen.size < present) lackingAClass++;
    return weight;
  });
  return { weights, lackingAClass };
}
