import { analysisSettings } from '../../contract/analysis-settings.ts';
import type { CrossValidationResult } from '../../contract/cross-validation.ts';
import type { Split } from '../../contract/dataset.ts';
import { OUT_OF_FOLD, type TrainedApproach } from '../../contract/run.ts';
import type { JobHandle } from '../../jobs/job-runner.ts';
import type { CrossValidationStatistics, CrossValidationTask } from '../../jobs/cross-validation-worker.ts';
import { runInWorker } from '../../jobs/run-in-worker.ts';
import { getCrossValidation, listFolds, partsOfFold } from '../../store/cross-validations.ts';
import { getSplit, type ReadableDatabase } from '../../store/index.ts';
import { listRunsOfComparison } from '../../store/runs.ts';
import { AnalysisInputs } from '../analysis-input.ts';
import { counts, type StoredModel, storedSets } from '../stored-sets.ts';

/** Everything that is computed of the predictions of all folds, in a worker. */
export async function poolFolds(
  db: ReadableDatabase,
  id: number,
  { classes, multiLabel = false }: Split,
  { signal }: Pick<JobHandle, 'signal'>,
): Promise<CrossValidationResult> {
  const { definition } = getCrossValidation(db, id)!;
  const folds = listFolds(db, id).map(({ splitId }) => ({
    splitId,
    models: modelsOfFold(db, splitId),
  }));
  const models = folds[0].models.map(({ approach }, m): StoredModel => ({
    runId: 0,
    name: approach,
    approach,
    predictions: folds.flatMap((fold) => fold.models[m].predictions),
  }));
  const settings = analysisSettings.parse({});
  const inputs = new AnalysisInputs(db, settings, []);
  const computed = await runInWorker<CrossValidationTask, never, CrossValidationStatistics>(
    new URL('../../jobs/cross-validation-worker.ts', import.meta.url),
    {
      folds: folds.map(({ splitId, models: own }) => {
        const sides = getSplit(db, splitId)!.counts;
        return {
          models: own.map(({ approach, predictions }) => ({
            approach: approach as TrainedApproach,
            predictions,
          })),
          learned: sides.train.patients + sides.validation.patients,
          judged: sides.test.patients,
        };
      }),
      pooled: { classes, multiLabel, models, seed: definition.seed },
      // Nothing is fitted: each fold has validation patients of its own.
      analysis: { ...inputs.of({ setName: OUT_OF_FOLD, models }, classes, multiLabel), fittedHere: false },
    },
    { what: 'The statistics of the cross-validation', signal },
  );
  return { ...computed, computedAt: new Date().toISOString() };
}

/** What each approach said of a fold's own patients. */
function modelsOfFold(db: ReadableDatabase, splitId: number): StoredModel[] {
  const runs = listRunsOfComparison(db, partsOfFold(db, splitId).comparisonId!);
  const { models } = storedSets(db, runs).find(({ setName }) => setName === 'test')!;
  return models.map((one) => ({ ...one, predictions: one.predictions.filter(counts) }));
}
