import type { PlanInput } from '../../contract/calls/plans.ts';
import { GraftError } from '../../contract/errors.ts';
import type { SweepReport } from '../../contract/sweep.ts';
import type { ReadableProject } from '../../store/index.ts';
import { getSweep, listSweeps, listTrials, type StoredSweep } from '../../store/sweeps.ts';
import { planOf } from '../../training/sweep/index.ts';
import { reading } from '../session.ts';
import type { TrainOptions } from '../train-model.ts';
import { sweepReport } from './sweep-report.ts';

/** All sweeps of a project as they stand, the newest first. Works while another process trains. */
export function listSweepReports(folder: string): SweepReport[] {
  return reading(folder, (project) => listSweeps(project.db).map((sweep) => sweepReport(project.db, sweep)));
}

/** @throws GraftError `sweep-missing` */
export function showSweep(folder: string, sweepId: number): SweepReport {
  return reading(folder, (project) => sweepReport(project.db, requireSweep(project, sweepId)));
}

/**
 * The plan of a sweep's best trial, or of another of its trials, on the sweep's own split.
 *
 * @throws GraftError `sweep-missing`, `sweep-no-best`, `sweep-trial-missing`
 */
export function planFromSweep(folder: string, sweepId: number, trial?: number): TrainOptions {
  return reading(folder, (project) => planOfTrial(project, sweepId, trial));
}

/** The same, where the project is open already. */
export function planOfTrial(
  project: Pick<ReadableProject, 'db'>,
  sweepId: number,
  trial?: number,
): TrainOptions {
  const sweep = requireSweep(project, sweepId);
  const number = trial ?? sweepReport(project.db, sweep).best;
  if (number === null) {
    throw new GraftError(
      'sweep-no-best',
      `Expected a trial of sweep ${sweepId} with a value, found none yet. Go on with graft sweep --resume ${sweepId}.`,
    );
  }
  const trials = listTrials(project.db, sweepId);
  const found = trials.find((one) => one.number === number);
  if (!found) {
    throw new GraftError(
      'sweep-trial-missing',
      `Expected a trial from 1 to ${trials.length} of sweep ${sweepId}, found ${number}.`,
    );
  }
  // Of a learning curve: a plan is for all patients.
  const choices = Object.fromEntries(
    Object.entries(found.choices).filter(([field]) => field !== 'trainShare'),
  );
  const { settings, preprocessing }: PlanInput = planOf(sweep.plan, choices);
  return {
    split: { splitId: sweep.splitId },
    ...(settings ? { settings } : {}),
    ...(preprocessing ? { preprocessing } : {}),
  };
}

/** @throws GraftError `sweep-missing` */
export function requireSweep({ db }: Pick<ReadableProject, 'db'>, sweepId: number): StoredSweep {
  const sweep = getSweep(db, sweepId);
  if (sweep) return sweep;
  throw new GraftError(
    'sweep-missing',
    `Expected a sweep of this project, found ${sweepId}; list them with graft sweep list.`,
  );
}
