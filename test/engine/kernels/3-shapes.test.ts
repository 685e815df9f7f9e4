import { shapeCases } from './cases/shapes.ts';
import { describeCases } from './describe-cases.ts';

describeCases('Shapes', shapeCases);
