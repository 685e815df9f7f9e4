import type { ReportModel } from '../../contract/report.ts';
import type { Section, SectionMaker } from '../section.ts';
import { adaptationSection } from './adaptation.ts';
import { analysisSections } from './analysis.ts';
import { checklistSections } from './checklists.ts';
import { checksSection } from './checks.ts';
import { crossValidationSection } from './cross-validation.ts';
import { dataSection } from './data.ts';
import { intendedUseSection } from './intended-use.ts';
import { learningCurveSection } from './learning-curve.ts';
import { limitationsSection } from './limitations.ts';
import { modelCardSection } from './model-card.ts';
import { modelSection } from './model.ts';
import { reproducibilitySection } from './reproducibility.ts';
import { resultSections } from './results.ts';
import { summarySection } from './summary.ts';
import { trainingSection } from './training.ts';

/** In the order of the report. */
const MAKERS: readonly SectionMaker[] = [
  summarySection,
  intendedUseSection,
  resultSections,
  analysisSections,
  crossValidationSection,
  adaptationSection,
  checksSection,
  dataSection,
  modelSection,
  trainingSection,
  learningCurveSection,
  reproducibilitySection,
  limitationsSection,
  modelCardSection,
  checklistSections,
];

/** Every chapter of a report, the same in every format. */
export const reportSections = (model: ReportModel): Section[] => MAKERS.flatMap((make) => make(model));
