import { productCases } from './cases/products.ts';
import { reductionCases } from './cases/reductions.ts';
import { describeCases } from './describe-cases.ts';

describeCases('Reductions', reductionCases);
describeCases('Products and look-ups', productCases);
