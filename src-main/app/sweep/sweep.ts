import type { PlanInput } from '../../contract/calls/plans.ts';
import type { DatasetWarning, Split } from '../../contract/dataset.ts';
import { GraftError } from '../../contract/errors.ts';
import { sweepSchema, type Sweep, type SweepInput, type SweepReport } from '../../contract/sweep.ts';
import { jobsInside } from '../../jobs/job-runner.ts';
import { warmTrialWorkers } from '../../jobs/run-trials.ts';
import {
  createSweep,
  endSweep,
  getSweep,
  listTrials,
  startSweep,
  type StoredSweep,
} from '../../store/sweeps.ts';
import { drawTrials, openSpace } from '../../training/sweep/index.ts';
import { chooseSplit } from '../choose-split.ts';
import type { Session } from '../session.ts';
import type { TrainReporting } from '../reporting.ts';
import type { TrainOptions } from '../train-model.ts';
import { prepareTrials, trialPlan } from './prepare-trials.ts';
import { requireSweep } from './read-sweeps.ts';
import { runRounds } from './run-rounds.ts';
import { sweepReport } from './sweep-report.ts';

export interface SweepOptions {
  /** What trials change. Approaches are left alone: a sweep trains what is fine-tuned, nothing beside it. */
  plan?: Pick<TrainOptions, 'split' | 'settings' | 'preprocessing'>;
  sweep: SweepInput;
  /** Told once it is known, before anything long begins. */
  onStart?: (started: { sweep: StoredSweep; trials: number; split: Split }) => void;
  onWarnings?: (warnings: DatasetWarning[]) => void;
}

/**
 * Searches for a better plan: trains trials that differ in some fields, on folds of the training and validation patients or on the
 * split as it is, and compares what they reach there. The test set is not looked at: no trial is even told of it.
 *
 * @throws GraftError `settings-wrong`, `sweep-space`, `sweep-field`, `sweep-value`, `sweep-nothing-to-judge`, `folds-too-few-patients`,
 * `cancelled`, `worker-died`, and what splitting and preparing throw. What was finished by then is kept, and `resumeSweep` goes on.
 */
export async function sweepPlans(
  session: Session,
  options: SweepOptions,
  reporting: TrainReporting = {},
): Promise<SweepReport> {
  const { project } = session;
  const definition = parseSweep(options.sweep);
  const { settings, preprocessing } = options.plan ?? {};
  const plan = {
    ...(settings ? { settings } : {}),
    ...(preprocessing ? { preprocessing } : {}),
  } as PlanInput;
  const trials = drawTrials(definition, openSpace(definition, plan));
  // Whatever is wrong with a combination is said now, not after hours.
  for (const choices of trials) trialPlan(session, plan, choices);
  const split = chooseSplit(session, options.plan?.split ?? {});
  const sweep = createSweep(project.db, { splitId: split.id, plan, definition }, trials);
  options.onStart?.({ sweep, trials: trials.length, split });
  return carryOut(session, sweep, reporting, options.onWarnings);
}

/**
 * Goes on with a sweep: finished trainings are not repeated, one that was cut off goes on from its checkpoint.
 *
 * @throws GraftError `sweep-missing`, `sweep-finished`, and what `sweepPlans` throws
 */
export async function resumeSweep(
  session: Session,
  sweepId: number,
  reporting: TrainReporting = {},
): Promise<SweepReport> {
  const sweep = requireSweep(session.project, sweepId);
  if (sweep.state === 'done') {
    throw new GraftError(
      'sweep-finished',
      `Expected an unfinished sweep to resume; sweep ${sweepId} is done. Look at it with graft sweep show ${sweepId}.`,
    );
  }
  return carryOut(session, sweep, reporting);
}

function parseSweep(sweep: SweepInput): Sweep {
  const parsed = sweepSchema.safeParse(sweep);
  if (parsed.success) return parsed.data;
  const [{ path, message }] = parsed.error.issues;
  throw new GraftError('sweep-space', `The sweep does not fit: ${path.join('.')}: ${message}.`);
}

function carryOut(
  { project, jobs }: Session,
  sweep: StoredSweep,
  { pause, onEpoch, ...reporting }: TrainReporting,
  onWarnings: SweepOptions['onWarnings'] = () => {},
): Promise<SweepReport> {
  const { db } = project;
  return jobs.run({ kind: 'sweep', title: `Sweep ${sweep.id}`, ...reporting }, async (handle) => {
    const plans = listTrials(db, sweep.id).map(({ choices }) => trialPlan({ project }, sweep.plan, choices));
    startSweep(db, sweep.id);
    const workers = warmTrialWorkers(plans.map(({ config }) => config));
    try {
      const session: Session = { project, jobs: jobsInside(handle), close: () => {} };
      const places = await prepareTrials(session, sweep, onWarnings);
      await runRounds(project, sweep, places, handle, {
        ...(pause ? { pause } : {}),
        ...(onEpoch ? { onEpoch } : {}),
        startWorker: workers.start,
      });
      endSweep(db, sweep.id, 'done', null);
      return sweepReport(db, getSweep(db, sweep.id)!);
    } catch (thrown) {
      const error = GraftError.from(thrown);
      const state =
        error.kind === 'cancelled' ? 'cancelled' : error.code === 'worker-died' ? 'interrupted' : 'failed';
      endSweep(db, sweep.id, state, error.toRecord());
      throw error;
    } finally {
      workers.close();
    }
  });
}
