import { rmSync } from 'node:fs';
import type { crossValidationCalls } from '../../contract/calls/cross-validations.ts';
import { GraftError } from '../../contract/errors.ts';
import { runFolder } from '../../jobs/train-run.ts';
import { deleteCrossValidation, listCrossValidations, listFolds } from '../../store/cross-validations.ts';
import { getComparison, listAllRuns } from '../../store/runs.ts';
import { crossValidate, resumeCrossValidation } from '../cross-validation/cross-validate.ts';
import { crossValidationReport } from '../cross-validation/cross-validation-report.ts';
import { requireCrossValidation } from '../cross-validation/read-cross-validations.ts';
import type { Desk, Handlers } from './desk.ts';
import { held } from './held.ts';

export const crossValidationHandlers: Handlers<typeof crossValidationCalls> = {
  'crossValidations.start': ({ plan, crossValidation }, desk) =>
    desk.startJob(
      { kind: 'cross-validate', title: 'Cross-validating the plan' },
      async (session, reporting) => {
        const { settings, preprocessing, split } = plan;
        await crossValidate(
          session,
          {
            // Options of a split that is not made yet would make one, and keep patients for a test that nobody has asked for.
            plan: {
              settings,
              preprocessing,
              split: split.splitId === null ? {} : { splitId: split.splitId },
            },
            crossValidation,
            onStart: () => changed(desk),
          },
          held(desk, reporting),
        ).finally(() => changed(desk));
      },
    ),
  'crossValidations.list': (_, { session }) => {
    const { db } = session.project;
    return listCrossValidations(db).map((one) => crossValidationReport(db, { ...one, result: null }));
  },
  'crossValidations.show': ({ id }, { session: { project } }) =>
    crossValidationReport(project.db, requireCrossValidation(project, id)),
  'crossValidations.resume': ({ id }, desk) => {
    requireCrossValidation(desk.session.project, id);
    return desk.startJob(
      { kind: 'cross-validate', title: `Going on with cross-validation ${id}` },
      async (session, reporting) => {
        await resumeCrossValidation(session, id, held(desk, reporting)).finally(() => changed(desk));
      },
    );
  },
  'crossValidations.delete': ({ id }, desk) => {
    const { project } = desk.session;
    if (requireCrossValidation(project, id).state === 'running') {
      throw new GraftError(
        'cross-validation-running',
        'Expected a cross-validation that has ended, found one that runs. Stop it first.',
      );
    }
    const { db } = project;
    const splits = new Set(listFolds(db, id).map(({ splitId }) => splitId));
    const runs = listAllRuns(db).filter(({ comparisonId }) =>
      splits.has(getComparison(db, comparisonId)!.splitId),
    );
    deleteCrossValidation(db, id);
    for (const run of runs) rmSync(runFolder(project, run.id), { recursive: true, force: true });
    changed(desk);
    return null;
  },
};

function changed(desk: Desk): void {
  if (!desk.isOpen) return;
  desk.tell({ kind: 'changed', what: 'runs' });
  desk.tell({ kind: 'changed', what: 'evaluations' });
}
