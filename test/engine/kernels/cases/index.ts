import type { KernelCase } from '../case.ts';
import { elementwiseCases } from './elementwise.ts';

/** Every case, by group. */
export const kernelCases: Record<string, readonly KernelCase[]> = {
  elementwise: elementwiseCases,
};
