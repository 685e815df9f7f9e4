import type { LabelFreeValidators, SelectionValidator } from '../../contract/adaptation-judgement.ts';

const ORDER: Record<SelectionValidator, { of: keyof LabelFreeValidators; better: 1 | -1 }> = {
  'heap-accuracy': { of: 'heapAccuracy', better: 1 },
  'info-max': { of: 'infoMax', better: 1 },
  entropy: { of: 'entropy', better: -1 },
  density: { of: 'density', better: 1 },
  'weighted-risk': { of: 'weightedRisk', better: -1 },
  'embedded-risk': { of: 'embeddedRisk', better: -1 },
};

export interface Candidate {
  validators: LabelFreeValidators;
  /** Whether the alarm rang for it. */
  alarm: boolean;
}

/**
 * The best candidate by one validator; those for which the alarm rang do not stand for election, as validators themselves fall for what it rings for: InfoMax
 * likes classes that are equally frequent. The model that was not adapted belongs among the candidates.
 *
 * @returns its place; −1 where no candidate has a value
 */
export function selectCandidate(candidates: readonly Candidate[], by: SelectionValidator): number {
  const { of, better } = ORDER[by];
  let best = -1;
  candidates.forEach(({ validators, alarm }, at) => {
    const value = validators[of];
    if (alarm || value === null) return;
    const leader = best < 0 ? null : candidates[best].validators[of];
    if (leader === null || better * (value - leader) > 0) best = at;
  });
  return best;
}
