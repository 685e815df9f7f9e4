import {
  type CurveMetric,
  curveMetrics,
  type LearnedPoint,
  type LearningCurveInput,
  type LearningCurveReport,
  learningCurveSchema,
} from '../../contract/learning-curve.ts';
import { GraftError } from '../../contract/errors.ts';
import type { Run } from '../../contract/run.ts';
import type { SweepReport } from '../../contract/sweep.ts';
import { planStudy, studentInterval } from '../../evaluation/planning/index.ts';
import { getSplit, openProjectForReading, type ReadableDatabase } from '../../store/index.ts';
import { getRun } from '../../store/runs.ts';
import { listSweeps, type StoredSweep } from '../../store/sweeps.ts';
import type { Session } from '../session.ts';
import type { TrainReporting } from '../reporting.ts';
import { requireSweep } from './read-sweeps.ts';
import { sweepReport } from './sweep-report.ts';
import { resumeSweep, type SweepOptions, sweepPlans } from './sweep.ts';

const SHARE = 'trainShare';

export type LearningCurveOptions = Omit<SweepOptions, 'sweep'> & {
  design?: LearningCurveInput;
  /** A score whose number of patients is asked for. */
  target?: number;
};

/**
 * Trains the points of a learning curve: one plan on shares of the training patients, each several times, judged by the validation images. It is a
 * sweep over the share and the seed, with a sweep's progress, cancelling and resuming; the test set is in none of it.
 *
 * @throws GraftError `learning-curve-design`, and what `sweepPlans` throws
 */
export async function trainLearningCurve(
  session: Session,
  { design = {}, target, ...options }: LearningCurveOptions,
  reporting: TrainReporting = {},
): Promise<LearningCurveReport> {
  const parsed = learningCurveSchema.safeParse(design);
  if (!parsed.success) {
    const [{ path, message }] = parsed.error.issues;
    throw new GraftError(
      'learning-curve-design',
      `The learning curve does not fit: ${path.join('.')}: ${message}.`,
    );
  }
  const { repeats, metric } = parsed.data;
  const shares = [...new Set(parsed.data.shares)].sort((a, b) => a - b);
  const seed = options.plan?.settings?.seed ?? 7;
  const report = await sweepPlans(
    session,
    {
      ...options,
      sweep: {
        space: { [SHARE]: shares, seed: Array.from({ length: repeats }, (_, repeat) => seed + repeat) },
        strategy: 'grid',
        objective: metric,
      },
    },
    reporting,
  );
  return curveOf(session.project.db, report, target);
}

/**
 * Goes on with one that was stopped.
 *
 * @throws GraftError `learning-curve-missing`, and what `resumeSweep` throws
 */
export async function resumeLearningCurve(
  session: Session,
  sweepId: number,
  reporting: TrainReporting = {},
  target?: number,
): Promise<LearningCurveReport> {
  requireCurve(requireSweep(session.project, sweepId));
  return curveOf(session.project.db, await resumeSweep(session, sweepId, reporting), target);
}

/** All learning curves as they stand, the newest first. */
export const learningCurves = (db: ReadableDatabase): LearningCurveReport[] =>
  listSweeps(db)
    .filter(isCurve)
    .map((sweep) => curveOf(db, sweepReport(db, sweep)));

/**
 * One of a project, or the newest; works while another process trains.
 *
 * @throws GraftError `learning-curve-missing`
 */
export function showLearningCurve(
  folder: string,
  sweepId: number | null,
  target?: number,
): LearningCurveReport {
  const project = openProjectForReading(folder);
  try {
    const sweep = sweepId === null ? listSweeps(project.db).find(isCurve) : requireSweep(project, sweepId);
    if (!sweep) {
      throw new GraftError(
        'learning-curve-missing',
        'Expected a learning curve of this project, found none. Train its points first: graft learning-curve.',
      );
    }
    requireCurve(sweep);
    return curveOf(project.db, sweepReport(project.db, sweep), target);
  } finally {
    project.close();
  }
}

/** Whether a sweep's trials are the points of a learning curve: the share changes, and nothing but the seed beside it. */
export const isCurve = ({ definition }: Pick<StoredSweep, 'definition'>): boolean => {
  const fields = Object.keys(definition.space);
  return fields.includes(SHARE) && fields.every((field) => field === SHARE || field === 'seed');
};

function requireCurve(sweep: StoredSweep): void {
  if (isCurve(sweep)) return;
  throw new GraftError(
    'learning-curve-missing',
    `Expected the number of a learning curve, found that of a sweep over ${Object.keys(sweep.definition.space).join(', ')}. Look at it with graft sweep show ${sweep.id}.`,
  );
}

function curveOf(db: ReadableDatabase, report: SweepReport, target?: number): LearningCurveReport {
  const { id, splitId, state, objective, createdAt, trials } = report;
  const { counts } = getSplit(db, splitId)!;
  const train = counts.train ?? { patients: 0, images: 0 };
  const ended = trials.flatMap(({ choices, mean, state: of, runs }) =>
    of === 'done' && mean !== null
      ? [
          {
            share: Number(choices[SHARE]),
            score: mean,
            learned: learnedBy(getRun(db, runs[0].runId)!, train),
          },
        ]
      : [],
  );
  const points = [...Map.groupBy(ended, ({ share }) => share)]
    .map(([share, of]): LearnedPoint => {
      const scores = of.map(({ score }) => score);
      const mean = scores.reduce((sum, score) => sum + score, 0) / scores.length;
      return { share, ...of[0].learned, scores, mean, range: studentInterval(scores) };
    })
    .sort((a, b) => a.patients - b.patients);
  const { curve } = planStudy({
    points: ended.map(({ score, learned }) => ({ patients: learned.patients, score })),
    ...(target === undefined ? {} : { target }),
  });
  return {
    sweepId: id,
    splitId,
    state,
    metric:
      curveMetrics.find((metric): metric is CurveMetric => metric === objective) ?? 'val_balanced_accuracy',
    createdAt,
    judgedBy: counts.validation?.patients ?? 0,
    done: ended.length,
    trainings: trials.length,
    points,
    curve,
  };
}

/** Of all training patients nothing is noted. */
const learnedBy = (
  { result }: Run,
  train: { patients: number; images: number },
): { patients: number; images: number } =>
  result?.learned ?? { patients: train.patients, images: train.images };
