/** Searching for a better plan: its space, its trials, its rounds, and what better means. */
export { planField, type PlanField } from './fields.ts';
export { type Axis, choicesText, gridSize, openSpace, planOf, valueText } from './space.ts';
export { drawTrials } from './draw.ts';
export { halvingRounds, type Round, roundsOf } from './halving.ts';
export { compareValues, foldMean, objectiveOf } from './objective.ts';
