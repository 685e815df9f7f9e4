import type { CallTable } from '../call.ts';

export const evaluationCalls = {} satisfies CallTable;
