import type { CallTable } from '../call.ts';

export const planCalls = {} satisfies CallTable;
