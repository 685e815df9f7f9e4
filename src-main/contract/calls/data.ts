import type { CallTable } from '../call.ts';

export const dataCalls = {} satisfies CallTable;
