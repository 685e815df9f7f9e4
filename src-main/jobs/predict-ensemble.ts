import { foldsOf, type Folds } from '../cohort/index.ts';
import type { Dataset, Sample } from '../contract/dataset.ts';
import type { Prediction, Run } from '../contract/run.ts';
import { listEnsembleMembers } from '../store/ensembles.ts';
import type { Project } from '../store/index.ts';
import type { JobHandle } from './job-runner.ts';
import type { PredictorTask } from './predictor-worker.ts';
import { runInWorker } from './run-in-worker.ts';
import { modelFolder } from './train-run.ts';

/** How an ensemble's patients were dealt: from the records alone, so that it comes out the same later. */
export const foldsOfRun = (project: Project, { config }: Pick<Run, 'config'>, dataset: Dataset): Folds =>
  foldsOf(project, dataset, { folds: config.folds!, seed: config.seed });

/** Folders of the models that answer for a run: its own, or those of all its members by fold. */
export function modelFoldersOf(project: Project, run: Pick<Run, 'id' | 'config'>): string[] {
  if (run.config.folds === null) return [modelFolder(project, run.id)];
  return listEnsembleMembers(project.db, run.id).map(({ runId }) => modelFolder(project, runId));
}

/**
 * Which member, from 0, answers for an image alone because the others have learned from its patient. Null where all answer together: of patients whom
 * none has seen, and of a run that is no ensemble.
 */
export function memberThatHasNotSeen(
  project: Project,
  run: Pick<Run, 'config'>,
  dataset: Dataset,
): (sample: Pick<Sample, 'patientKey'>) => number | null {
  if (run.config.folds === null) return () => null;
  const { foldOfPatient } = foldsOfRun(project, run, dataset);
  return ({ patientKey }) => foldOfPatient.get(patientKey) ?? null;
}

/** What one of a run's models is asked about. */
export interface Question {
  /** From 0. */
  member: number;
  samples: readonly Sample[];
}

/** Probabilities `[samples, classes]` of each question, in one worker. */
export function askMembers(
  project: Project,
  run: Run,
  dataset: Dataset,
  questions: readonly Question[],
  { signal, onProgress }: JobHandle,
): Promise<Float32Array[]> {
  const folders = modelFoldersOf(project, run);
  return runInWorker<PredictorTask, never, Float32Array[]>(
    new URL('./predictor-worker.ts', import.meta.url),
    {
      questions: questions.map(({ member, samples }) => ({ modelFolder: folders[member], samples })),
      dataset,
      config: run.config,
    },
    {
      what: `The evaluation of run ${run.id}`,
      signal,
      onProgress: (progress) => onProgress({ ...progress, phase: `${run.approach}: ${progress.phase}` }),
    },
  );
}

/** Each image judged by one member alone: the one whose fold it is in, which has not seen its patient. */
export async function predictOutOfFold(
  project: Project,
  run: Run,
  dataset: Dataset,
  asked: readonly { sample: Sample; fold: number }[],
  handle: JobHandle,
): Promise<Prediction[]> {
  const folds = [...new Set(asked.map(({ fold }) => fold))];
  const questions = folds.map((fold) => ({
    member: fold,
    samples: asked.filter((one) => one.fold === fold).map(({ sample }) => sample),
  }));
  const answers = await askMembers(project, run, dataset, questions, handle);
  const classes = dataset.classes.length;
  const next = folds.map(() => 0);
  return asked.map(({ sample, fold }): Prediction => {
    const question = folds.indexOf(fold);
    const at = classes * next[question]++;
    return predictionOf(sample, answers[question].slice(at, at + classes));
  });
}

export const predictionOf = (sample: Sample, probabilities: Float32Array): Prediction => ({
  instanceId: sample.instanceId,
  frameIndex: sample.frameIndex,
  patientKey: sample.patientKey,
  subgroup: sample.group ?? null,
  label: sample.label,
  ...(sample.findings ? { findings: sample.findings } : {}),
  probabilities,
  excluded: null,
});
