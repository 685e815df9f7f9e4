import type { EvaluableComparison, evaluationCalls } from '../../contract/calls/evaluations.ts';
import { GraftError } from '../../contract/errors.ts';
import { chooseAnalysisSettings, currentAnalysisSettings } from '../../store/analyses.ts';
import { listEvaluations } from '../../store/evaluations.ts';
import { getSplit, type ReadableDatabase } from '../../store/index.ts';
import { listOpenings } from '../../store/openings.ts';
import { comparisonNames, getComparison, listRuns } from '../../store/runs.ts';
import { evaluate } from '../evaluate.ts';
import { planStudy, trainedPoints } from '../plan-study.ts';
import type { Handlers } from './desk.ts';
import { setEvaluation } from './set-evaluation.ts';

export const evaluationHandlers: Handlers<typeof evaluationCalls> = {
  'evaluations.list': (_, { session }) => evaluable(session.project.db),
  'evaluations.run': ({ comparisonId, sets }, desk) => {
    const run = listRuns(desk.session.project.db).find((one) => one.comparisonId === comparisonId);
    if (!run) {
      throw new GraftError(
        'comparison-missing',
        `Expected a training of this project, found ${comparisonId}.`,
      );
    }
    const title = `Evaluation on ${sets.join(', ')}`;
    return desk.startJob({ kind: 'evaluate', title }, async (session, reporting) => {
      await evaluate(session, { runId: run.id, sets }, reporting).finally(() =>
        desk.tell({ kind: 'changed', what: 'evaluations' }),
      );
    });
  },
  'evaluations.result': ({ comparisonId, setName }, desk) => setEvaluation(desk, comparisonId, setName),
  'evaluations.analyseBy': ({ comparisonId, settings }, desk) => {
    const { db } = desk.session.project;
    if (!getComparison(db, comparisonId)) {
      throw new GraftError(
        'comparison-missing',
        `Expected a training of this project, found ${comparisonId}.`,
      );
    }
    chooseAnalysisSettings(db, comparisonId, settings);
    desk.tell({ kind: 'changed', what: 'evaluations' });
    return currentAnalysisSettings(db, comparisonId);
  },
  'evaluations.planStudy': (question) => planStudy(question),
  'evaluations.trainedPoints': (_, { session }) => trainedPoints(session.project.db),
};

function evaluable(db: ReadableDatabase): EvaluableComparison[] {
  const names = comparisonNames(db);
  const done = listRuns(db).filter(({ state }) => state === 'done');
  return [...Map.groupBy(done, ({ comparisonId }) => comparisonId)]
    .map(([comparisonId, runs]): EvaluableComparison => {
      const { splitId, createdAt } = getComparison(db, comparisonId)!;
      const split = getSplit(db, splitId)!;
      const openings = listOpenings(db, split.hash);
      const evaluated = runs.map(({ id }) => new Set(listEvaluations(db, id).map(({ setName }) => setName)));
      return {
        comparisonId,
        name: names.get(comparisonId) ?? `Training ${comparisonId}`,
        createdAt,
        classes: split.classes,
        multiLabel: split.multiLabel ?? false,
        approaches: runs.map(({ approach }) => approach),
        sets: Object.entries(split.counts)
          .filter(([name, { images }]) => name !== 'train' && images > 0)
          .map(([name, { images, patients }]) => ({
            name,
            kind: name === 'validation' ? ('validation' as const) : ('held-out' as const),
            images,
            patients,
            evaluated: evaluated.every((sets) => sets.has(name)),
            openings: openings.filter(({ setName }) => setName === name).map(({ openedAt }) => openedAt),
          }))
          .sort((a, b) => a.kind.localeCompare(b.kind) * -1),
      };
    })
    .sort((a, b) => b.comparisonId - a.comparisonId);
}
