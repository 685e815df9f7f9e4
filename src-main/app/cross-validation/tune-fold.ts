import type { Split } from '../../contract/dataset.ts';
import type { JobHandle } from '../../jobs/job-runner.ts';
import { jobsInside } from '../../jobs/job-runner.ts';
import { partsOfFold, type StoredCrossValidation } from '../../store/cross-validations.ts';
import { getSweep } from '../../store/sweeps.ts';
import { drawTrials, openSpace, roundsOf } from '../../training/sweep/index.ts';
import type { TrainReporting } from '../reporting.ts';
import type { Session } from '../session.ts';
import { trialPlan } from '../sweep/prepare-trials.ts';
import { planOfTrial } from '../sweep/read-sweeps.ts';
import { resumeSweep, sweepPlans } from '../sweep/sweep.ts';
import type { TrainOptions } from '../train-model.ts';
import type { CrossValidationProgress } from './cross-validation-progress.ts';

/** What a fold is trained by. */
export type FoldPlan = Pick<TrainOptions, 'settings' | 'preprocessing'>;

/** What tuning one fold comes to, at most. */
export interface TuningWork {
  trainings: number;
  epochs: number;
}

/** Nothing without a sweep. */
export function tuningWork(
  session: Session,
  { definition: { sweep }, plan }: StoredCrossValidation,
): TuningWork {
  if (!sweep) return { trainings: 0, epochs: 0 };
  const configs = drawTrials(sweep, openSpace(sweep, plan)).map(
    (choices) => trialPlan(session, plan, choices).config,
  );
  const folds = sweep.folds ?? 1;
  const rounds = roundsOf(sweep, configs);
  const epochs = rounds.reduce(
    (sum, round, at) => sum + round.trials * folds * (round.epochs - (rounds[at - 1]?.epochs ?? 0)),
    0,
  );
  return { trainings: configs.length * folds, epochs };
}

interface Tuning {
  /** For people: "Fold 2 of 5". */
  name: string;
  tuning: TuningWork;
  progress: CrossValidationProgress;
  handle: JobHandle;
  held: Pick<TrainReporting, 'pause' | 'onEpoch'>;
}

/**
 * The plan of one fold: as it was given, or the best of a sweep over the fold's split, which deals training and validation patients of that
 * split alone. Those who will judge the fold are its test set: a sweep is told of none.
 */
export async function tuneFold(
  session: Session,
  { plan, definition }: StoredCrossValidation,
  split: Split,
  { name, tuning, progress, handle, held }: Tuning,
): Promise<FoldPlan> {
  if (!definition.sweep) return plan as FoldPlan;
  const { db } = session.project;
  const known = partsOfFold(db, split.id).sweepId;
  if (known !== null && getSweep(db, known)!.state === 'done') {
    progress.find(tuning.trainings, tuning.epochs);
    return planOfTrial(session.project, known);
  }
  progress.begin(`${name}, tuning`, tuning.trainings, tuning.epochs);
  const jobs = jobsInside({
    signal: handle.signal,
    onProgress: (inside) => {
      if (inside.unit === 'trials' && inside.total) progress.reach(inside.done / inside.total);
      progress.tell(inside);
    },
  });
  const inner: Session = { ...session, jobs };
  const { id } =
    known === null
      ? await sweepPlans(
          inner,
          {
            plan: { ...(plan as FoldPlan), split: { splitId: split.id, fold: true } },
            sweep: definition.sweep,
          },
          held,
        )
      : await resumeSweep(inner, known, held);
  progress.end();
  return planOfTrial(session.project, id);
}
