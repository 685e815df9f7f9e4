export { answerChances, heapEvidence, intervalOverPatients } from './heap-evidence.ts';
export { estimatePrevalence, likeliestPrevalence, prevalenceCauses } from './prevalence.ts';
export { adaptationVerdict } from './rule.ts';
export { type Candidate, selectCandidate } from './select.ts';
