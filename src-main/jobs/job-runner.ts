import { GraftError, type ErrorRecord } from '../contract/errors.ts';
import type { JobKind } from '../contract/job.ts';
import type { Progress, ProgressListener } from '../contract/progress.ts';
import { createJob, finishJob, interruptUnfinishedJobs, saveJobProgress, startJob } from '../store/jobs.ts';
import type { WritableDatabase } from '../store/database.ts';

const PROGRESS_ROW_EVERY_MS = 1_000;

/** The failure noted with what was running when its process ended without a word. */
export const PROCESS_ENDED: ErrorRecord = {
  kind: 'expected',
  code: 'process-ended',
  message: 'Graft ended while this was running; everything finished by then is kept.',
};

export interface JobHandle {
  signal: AbortSignal;
  onProgress: ProgressListener;
}

export interface JobOptions {
  kind: JobKind;
  title: string;
  signal?: AbortSignal;
  onProgress?: ProgressListener;
}

/**
 * Runs the long operations of one project, one after the other in the order they were asked for, each with a row
 * that outlives a crash. Cancelling a job that still waits takes effect at once. Jobs found unfinished at the start are
 * `interrupted`: a project is open for writing in one process only, so whoever ran them is gone.
 */
export class JobRunner {
  readonly #db: WritableDatabase;
  #last: Promise<unknown> = Promise.resolve();

  constructor(db: WritableDatabase) {
    this.#db = db;
    interruptUnfinishedJobs(db, PROCESS_ENDED);
  }

  /** Resolves to what `work` resolves to; rejects with its failure, after the row says the same. */
  async run<Result>(options: JobOptions, work: (handle: JobHandle) => Promise<Result>): Promise<Result> {
    const id = createJob(this.#db, options.kind, options.title);
    const before = this.#last;
    const { promise, resolve: release } = Promise.withResolvers<void>();
    this.#last = before.then(() => promise);
    try {
      await untilTurn(before, options);
      startJob(this.#db, id);
      const result = await work(this.#handle(id, options));
      finishJob(this.#db, id, 'done', null);
      return result;
    } catch (thrown) {
      const error = asFailure(thrown, options);
      const state =
        error.kind === 'cancelled' ? 'cancelled' : error.code === 'worker-died' ? 'interrupted' : 'failed';
      finishJob(this.#db, id, state, error.toRecord());
      throw error;
    } finally {
      release();
    }
  }

  #handle(id: number, { signal, onProgress }: JobOptions): JobHandle {
    let savedAt = -Infinity;
    return {
      signal: signal ?? new AbortController().signal,
      onProgress: (progress: Progress) => {
        if (performance.now() - savedAt >= PROGRESS_ROW_EVERY_MS) {
          savedAt = performance.now();
          saveJobProgress(this.#db, id, progress);
        }
        onProgress?.(progress);
      },
    };
  }
}

function untilTurn(before: Promise<unknown>, { signal }: JobOptions): Promise<unknown> {
  if (!signal) return before;
  signal.throwIfAborted();
  const { promise, reject } = Promise.withResolvers<never>();
  const stop = (): void => reject(signal.reason);
  signal.addEventListener('abort', stop, { once: true });
  return Promise.race([before, promise]).finally(() => signal.removeEventListener('abort', stop));
}

function asFailure(thrown: unknown, { signal, title }: JobOptions): GraftError {
  if (signal?.aborted && !(thrown instanceof GraftError)) return GraftError.cancelled(title);
  return GraftError.from(thrown);
}
