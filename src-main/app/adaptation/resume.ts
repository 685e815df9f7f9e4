import { getSplit } from '../../store/index.ts';
import { adaptationOfRun } from '../../store/adaptations.ts';
import { listRunsOfComparison } from '../../store/runs.ts';
import type { TrainReporting } from '../reporting.ts';
import type { Session } from '../session.ts';
import { requireRun, resumeTraining, type TrainReport } from '../train-model.ts';
import { resumeAdaptation } from './adapt.ts';

/**
 * Goes on with a run and all unfinished runs of its comparison, whether they are trained or adapted.
 *
 * @throws GraftError as `resumeTraining` and `resumeAdaptation`
 */
export async function resumeRuns(
  session: Session,
  runId: number,
  reporting: TrainReporting = {},
): Promise<TrainReport> {
  const { db } = session.project;
  const { comparisonId } = requireRun(session, runId);
  const adapted = listRunsOfComparison(db, comparisonId).some(({ id }) => adaptationOfRun(db, id) !== null);
  if (!adapted) return resumeTraining(session, runId, reporting);
  const { comparison, runs } = await resumeAdaptation(session, runId, reporting);
  return {
    comparison,
    split: getSplit(db, comparison.splitId)!,
    runs,
    warnings: [],
    // The rules of a diagnosis are about learning from labels.
    findings: new Map(),
  };
}
