import { elementwiseCases } from './cases/elementwise.ts';
import { describeCases } from './describe-cases.ts';

describeCases('Element by element', elementwiseCases);
