import type { KernelCase } from '../case.ts';
import { convolutionCases } from './convolutions.ts';
import { depthwiseCases } from './depthwise.ts';
import { elementwiseCases } from './elementwise.ts';
import { imageCases } from './images.ts';
import { lossCases } from './losses.ts';
import { normalisationCases } from './normalisation.ts';
import { productCases } from './products.ts';
import { reductionCases } from './reductions.ts';
import { shapeCases } from './shapes.ts';

/** Every case, by group. */
export const kernelCases: Record<string, readonly KernelCase[]> = {
  elementwise: elementwiseCases,
  reductions: reductionCases,
  products: productCases,
  shapes: shapeCases,
  convolutions: convolutionCases,
  depthwise: depthwiseCases,
  images: imageCases,
  normalisation: normalisationCases,
  losses: lossCases,
};
