import { join, relative, sep } from 'node:path';
import type { PreparedDomains } from '../cohort/index.ts';
import type { AdaptationConfig } from '../contract/adaptation.ts';
import { adaptationTitle, nameOfAdaptation } from '../contract/adaptation-stages.ts';
import { GraftError } from '../contract/errors.ts';
import type { Run } from '../contract/run.ts';
import type { EpochMetrics, RunResult } from '../contract/training.ts';
import { saveEpoch } from '../store/epochs.ts';
import type { Project } from '../store/index.ts';
import { finishRun, startRun, stopRun } from '../store/runs.ts';
import type { AdapterTask } from './adapter-worker.ts';
import type { JobHandle } from './job-runner.ts';
import { runInWorker } from './run-in-worker.ts';
import { modelFolder, runFolder, type TrainRunOptions } from './train-run.ts';

export interface AdaptRunOptions extends TrainRunOptions {
  adaptation: AdaptationConfig;
  domains: Pick<PreparedDomains, 'dataset' | 'target'>;
  /** The finished run whose model is adapted, in this project. */
  sourceRunId: number;
}

/**
 * Adapts one run in a worker and keeps its row and its epochs, as `trainRun` does: however it ends, what was committed stays, and a run that is
 * not `done` can be resumed.
 */
export async function adaptRun(
  project: Project,
  run: Run,
  { signal, onProgress }: JobHandle,
  options: AdaptRunOptions,
): Promise<void> {
  const { db } = project;
  const { adaptation, domains, sourceRunId, resume, onEpoch, pause, startWorker } = options;
  const title = adaptationTitle(nameOfAdaptation(adaptation));
  startRun(db, run.id);
  const task: AdapterTask = {
    adaptation,
    config: run.config,
    dataset: domains.dataset,
    target: domains.target,
    paths: { runFolder: runFolder(project, run.id), cacheFolder: join(project.paths.cache, 'features') },
    sourceModel: modelFolder(project, sourceRunId),
    resume,
  };
  try {
    const result = await runInWorker<AdapterTask, EpochMetrics, RunResult>(
      new URL('./adapter-worker.ts', import.meta.url),
      task,
      {
        what: `The adaptation of run ${run.id}`,
        signal,
        onProgress: (progress) => onProgress({ ...progress, phase: `${title}: ${progress.phase}` }),
        onEvent: (metrics) => {
          saveEpoch(db, run.id, metrics);
          onEpoch?.(run.id, metrics);
        },
        ...(pause ? { pause } : {}),
        ...(startWorker ? { startWorker } : {}),
      },
    );
    // Relative, so that the project can be moved, and says nothing of where it lay.
    const folder = relative(project.folder, result.modelFolder).split(sep).join('/');
    finishRun(db, run.id, { ...result, modelFolder: folder });
  } catch (thrown) {
    const error = GraftError.from(thrown);
    const state =
      error.kind === 'cancelled' ? 'cancelled' : error.code === 'worker-died' ? 'interrupted' : 'failed';
    stopRun(db, run.id, state, error.toRecord());
    throw error;
  }
}
