import { join, relative, sep } from 'node:path';
import type { Dataset } from '../contract/dataset.ts';
import { GraftError } from '../contract/errors.ts';
import type { Run } from '../contract/run.ts';
import type { EpochMetrics, RunResult } from '../contract/training.ts';
import { saveEpoch } from '../store/epochs.ts';
import type { Project } from '../store/index.ts';
import { finishRun, startRun, stopRun } from '../store/runs.ts';
import type { PauseSwitch } from '../platform/pause-switch.ts';
import type { StartWorker } from '../platform/worker-process.ts';
import type { JobHandle } from './job-runner.ts';
import { runInWorker } from './run-in-worker.ts';
import type { TrainerTask } from './trainer-worker.ts';

/** Folder of a run: checkpoint, model. */
export const runFolder = (project: Pick<Project, 'paths'>, runId: number): string =>
  join(project.paths.runs, String(runId));

/** Folder of a run's trained model. */
export const modelFolder = (project: Pick<Project, 'paths'>, runId: number): string =>
  join(runFolder(project, runId), 'model');

export interface TrainRunOptions {
  /** Go on from the run's last checkpoint, if there is one. */
  resume: boolean;
  startWorker?: StartWorker;
  pause?: PauseSwitch;
  /** Told of each epoch once it is stored. */
  onEpoch?: (runId: number, metrics: EpochMetrics) => void;
}

/**
 * Trains one run in a worker and keeps its row and its epochs. However it ends, what was committed stays, and a run
 * that is not `done` can be resumed.
 */
export async function trainRun(
  project: Project,
  run: Run,
  dataset: Dataset,
  { signal, onProgress }: JobHandle,
  options: TrainRunOptions,
): Promise<void> {
  const { db } = project;
  const { id, approach, config } = run;
  startRun(db, id);
  if (approach === 'majority') return finishRun(db, id, null);
  const task: TrainerTask = {
    approach,
    config,
    dataset,
    paths: { runFolder: runFolder(project, id), cacheFolder: join(project.paths.cache, 'features') },
    resume: options.resume,
  };
  try {
    const result = await runInWorker<TrainerTask, EpochMetrics, RunResult>(
      new URL('./trainer-worker.ts', import.meta.url),
      task,
      {
        what: `The training of run ${id}`,
        signal,
        onProgress: (progress) => onProgress({ ...progress, phase: `${approach}: ${progress.phase}` }),
        onEvent: (metrics) => {
          saveEpoch(db, id, metrics);
          options.onEpoch?.(id, metrics);
        },
        ...(options.pause ? { pause: options.pause } : {}),
        ...(options.startWorker ? { startWorker: options.startWorker } : {}),
      },
    );
    // Relative, so that the project can be moved, and says nothing of where it lay.
    const folder = relative(project.folder, result.modelFolder).split(sep).join('/');
    finishRun(db, id, { ...result, modelFolder: folder });
  } catch (thrown) {
    const error = GraftError.from(thrown);
    const state =
      error.kind === 'cancelled' ? 'cancelled' : error.code === 'worker-died' ? 'interrupted' : 'failed';
    stopRun(db, id, state, error.toRecord());
    throw error;
  }
}
