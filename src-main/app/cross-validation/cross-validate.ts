import type { PlanInput } from '../../contract/calls/plans.ts';
import {
  crossValidationSchema,
  type CrossValidation,
  type CrossValidationInput,
  type CrossValidationReport,
} from '../../contract/cross-validation.ts';
import type { DatasetWarning, Split } from '../../contract/dataset.ts';
import { GraftError } from '../../contract/errors.ts';
import { jobsInside } from '../../jobs/job-runner.ts';
import {
  createCrossValidation,
  finishCrossValidation,
  getCrossValidation,
  startCrossValidation,
  stopCrossValidation,
  type StoredCrossValidation,
} from '../../store/cross-validations.ts';
import { getSplit } from '../../store/index.ts';
import { drawTrials, openSpace } from '../../training/sweep/index.ts';
import { headKind } from '../../training/index.ts';
import type { TrainReporting } from '../reporting.ts';
import type { Session } from '../session.ts';
import { requireFreezable } from '../start-network.ts';
import { trialPlan } from '../sweep/prepare-trials.ts';
import { configOf, prepare, preprocessingFor, type TrainOptions } from '../train-model.ts';
import { crossValidationReport } from './cross-validation-report.ts';
import { dealPatientsOf, splitToDeal } from './deal-patients.ts';
import { poolFolds } from './pool-predictions.ts';
import { requireCrossValidation } from './read-cross-validations.ts';
import { runFolds } from './run-folds.ts';

export interface CrossValidateOptions {
  plan?: Pick<TrainOptions, 'split' | 'settings' | 'preprocessing'>;
  crossValidation?: CrossValidationInput;
  /** Told once patients are dealt, before anything is trained. */
  onStart?: (started: CrossValidationReport) => void;
  onWarnings?: (warnings: DatasetWarning[]) => void;
}

/**
 * Judges a plan by cross-validation: every patient is judged once, by models that were trained without that patient, each approach on the same
 * folds. With a sweep the plan is tuned anew within the training part of each fold (nested), so that no patient has a say in the choice of the
 * plan that is judged by it.
 *
 * @throws GraftError `settings-wrong`, `cross-validation-wrong`, `head-output`, `folds-too-few-patients`, `cancelled`, `worker-died`, and what
 * splitting, preparing and sweeping throw. What was finished by then is kept, and `resumeCrossValidation` goes on.
 */
export async function crossValidate(
  session: Session,
  { plan: given = {}, crossValidation = {}, onStart, onWarnings }: CrossValidateOptions,
  reporting: TrainReporting = {},
): Promise<CrossValidationReport> {
  const { project, jobs } = session;
  const definition = parseDefinition(crossValidation);
  const { settings, preprocessing: wished } = given;
  const plan = {
    ...(settings ? { settings } : {}),
    ...(wished ? { preprocessing: wished } : {}),
  } as PlanInput;
  const config = configOf(project, settings ?? {});
  // Whatever is wrong with a combination is said now, not after hours.
  const trials = definition.sweep
    ? drawTrials(definition.sweep, openSpace(definition.sweep, plan)).map(
        (choices) => trialPlan(session, plan, choices).config,
      )
    : [config];
  trials.forEach(requireFreezable);
  const starts = [...new Set(trials.map(({ initial }) => initial))];
  const split = splitToDeal(session, given.split ?? {});
  headKind(config, split.classes, split.multiLabel);
  const { pause, onEpoch, ...rest } = reporting;
  return jobs.run({ kind: 'cross-validate', title: 'Cross-validation', ...rest }, async (handle) => {
    const inside: Session = { project, jobs: jobsInside(handle), close: () => {} };
    const dataset = await prepare(inside, split, preprocessingFor(session, config, wished ?? {}), {});
    onWarnings?.(dataset.warnings.filter(({ kind }) => kind !== 'class-missing'));
    const { dealt, folds } = dealPatientsOf(project, split, dataset, definition, starts);
    const made = createCrossValidation(project.db, { splitId: split.id, plan, definition, dealt }, folds);
    onStart?.(crossValidationReport(project.db, made));
    return carryOut(inside, made, split, handle, {
      ...(pause ? { pause } : {}),
      ...(onEpoch ? { onEpoch } : {}),
    });
  });
}

/**
 * Goes on with a cross-validation: finished trainings are not repeated, one that was cut off goes on from its checkpoint.
 *
 * @throws GraftError `cross-validation-missing`, `cross-validation-finished`, and what `crossValidate` throws
 */
export async function resumeCrossValidation(
  { project, jobs }: Session,
  id: number,
  { pause, onEpoch, ...reporting }: TrainReporting = {},
): Promise<CrossValidationReport> {
  const found = requireCrossValidation(project, id);
  if (found.state === 'done') {
    throw new GraftError(
      'cross-validation-finished',
      `Expected an unfinished cross-validation to resume; ${id} is done. Look at it with graft cross-validate show ${id}.`,
    );
  }
  const split = getSplit(project.db, found.splitId)!;
  const title = `Cross-validation ${id}`;
  return jobs.run({ kind: 'cross-validate', title, ...reporting }, (handle) =>
    carryOut({ project, jobs: jobsInside(handle), close: () => {} }, found, split, handle, {
      ...(pause ? { pause } : {}),
      ...(onEpoch ? { onEpoch } : {}),
    }),
  );
}

function parseDefinition(given: CrossValidationInput): CrossValidation {
  const parsed = crossValidationSchema.safeParse(given);
  if (parsed.success) return parsed.data;
  const [{ path, message }] = parsed.error.issues;
  throw new GraftError(
    'cross-validation-wrong',
    `The cross-validation does not fit: ${path.join('.')}: ${message}.`,
  );
}

async function carryOut(
  session: Session,
  { id }: StoredCrossValidation,
  split: Split,
  handle: Parameters<typeof runFolds>[2],
  reporting: Pick<TrainReporting, 'pause' | 'onEpoch'>,
): Promise<CrossValidationReport> {
  const { db } = session.project;
  startCrossValidation(db, id);
  try {
    await runFolds(session, getCrossValidation(db, id)!, handle, reporting);
    finishCrossValidation(db, id, await poolFolds(db, id, split, handle));
    return crossValidationReport(db, getCrossValidation(db, id)!);
  } catch (thrown) {
    const error = GraftError.from(thrown);
    const state =
      error.kind === 'cancelled' ? 'cancelled' : error.code === 'worker-died' ? 'interrupted' : 'failed';
    stopCrossValidation(db, id, state, error.toRecord());
    throw error;
  }
}
