import { rmSync } from 'node:fs';
import type { Dataset, Split } from '../../contract/dataset.ts';
import { GraftError } from '../../contract/errors.ts';
import { approaches, type Run, type TrainedApproach } from '../../contract/run.ts';
import type { TrainingConfig } from '../../contract/training.ts';
import type { JobHandle } from '../../jobs/job-runner.ts';
import { predictSets } from '../../jobs/predict-run.ts';
import { runFolder, trainRun } from '../../jobs/train-run.ts';
import { listFolds, partsOfFold, type StoredCrossValidation } from '../../store/cross-validations.ts';
import { listEnsembleMembers } from '../../store/ensembles.ts';
import { isEvaluated, saveEvaluation } from '../../store/evaluations.ts';
import { getSplit, type Project } from '../../store/index.ts';
import { createComparison, getComparison, listRunsOfComparison } from '../../store/runs.ts';
import { withChosenAugmentation } from '../choose-augmentation.ts';
import { trainEnsemble } from '../ensemble.ts';
import { runEnvironment } from '../environment.ts';
import type { TrainReporting } from '../reporting.ts';
import type { Session } from '../session.ts';
import { configOf, hashOfWeights, prepare, preprocessingFor } from '../train-model.ts';
import { CrossValidationProgress } from './cross-validation-progress.ts';
import { tuneFold, tuningWork, type FoldPlan } from './tune-fold.ts';

type Held = Pick<TrainReporting, 'pause' | 'onEpoch'>;

/**
 * Fold by fold: tunes where that is asked for, trains every approach, and has the fold's own patients judged. What is finished is left alone;
 * models are thrown away once they have answered, since a cross-validation judges a plan, and nobody uses its models.
 */
export async function runFolds(
  session: Session,
  crossValidation: StoredCrossValidation,
  handle: JobHandle,
  held: Held,
): Promise<void> {
  const { db } = session.project;
  const { definition, plan } = crossValidation;
  const folds = listFolds(db, crossValidation.id);
  const config = configOf(session.project, plan.settings ?? {});
  const own = approaches.filter((one) => definition.approaches.includes(one));
  const tuning = tuningWork(session, crossValidation);
  const epochs = own.reduce((sum, approach) => sum + epochsOf(approach, config), 0);
  const progress = new CrossValidationProgress(
    folds.length * (own.length + tuning.trainings),
    folds.length * (epochs + tuning.epochs),
    handle.onProgress,
  );
  for (const { fold, splitId } of folds) {
    if (handle.signal.aborted) throw GraftError.cancelled('The cross-validation');
    const split = getSplit(db, splitId)!;
    const name = `Fold ${fold} of ${folds.length}`;
    const judged = judgedRuns(session.project, splitId);
    if (judged) {
      progress.find(own.length + tuning.trainings, epochs + tuning.epochs);
      continue;
    }
    const chosen = await tuneFold(session, crossValidation, split, { name, tuning, progress, handle, held });
    await judgeFold(session, split, { chosen, approaches: own, name, progress, handle, held });
  }
}

/** The runs of a fold, once its patients have been judged by all of them. */
function judgedRuns({ db }: Project, splitId: number): Run[] | null {
  const { comparisonId } = partsOfFold(db, splitId);
  if (comparisonId === null) return null;
  const runs = listRunsOfComparison(db, comparisonId);
  return runs.every(({ id }) => isEvaluated(db, id, 'test')) ? runs : null;
}

/** At most, of all models of an approach. Majority and probe are over at once. */
const epochsOf = (approach: TrainedApproach, { epochs, folds }: TrainingConfig): number =>
  approach === 'majority' || approach === 'probe'
    ? 1
    : epochs * (approach === 'fine-tuned' ? (folds ?? 1) : 1);

interface FoldWork {
  chosen: FoldPlan;
  approaches: readonly TrainedApproach[];
  /** For people: "Fold 2 of 5". */
  name: string;
  progress: CrossValidationProgress;
  handle: JobHandle;
  held: Held;
}

async function judgeFold(session: Session, split: Split, work: FoldWork): Promise<void> {
  const { project } = session;
  const { name, progress, handle } = work;
  const wished = configOf(project, work.chosen.settings ?? {});
  const { config } = withChosenAugmentation(session, wished, split);
  const dataset = await prepare(
    session,
    split,
    preprocessingFor(session, config, work.chosen.preprocessing ?? {}),
    {},
  );
  const runs = await runsOf(session, split, config, dataset, work.approaches);
  for (const run of runs) {
    const approach = run.approach as TrainedApproach;
    const epochs = epochsOf(approach, config);
    if (isEvaluated(project.db, run.id, 'test')) {
      progress.find(1, epochs);
      continue;
    }
    progress.begin(`${name}, ${approach}`, 1, epochs);
    const inside: JobHandle = {
      signal: handle.signal,
      // Which approach it is stands in the name already.
      onProgress: (told) => progress.tell({ ...told, phase: told.phase.replace(`${approach}: `, '') }),
    };
    if (run.state !== 'done') await train(session, run, dataset, inside, { ...work, epochs });
    const predictions = await predictSets(project, run, dataset, ['test'], inside);
    saveEvaluation(project.db, run.id, 'test', predictions.get('test')!);
    discard(project, run.id);
    progress.end();
  }
}

async function train(
  { project }: Session,
  run: Run,
  dataset: Dataset,
  inside: JobHandle,
  { progress, held, epochs }: FoldWork & { epochs: number },
): Promise<void> {
  let done = 0;
  // The patients that judge the fold are kept from whoever trains.
  const learned: Dataset = { ...dataset, test: [], excluded: [] };
  const carryOut = run.config.folds === null ? trainRun : trainEnsemble;
  await carryOut(project, run, learned, inside, {
    resume: true,
    ...(held.pause ? { pause: held.pause } : {}),
    onEpoch: (...told) => {
      progress.reach(++done / epochs);
      held.onEpoch?.(...told);
    },
  });
}

/** The runs of a fold; made where they are not there yet. */
async function runsOf(
  { project }: Session,
  split: Split,
  config: TrainingConfig,
  dataset: Dataset,
  wanted: readonly TrainedApproach[],
): Promise<Run[]> {
  const { db } = project;
  const { comparisonId } = partsOfFold(db, split.id);
  if (comparisonId !== null) return listRunsOfComparison(db, getComparison(db, comparisonId)!.id);
  const environment = runEnvironment();
  const startingWeights = await hashOfWeights(config);
  return createComparison(
    db,
    split.id,
    wanted.map((approach) => ({
      approach,
      // What a model is compared with is one model.
      config: approach === 'fine-tuned' ? config : { ...config, folds: null },
      preprocessing: dataset.preprocessing,
      environment,
      startingWeights: approach === 'probe' || approach === 'fine-tuned' ? startingWeights : null,
    })),
    'cross-validation',
  ).runs;
}

function discard(project: Project, runId: number): void {
  const members = listEnsembleMembers(project.db, runId).map((member) => member.runId);
  for (const id of [runId, ...members]) rmSync(runFolder(project, id), { recursive: true, force: true });
}
