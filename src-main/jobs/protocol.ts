import type { ErrorRecord } from '../contract/errors.ts';
import type { Progress } from '../contract/progress.ts';

/** What the main process tells a worker that does one job. */
export type ToWorker<Task> =
  | { kind: 'start'; task: Task }
  | { kind: 'cancel' }
  /** Hold between two steps, keeping everything in memory, or go on. */
  | { kind: 'pause'; paused: boolean };

/** What such a worker tells back. After `done` or `failed` nothing follows, and the worker ends. */
export type FromWorker<Event, Result> =
  | { kind: 'progress'; progress: Progress }
  | { kind: 'event'; event: Event }
  | { kind: 'done'; result: Result }
  | { kind: 'failed'; error: ErrorRecord };

/** What the work itself is handed inside the worker. */
export interface WorkerContext<Event> {
  signal: AbortSignal;
  onProgress(progress: Progress): void;
  emit(event: Event): void;
  /** Resolves at once, or when a pause is over or the job is cancelled: awaited between two steps. */
  gate(): Promise<void>;
}
