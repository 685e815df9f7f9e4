import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { z } from 'zod';
import { prepareDataset } from '../cohort/index.ts';
import type { Dataset, DatasetWarning, PreprocessingInput, Split } from '../contract/dataset.ts';
import type { RunFinding } from '../contract/diagnosis.ts';
import { GraftError } from '../contract/errors.ts';
import { approaches as allApproaches, type Approach, type Comparison, type Run } from '../contract/run.ts';
import { trainingConfigSchema, type TrainingConfig, type TrainingSettings } from '../contract/training.ts';
import type { JobHandle } from '../jobs/job-runner.ts';
import { trainRun } from '../jobs/train-run.ts';
import { cardOf, modelCard, shippedWeights } from '../models/index.ts';
import { headKind } from '../training/index.ts';
import { sha256OfFile } from '../platform/files.ts';
import { listEpochs } from '../store/epochs.ts';
import { getSplit, hasColour } from '../store/index.ts';
import {
  createComparison,
  getComparison,
  getRun,
  listRunsOfComparison,
  partOf,
  type Whole,
} from '../store/runs.ts';
import { chosenModel } from './added-models.ts';
import { type ToldAugmentation, withChosenAugmentation } from './choose-augmentation.ts';
import { chooseSplit, type SplitChoice } from './choose-split.ts';
import { diagnose } from './diagnose.ts';
import { trainEnsemble } from './ensemble.ts';
import { runEnvironment } from './environment.ts';
import { seenWarnings } from './lineage.ts';
import type { Reporting, TrainReporting } from './reporting.ts';
import type { Session } from './session.ts';
import { requireFreezable } from './start-network.ts';

export interface TrainOptions {
  split?: SplitChoice;
  settings?: TrainingSettings;
  /** What is not given: the model's own size, the file's own window, letterbox. */
  preprocessing?: Partial<PreprocessingInput>;
  /** Default: all four, cheapest first. */
  approaches?: readonly Approach[];
  /** Told once it is known, before anything long begins. */
  onStart?: (started: { comparison: Comparison; runs: Run[]; split: Split }) => void;
  /** What a person should know of the data, before training begins. */
  onWarnings?: (warnings: DatasetWarning[]) => void;
  /** What augmentation came to for these images, and what is unwise about it. */
  onAugmentation?: (told: ToldAugmentation) => void;
}

export interface TrainReport {
  comparison: Comparison;
  split: Split;
  runs: Run[];
  warnings: DatasetWarning[];
  /** What each run's epochs show, the most important first, by the run's id. */
  findings: Map<number, RunFinding[]>;
}

/**
 * Trains a model, and beside it what it has to be compared with, on one split: the majority class, a probe on the
 * pre-trained network, and the same network from random weights.
 *
 * @throws GraftError `settings-wrong`, `stage-unknown`, `layer-unknown`, `head-output`, `model-unknown`, `cancelled`, `worker-died`, and what splitting and preparing
 * throw. Runs that are finished by then are kept; the others can be resumed.
 */
export async function trainModel(
  session: Session,
  options: TrainOptions = {},
  reporting: TrainReporting = {},
): Promise<TrainReport> {
  const { project } = session;
  const wished = configOf(project, options.settings ?? {});
  requireWhole(wished);
  requireFreezable(wished);
  const split = chooseSplit(session, options.split ?? {});
  headKind(wished, split.classes, split.multiLabel);
  const { config, told } = withChosenAugmentation(session, wished, split);
  options.onAugmentation?.(told);
  const preprocessing = preprocessingFor(session, config, options.preprocessing ?? {});
  const dataset = await prepare(session, split, preprocessing, reporting);
  options.onWarnings?.([...dataset.warnings, ...seenWarnings(project, config.initial, dataset)]);
  const wanted = options.approaches ?? allApproaches;
  const environment = runEnvironment();
  const startingWeights = await hashOfWeights(config);
  const { comparison, runs } = createComparison(
    project.db,
    split.id,
    allApproaches
      .filter((approach) => wanted.includes(approach))
      .map((approach) => ({
        approach,
        // What a model is compared with is one model.
        config: approach === 'fine-tuned' ? config : { ...config, folds: null },
        preprocessing: dataset.preprocessing,
        environment,
        startingWeights: approach === 'probe' || approach === 'fine-tuned' ? startingWeights : null,
      })),
  );
  options.onStart?.({ comparison, runs, split });
  await trainAll(session, runs, dataset, false, reporting);
  return report(session, comparison, split, dataset);
}

/**
 * Goes on with a run and all unfinished runs of its comparison, each from its last checkpoint.
 *
 * @throws GraftError `run-missing`, `run-finished`, and what `trainModel` throws
 */
