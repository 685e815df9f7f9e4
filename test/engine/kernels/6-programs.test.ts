import { lossCases } from './cases/losses.ts';
import { normalisationCases } from './cases/normalisation.ts';
import { describeCases } from './describe-cases.ts';

describeCases('Normalisation', normalisationCases);
describeCases('Losses', lossCases);
