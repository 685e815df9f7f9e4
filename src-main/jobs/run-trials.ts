import { join, relative, sep } from 'node:path';
import { GraftError } from '../contract/errors.ts';
import type { Progress } from '../contract/progress.ts';
import type { EpochMetrics, RunResult, TrainingConfig } from '../contract/training.ts';
import { PauseSwitch } from '../platform/pause-switch.ts';
import type { StartWorker } from '../platform/worker-process.ts';
import { saveEpoch } from '../store/epochs.ts';
import type { Project } from '../store/index.ts';
import { finishRun, startRun, stopRun } from '../store/runs.ts';
import { runInWorker } from './run-in-worker.ts';
import { lanesAtMost, lanesFor } from './trial-lanes.ts';
import { runFolder } from './train-run.ts';
import { WarmWorkers } from './warm-workers.ts';
import type { TrialEvent, TrialsTask, TrialTraining } from './trials-worker.ts';

export type NewTrialTraining = Omit<TrialTraining, 'paths'>;

export interface RunTrialsOptions {
  /** For sentences: "The sweep". */
  what: string;
  signal?: AbortSignal;
  pause?: PauseSwitch;
  startWorker?: StartWorker;
  onStart?: (runId: number) => void;
  /** Told when a training has what it reads and begins to learn. */
  onReady?: (runId: number) => void;
  /** What the training that is under way says of itself. */
  onProgress?: (runId: number, progress: Progress) => void;
  /** Told of each epoch once it is stored. */
  onEpoch?: (runId: number, metrics: EpochMetrics) => void;
  /** Told of each training that has ended, once that is stored. */
  onEnd?: (runId: number, state: 'done' | 'failed') => void;
}

/**
 * Trains runs one after the other in one worker, or in several at a time where that is sound (`lanesFor`), and keeps their rows and epochs.
 * See `runLane` for what becomes of a run that cannot be done.
 *
 * @throws GraftError `cancelled`, and what is a bug; what was finished by then is stored
 */
export async function runTrials(
  project: Project,
  trainings: readonly NewTrialTraining[],
  options: RunTrialsOptions,
): Promise<void> {
  const [first = [], ...others] = lanesFor(trainings);
  if (others.length === 0) return runLane(project, first, options);
  const failure = new AbortController();
  const signal = options.signal ? AbortSignal.any([options.signal, failure.signal]) : failure.signal;
  const features = Promise.withResolvers<void>();
  const lanes = [
    // One that failed may never have had any: the next of this lane computes them then.
    runLane(project, first, { ...options, signal, onReady: () => features.resolve() }).finally(() =>
      features.resolve(),
    ),
    // The first training computes the features that all others read: until it has them they are held, their processes started.
    ...others.map((lane) => {
      const pause = heldUntil(features.promise, options.pause);
      return runLane(project, lane, { ...options, signal, pause });
    }),
  ];
  const failures: GraftError[] = [];
  await Promise.all(
    lanes.map((lane) =>
      lane.catch((thrown: unknown) => {
        failures.push(GraftError.from(thrown));
        failure.abort();
        features.resolve();
      }),
    ),
  );
  // One that failed had the others cancelled.
  const [reason] = [...failures.filter(({ kind }) => kind !== 'cancelled'), ...failures];
  if (reason) throw reason;
}

const trialsWorker = new URL('./trials-worker.ts', import.meta.url);

/** Workers for trainings of these plans, to be started while their images are prepared: hand `start` to `runTrials`. */
export const warmTrialWorkers = (configs: readonly TrainingConfig[]): WarmWorkers =>
  new WarmWorkers(trialsWorker, lanesAtMost(configs));

/** A switch that is on until something has happened, and whenever another one is. */
function heldUntil(happened: Promise<void>, other: PauseSwitch | undefined): PauseSwitch {
  const pause = new PauseSwitch();
  pause.set(true);
  void happened.then(() => {
    pause.set(other?.paused ?? false);
    other?.listen((paused) => pause.set(paused));
  });
  return pause;
}

/**
 * Trains runs one after the other in one worker. A run that cannot be done is `failed`, and the others go on. When the worker dies, the run that was under way goes on from its checkpoint in a new one; should that die over the same run, it
 * counts as failed: one plan that does not fit into memory must not stop all others.
 *
 * @throws GraftError `cancelled`, and what is a bug; what was finished by then is stored
 */
async function runLane(
  project: Project,
  trainings: readonly NewTrialTraining[],
  options: RunTrialsOptions,
): Promise<void> {
  const { db } = project;
  let left: NewTrialTraining[] = [...trainings];
  let diedOver: number | null = null;
  while (left.length > 0) {
    const ended = new Set<number>();
    const under: { way: number | null } = { way: null };
    try {
      await work(project, left, options, (event) => {
        if (event.kind === 'started') {
          under.way = event.runId;
          startRun(db, event.runId);
          return options.onStart?.(event.runId);
        }
        if (event.kind === 'done' || event.kind === 'failed') {
          ended.add(event.runId);
          under.way = null;
        }
        keep(project, event, options);
      });
      return;
    } catch (thrown) {
      const error = GraftError.from(thrown);
      const current = under.way;
      if (current === null || error.code !== 'worker-died') {
        if (current !== null) {
          const state = error.kind === 'cancelled' ? 'cancelled' : 'failed';
          stopRun(db, current, state, error.toRecord());
        }
        throw error;
      }
      const again = diedOver === current;
      stopRun(db, current, again ? 'failed' : 'interrupted', error.toRecord());
      const gone = left.find(({ runId }) => runId === current)!;
      left = left
        .filter(({ runId, group }) => !ended.has(runId) && !(again && group === gone.group))
        .map((one) => (one.runId === current ? { ...one, resume: true } : one));
      if (again) options.onEnd?.(current, 'failed');
      diedOver = current;
    }
  }
}

function work(
  project: Project,
  trainings: readonly NewTrialTraining[],
  { what, signal, pause, startWorker, onProgress }: RunTrialsOptions,
  onEvent: (event: TrialEvent) => void,
): Promise<null> {
  let current = 0;
  return runInWorker<TrialsTask, TrialEvent, null>(
    trialsWorker,
    {
      trainings: trainings.map((one) => ({
        ...one,
        paths: {
          runFolder: runFolder(project, one.runId),
          cacheFolder: join(project.paths.cache, 'features'),
        },
      })),
    },
    {
      what,
      onProgress: (progress) => onProgress?.(current, progress),
      onEvent: (event) => {
        current = event.runId;
        onEvent(event);
      },
      ...(signal ? { signal } : {}),
      ...(pause ? { pause } : {}),
      ...(startWorker ? { startWorker } : {}),
    },
  );
}

function keep(
  project: Project,
  event: Exclude<TrialEvent, { kind: 'started' }>,
  { onReady, onEpoch, onEnd }: RunTrialsOptions,
): void {
  const { db } = project;
  const { runId } = event;
  if (event.kind === 'ready') return onReady?.(runId);
  if (event.kind === 'epoch') {
    saveEpoch(db, runId, event.metrics);
    return onEpoch?.(runId, event.metrics);
  }
  if (event.kind === 'failed') stopRun(db, runId, 'failed', event.error);
  else finishRun(db, runId, withRelativeFolder(project, event.result));
  onEnd?.(runId, event.kind);
}

/** Relative, so that the project can be moved, and says nothing of where it lay. */
function withRelativeFolder({ folder }: Pick<Project, 'folder'>, result: RunResult): RunResult {
  if (result.modelFolder === '') return result;
  return { ...result, modelFolder: relative(folder, result.modelFolder).split(sep).join('/') };
}