export async function resumeTraining(
  session: Session,
  runId: number,
  reporting: TrainReporting = {},
): Promise<TrainReport> {
  const { db } = session.project;
  const run = requireRun(session, runId);
  const comparison = getComparison(db, run.comparisonId)!;
  const unfinished = listRunsOfComparison(db, comparison.id).filter(({ state }) => state !== 'done');
  if (unfinished.length === 0) {
    throw new GraftError(
      'run-finished',
      `Expected an unfinished run to resume; run ${runId} and those beside it are done. Start a new training instead.`,
    );
  }
  const split = getSplit(db, comparison.splitId)!;
  const dataset = await prepare(session, split, run.preprocessing, reporting);
  await trainAll(session, unfinished, dataset, true, reporting);
  return report(session, comparison, split, dataset);
}

/** What a run is a part of, and what to name instead. */
const wholes: Record<Whole, string> = {
  sweep: 'a sweep. Train its plan: graft train --from-sweep with --trial',
  ensemble: 'an ensemble. Name the run of the whole',
  'cross-validation': 'a cross-validation. Go on with that: graft cross-validate --resume',
};

/** @throws GraftError `run-missing`, `run-is-part` */
export function requireRun({ project }: Pick<Session, 'project'>, runId: number): Run {
  const run = getRun(project.db, runId);
  const part = run && partOf(project.db, run.comparisonId);
  if (part) {
    throw new GraftError(
      'run-is-part',
      `Expected a run that stands for itself, found ${runId}, which is a part of ${wholes[part]}; graft runs shows of which.`,
    );
  }
  if (run) return run;
  throw new GraftError(
    'run-missing',
    `Expected a run of this project, found ${runId}; list them with graft runs.`,
  );
}

/** Decodes what is not in the tensor cache yet. */
export function prepare(
  { project, jobs }: Session,
  split: Split,
  preprocessing: PreprocessingInput,
  reporting: Reporting,
): Promise<Dataset> {
  const title = `Preparing the images of split ${split.id}`;
  return jobs.run({ kind: 'prepare', title, ...reporting }, ({ signal, onProgress }) =>
    prepareDataset(project, split.id, preprocessing, { signal, onProgress }),
  );
}

async function trainAll(
  { project, jobs }: Session,
  runs: readonly Run[],
  dataset: Dataset,
  resume: boolean,
  { pause, onEpoch, ...reporting }: TrainReporting,
): Promise<void> {
  for (const run of runs) {
    const title = `Training of run ${run.id} (${run.approach})`;
    const train = run.config.folds === null ? trainRun : trainEnsemble;
    await jobs.run({ kind: 'train', title, ...reporting }, (handle: JobHandle) =>
      train(project, run, dataset, handle, {
        resume,
        ...(pause ? { pause } : {}),
        ...(onEpoch ? { onEpoch } : {}),
      }),
    );
  }
}

function report(session: Session, comparison: Comparison, split: Split, dataset: Dataset): TrainReport {
  const runs = listRunsOfComparison(session.project.db, comparison.id);
  const findings = new Map(
    runs.map((run) => [run.id, diagnose(run, listEpochs(session.project.db, run.id), split, 'terminal')]),
  );
  return { comparison, split, runs, warnings: dataset.warnings, findings };
}

/** What a model is compared with learns from all training patients. */
function requireWhole({ trainShare = 1 }: TrainingConfig): void {
  if (trainShare === 1) return;
  throw new GraftError(
    'settings-wrong',
    `Expected a training on all training patients, found trainShare ${trainShare}, which is for learning curves. Leave it out, or train one: graft learning-curve.`,
  );
}

/** Settings with every default; models that were added to the project are known by their names. */
export const configOf = (project: Session['project'], settings: TrainingSettings): TrainingConfig =>
  parseSettings(withChosenModel(project, settings));

/** A model that was added to the project is called by its name as those of the library are. */
function withChosenModel(project: Session['project'], settings: TrainingSettings): TrainingSettings {
  if (settings.modelName === undefined || settings.initial !== undefined) return settings;
  return { ...settings, ...chosenModel(project, settings.modelName) };
}

function parseSettings(settings: TrainingSettings): TrainingConfig {
  const parsed = trainingConfigSchema.safeParse(settings);
  if (parsed.success) return parsed.data;
  throw new GraftError('settings-wrong', `The training settings do not fit: ${describe(parsed.error)}.`);
}

const describe = (error: z.ZodError): string =>
  error.issues
    .map(({ path, message }) => (path.length > 0 ? `${path.join('.')}: ${message}` : message))
    .join('; ');

/** Taken before training, so that the record says what was started from even when the file changes later. */
export async function hashOfWeights({ initial, modelName }: TrainingConfig): Promise<string | null> {
  if (initial === 'random') return null;
  const folder = initial === 'pretrained' ? shippedWeights(modelCard(modelName)) : initial;
  const path = folder && join(folder, 'weights.safetensors');
  return path && existsSync(path) ? sha256OfFile(path) : null;
}

/** Grey images stay one channel on the disk and in the exported model; the network sees them on all of its own. */
export function preprocessingFor(
  { project }: Pick<Session, 'project'>,
  config: Pick<TrainingConfig, 'modelName' | 'initial'>,
  given: Partial<PreprocessingInput>,
): PreprocessingInput {
  const { inputSize } = cardOf(config);
  return { height: inputSize, width: inputSize, channels: hasColour(project.db) ? 3 : 1, ...given };
}
