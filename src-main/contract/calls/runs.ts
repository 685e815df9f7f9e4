import type { CallTable } from '../call.ts';

export const runCalls = {} satisfies CallTable;
