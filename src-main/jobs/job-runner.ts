import { GraftError, type ErrorRecord } from '../contract/errors.ts';
import type { Job, JobKind } from '../contract/job.ts';
import type { Progress, ProgressListener } from '../contract/progress.ts';
import {
  createJob,
  finishJob,
  getJob,
  interruptUnfinishedJobs,
  saveJobProgress,
  startJob,
} from '../store/jobs.ts';
import type { WritableDatabase } from '../store/database.ts';

const PROGRESS_ROW_EVERY_MS = 1_000;
const PROGRESS_TOLD_EVERY_MS = 200;

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

/** Whoever runs long operations: the queue of a project, or (inside one of its jobs) that job itself. */
export interface Jobs {
  run<Result>(options: JobOptions, work: (handle: JobHandle) => Promise<Result>): Promise<Result>;
}

/** A job that was put into the queue. */
export interface StartedJob<Result> {
  id: number;
  /** Settles as the job ends, after its row says the same. */
  finished: Promise<Result>;
}

/**
 * Runs the long operations of one project, one after the other in the order they were asked for, each with a row
 * that outlives a crash. Cancelling a job that still waits takes effect at once. Jobs found unfinished at the start are
 * `interrupted`: a project is open for writing in one process only, so whoever ran them is gone.
 */
export class JobRunner implements Jobs {
  readonly #db: WritableDatabase;
  readonly #onChange: (job: Job) => void;
  readonly #unfinished = new Map<number, AbortController>();
  #last: Promise<unknown> = Promise.resolve();

  /** @param onChange told of each job as it is queued, moves on (a few times a second) and ends */
  constructor(db: WritableDatabase, onChange: (job: Job) => void = () => {}) {
    this.#db = db;
    this.#onChange = onChange;
    interruptUnfinishedJobs(db, PROCESS_ENDED);
  }

  /** Whether something waits or runs. */
  get isBusy(): boolean {
    return this.#unfinished.size > 0;
  }

  /** Resolves to what `work` resolves to; rejects with its failure, after the row says the same. */
  run<Result>(options: JobOptions, work: (handle: JobHandle) => Promise<Result>): Promise<Result> {
    return this.start(options, work).finished;
  }

  /** The same without waiting for it. */
  start<Result>(options: JobOptions, work: (handle: JobHandle) => Promise<Result>): StartedJob<Result> {
    const id = createJob(this.#db, options.kind, options.title);
    const controller = new AbortController();
    this.#unfinished.set(id, controller);
    const signal = options.signal ? AbortSignal.any([options.signal, controller.signal]) : controller.signal;
    this.#tell(id);
    return { id, finished: this.#carryOut(id, { ...options, signal }, work) };
  }

  /** Cancels a job that has not ended. Returns false when there is none of that number. */
  cancel(id: number): boolean {
    const controller = this.#unfinished.get(id);
    controller?.abort();
    return controller !== undefined;
  }

  /** Cancels all jobs that have not ended, and resolves when they have. */
  async cancelAll(): Promise<void> {
    for (const controller of this.#unfinished.values()) controller.abort();
    await this.#last;
  }

  async #carryOut<Result>(
    id: number,
    options: JobOptions & { signal: AbortSignal },
    work: (handle: JobHandle) => Promise<Result>,
  ): Promise<Result> {
    const before = this.#last;
    const { promise, resolve: release } = Promise.withResolvers<void>();
    this.#last = before.then(() => promise);
    try {
      await untilTurn(before, options.signal);
      startJob(this.#db, id);
      this.#tell(id);
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
      this.#unfinished.delete(id);
      this.#tell(id);
      release();
    }
  }

  #handle(id: number, { signal, onProgress }: JobOptions & { signal: AbortSignal }): JobHandle {
    let savedAt = -Infinity;
    let toldAt = -Infinity;
    return {
      signal,
      onProgress: (progress: Progress) => {
        const now = performance.now();
        if (now - savedAt >= PROGRESS_ROW_EVERY_MS) {
          savedAt = now;
          saveJobProgress(this.#db, id, progress);
        }
        if (now - toldAt >= PROGRESS_TOLD_EVERY_MS) {
          toldAt = now;
          this.#tell(id, progress);
        }
        onProgress?.(progress);
      },
    };
  }

  #tell(id: number, progress?: Progress): void {
    const job = getJob(this.#db, id);
    if (job) this.#onChange(progress ? { ...job, progress } : job);
  }
}

/** What a job is made of runs inside it: one row, one place in the queue, one signal for the whole. */
export function jobsInside({ signal, onProgress }: JobHandle): Jobs {
  return {
    run: (options, work) =>
      work({
        signal: options.signal ? AbortSignal.any([signal, options.signal]) : signal,
        onProgress: (progress) => {
          onProgress(progress);
          options.onProgress?.(progress);
        },
      }),
  };
}

function untilTurn(before: Promise<unknown>, signal: AbortSignal): Promise<unknown> {
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
