import type { KernelCase } from '../case.ts';
import { elementwiseCases } from './elementwise.ts';
import { productCases } from './products.ts';
import { reductionCases } from './reductions.ts';
import { shapeCases } from './shapes.ts';

/** Every case, by group. */
export const kernelCases: Record<string, readonly KernelCase[]> = {
  elementwise: elementwiseCases,
  reductions: reductionCases,
  products: productCases,
  shapes: shapeCases,
};
