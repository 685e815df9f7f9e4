import { datasetOfFold, type Folds } from '../cohort/index.ts';
import type { Dataset } from '../contract/dataset.ts';
import { GraftError } from '../contract/errors.ts';
import { OUT_OF_FOLD, type Prediction, type Run } from '../contract/run.ts';
import type { RunResult } from '../contract/training.ts';
import type { JobHandle } from '../jobs/job-runner.ts';
import { foldsOfRun, predictOutOfFold } from '../jobs/predict-ensemble.ts';
import { runTrials } from '../jobs/run-trials.ts';
import { addEnsembleMember, listEnsembleMembers } from '../store/ensembles.ts';
import { saveEvaluation } from '../store/evaluations.ts';
import { type Project, transaction } from '../store/index.ts';
import { createComparison, finishRun, getComparison, getRun, startRun, stopRun } from '../store/runs.ts';
import type { TrainReporting } from './reporting.ts';

/**
 * Trains a k-fold ensemble: one model for each fold of the training and validation patients, which that fold's own patients judge, and
 * which learns from all others. Each member is a run of its own; those that are finished are not trained again.
 *
 * @throws GraftError `folds-too-few-patients`, and what `runTrials` throws
 */
export async function trainEnsemble(
  project: Project,
  run: Run,
  dataset: Dataset,
  handle: JobHandle,
  { resume, pause, onEpoch }: Pick<TrainReporting, 'pause' | 'onEpoch'> & { resume: boolean },
): Promise<void> {
  const { db } = project;
  startRun(db, run.id);
  try {
    const folds = foldsOfRun(project, run, dataset);
    const members = membersOf(project, run);
    await runTrials(
      project,
      members
        .filter(({ state }) => state !== 'done')
        .map((member) => ({
          runId: member.id,
          group: 1,
          config: member.config,
          dataset: datasetOfFold(dataset, folds, members.indexOf(member)),
          resume,
          keepModel: true,
        })),
      {
        what: `The training of run ${run.id}`,
        signal: handle.signal,
        ...(pause ? { pause } : {}),
        ...(onEpoch ? { onEpoch } : {}),
        onProgress: (runId, progress) => {
          const fold = 1 + members.findIndex(({ id }) => id === runId);
          handle.onProgress({ ...progress, phase: `fold ${fold} of ${folds.count}: ${progress.phase}` });
        },
      },
    );
    const trained = members.map(({ id }) => getRun(db, id)!);
    const failed = trained.find(({ error, state }) => state !== 'done' && error !== null);
    if (failed) throw GraftError.fromRecord(failed.error!);
    saveEvaluation(db, run.id, OUT_OF_FOLD, await outOfFold(project, run, dataset, handle));
    finishRun(db, run.id, resultOf(run, trained, folds));
  } catch (thrown) {
    const error = GraftError.from(thrown);
    const state =
      error.kind === 'cancelled' ? 'cancelled' : error.code === 'worker-died' ? 'interrupted' : 'failed';
    stopRun(db, run.id, state, error.toRecord());
    throw error;
  }
}

/** Each image of training and validation, judged by the one member that has not seen its patient. */
function outOfFold(project: Project, run: Run, dataset: Dataset, handle: JobHandle): Promise<Prediction[]> {
  const { pool, foldOf } = foldsOfRun(project, run, dataset);
  return predictOutOfFold(
    project,
    run,
    { ...dataset, test: [], evaluationSets: {}, excluded: [] },
    pool.map((sample, at) => ({ sample, fold: foldOf[at] })),
    handle,
  );
}

/** The runs of the members, by fold; made where they are not there yet. */
function membersOf({ db }: Project, run: Run): Run[] {
  const { splitId } = getComparison(db, run.comparisonId)!;
  const known = new Map(listEnsembleMembers(db, run.id).map(({ fold, runId }) => [fold, runId]));
  return transaction(db, () =>
    Array.from({ length: run.config.folds! }, (_, at) => {
      const fold = at + 1;
      const found = known.get(fold);
      if (found !== undefined) return getRun(db, found)!;
      const { approach, preprocessing, environment, startingWeights } = run;
      const config = { ...run.config, folds: null };
      const member = { approach, config, preprocessing, environment, startingWeights };
      const [made] = createComparison(db, splitId, [member], 'ensemble').runs;
      addEnsembleMember(db, { runId: made.id, ensembleId: run.id, fold });
      return made;
    }),
  );
}

/** What the members came to, as one result: curves are those of the members. */
function resultOf({ config }: Run, members: readonly Run[], { pool, foldOf, count }: Folds): RunResult {
  const results = members.map(({ result }) => result!);
  const [first] = results;
  const sum = (of: (result: RunResult) => number): number =>
    results.reduce((total, one) => total + of(one), 0);
  const values = results.flatMap(({ bestValue }) => (bestValue === null ? [] : [bestValue]));
  const moved = results.find(({ frozen }) => frozen.after !== first.frozen.after);
  return {
    ...first,
    config,
    epochs: [],
    bestEpoch: 0,
    bestValue: values.length === count ? values.reduce((total, one) => total + one, 0) / count : null,
    stoppedEarly: results.some(({ stoppedEarly }) => stoppedEarly),
    modelFolder: '',
    frozen: {
      before: first.frozen.before,
      after: (moved ?? first).frozen.after,
      unmoved: results.every(({ frozen }) => frozen.unmoved) && moved === undefined,
    },
    features: { bytes: first.features.bytes, seconds: sum(({ features }) => features.seconds) },
    seconds: sum(({ seconds }) => seconds),
    ensemble: {
      members: members.map(({ id, result }, fold) => ({
        runId: id,
        fold: fold + 1,
        bestEpoch: result!.bestEpoch,
        bestValue: result!.bestValue,
        learned: foldOf.filter((one) => one !== fold).length,
        judged: foldOf.filter((one) => one === fold).length,
      })),
      images: pool.length,
    },
  };
}
