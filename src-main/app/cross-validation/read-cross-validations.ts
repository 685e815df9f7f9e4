import type { CrossValidationReport } from '../../contract/cross-validation.ts';
import { GraftError } from '../../contract/errors.ts';
import {
  getCrossValidation,
  listCrossValidations,
  type StoredCrossValidation,
} from '../../store/cross-validations.ts';
import type { ReadableProject } from '../../store/index.ts';
import { reading } from '../session.ts';
import { crossValidationReport } from './cross-validation-report.ts';

/** All cross-validations of a project as they stand, the newest first. Works while another process trains. */
export const listCrossValidationReports = (folder: string): CrossValidationReport[] =>
  reading(folder, ({ db }) => listCrossValidations(db).map((one) => crossValidationReport(db, one)));

/** @throws GraftError `cross-validation-missing` */
export const showCrossValidation = (folder: string, id: number): CrossValidationReport =>
  reading(folder, (project) => crossValidationReport(project.db, requireCrossValidation(project, id)));

/** @throws GraftError `cross-validation-missing` */
export function requireCrossValidation(
  { db }: Pick<ReadableProject, 'db'>,
  id: number,
): StoredCrossValidation {
  const found = getCrossValidation(db, id);
  if (found) return found;
  throw new GraftError(
    'cross-validation-missing',
    `Expected a cross-validation of this project, found ${id}; list them with graft cross-validate list.`,
  );
}
