export { answerChances, canBeTrusted, heapEvidence, intervalOverPatients } from './heap-evidence.ts';
export { estimatePrevalence, prevalenceCauses } from './prevalence.ts';
export { adaptationVerdict } from './rule.ts';
export { type Candidate, selectCandidate } from './select.ts';
export { unexplainedDistance } from './unexplained.ts';
