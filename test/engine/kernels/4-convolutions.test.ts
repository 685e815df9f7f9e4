import { convolutionCases } from './cases/convolutions.ts';
import { describeCases } from './describe-cases.ts';

describeCases('Convolutions', convolutionCases);
