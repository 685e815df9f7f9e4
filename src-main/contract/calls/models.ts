import type { CallTable } from '../call.ts';

export const modelCalls = {} satisfies CallTable;
