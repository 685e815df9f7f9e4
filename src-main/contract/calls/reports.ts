import type { CallTable } from '../call.ts';

export const reportCalls = {} satisfies CallTable;
