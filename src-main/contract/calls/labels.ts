import type { CallTable } from '../call.ts';

export const labelCalls = {} satisfies CallTable;
