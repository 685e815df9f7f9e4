import type { TrainedPoint } from '../contract/calls/evaluations.ts';
import type { StudyPlan, StudyQuestionInput } from '../contract/study-plan.ts';
import { planStudy as plan } from '../evaluation/planning/index.ts';
import { listEpochs } from '../store/epochs.ts';
import { getSplit, type ReadableDatabase } from '../store/index.ts';
import { getComparison, listRuns } from '../store/runs.ts';

/**
 * Finished fine-tunings of a project by how many patients they learned from, the fewest first. The score is that of the epoch that was kept: balanced
 * accuracy on validation, or accuracy where that was not recorded.
 */
export function trainedPoints(db: ReadableDatabase): TrainedPoint[] {
  return listRuns(db)
    .flatMap((run): TrainedPoint[] => {
      if (run.approach !== 'fine-tuned' || run.state !== 'done') return [];
      const comparison = getComparison(db, run.comparisonId);
      const split = comparison && getSplit(db, comparison.splitId);
      const kept = listEpochs(db, run.id).findLast(({ best }) => best);
      if (!split?.counts.train || !kept) return [];
      const score = kept.validationBalancedAccuracy ?? kept.validationAccuracy;
      if (score === null || !Number.isFinite(score)) return [];
      return [{ comparisonId: run.comparisonId, patients: split.counts.train.patients, score }];
    })
    .sort((a, b) => a.patients - b.patients);
}

/** How many patients a study takes; points of a project's own trainings are added to those given. */
export function planStudy(question: StudyQuestionInput, db: ReadableDatabase | null = null): StudyPlan {
  const own = db ? trainedPoints(db).map(({ patients, score }) => ({ patients, score })) : [];
  return plan({ ...question, points: [...(question.points ?? []), ...own] });
}
