import { availableParallelism } from 'node:os';
import type { ErrorRecord } from '../contract/errors.ts';
import { GraftError } from '../contract/errors.ts';
import type { StartWorker, WorkerProcess } from './worker-process.ts';
import { startWorkerProcess, workerChannel } from './worker-process.ts';

interface Envelope<Task> {
  id: number;
  task: Task;
}

interface Answer<Result> {
  id: number;
  result?: Result;
  error?: ErrorRecord;
}

interface Job<Task, Result> {
  task: Task;
  deadlineMs: number;
  signal: AbortSignal | undefined;
  resolve: (result: Result) => void;
  reject: (error: GraftError) => void;
  onAbort: () => void;
}

interface Slot<Task, Result> {
  process: WorkerProcess<Envelope<Task>, Answer<Result>> | null;
  id: number;
  job: Job<Task, Result> | null;
  timer: NodeJS.Timeout | null;
}

export interface WorkerPoolOptions {
  /** Default: one for each core. */
  workers?: number;
  /** Deadline of a task that names none; default 60,000 ms. */
  deadlineMs?: number;
  environment?: Record<string, string>;
  /** How workers are started; the Electron shell has its own way. */
  start?: StartWorker;
}

export interface TaskOptions {
  /** From the moment the worker gets the task. The first task of a worker has the start of the process on top. */
  deadlineMs?: number;
  signal?: AbortSignal;
}

/** A process that does nothing but start takes this long at the very worst. */
const startAllowanceMs = 10_000;

/**
 * Tasks for worker processes that may be killed at any moment. A worker that overruns a deadline, crashes or exits is
 * replaced, only its own task is rejected (`worker-deadline`, `worker-crashed`), and the others go on. Workers start
 * when there is work for them.
 *
 * @example
 * const pool = new WorkerPool<string, number>(new URL('./count-worker.ts', import.meta.url));
 * const count = await pool.run('a.txt', { deadlineMs: 500 });
 * await pool.close();
 */
export class WorkerPool<Task, Result> {
  readonly #module: URL;
  readonly #options: WorkerPoolOptions;
  readonly #slots: Slot<Task, Result>[];
  readonly #waiting: Job<Task, Result>[] = [];
  #closed = false;
  #nextId = 1;

  constructor(module: URL, options: WorkerPoolOptions = {}) {
    this.#module = module;
    this.#options = options;
    const count = Math.max(1, options.workers ?? availableParallelism());
    this.#slots = Array.from({ length: count }, () => ({ process: null, id: 0, job: null, timer: null }));
  }

  /** How many tasks it works on at once: feed it a few more than that, and it never waits. */
  get size(): number {
    return this.#slots.length;
  }

  run(task: Task, options: TaskOptions = {}): Promise<Result> {
    return new Promise((resolve, reject) => {
      if (this.#closed) return reject(closedError());
      if (options.signal?.aborted) return reject(GraftError.cancelled('The task'));
      const job: Job<Task, Result> = {
        task,
        deadlineMs: options.deadlineMs ?? this.#options.deadlineMs ?? 60_000,
        signal: options.signal,
        resolve,
        reject,
        onAbort: () => this.#abort(job),
      };
      job.signal?.addEventListener('abort', job.onAbort, { once: true });
      this.#waiting.push(job);
      this.#fill();
    });
  }

  /** Kills the workers; what was not finished is rejected as cancelled. Resolves when the processes are gone. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const job of this.#waiting.splice(0)) this.#settle(job, () => job.reject(closedError()));
    await Promise.all(
      this.#slots.map((slot) => {
        const { process, job } = slot;
        this.#release(slot);
        if (job) this.#settle(job, () => job.reject(closedError()));
        slot.process = null;
        if (!process) return undefined;
        return new Promise<void>((resolve) => {
          process.onExit(() => resolve());
          process.kill();
        });
      }),
    );
  }

  #fill(): void {
    for (const slot of this.#slots) {
      if (slot.job) continue;
      const job = this.#waiting.shift();
      if (!job) return;
      this.#give(slot, job);
    }
  }

  #give(slot: Slot<Task, Result>, job: Job<Task, Result>): void {
    const fresh = slot.process === null;
    slot.process ??= this.#start(slot);
    slot.job = job;
    slot.id = this.#nextId++;
    slot.timer = setTimeout(
      () => {
        this.#dismiss(slot);
        const message = `The task was stopped because it took longer than its ${job.deadlineMs} ms.`;
        this.#settle(job, () => job.reject(new GraftError('worker-deadline', message)));
        this.#fill();
      },
      job.deadlineMs + (fresh ? startAllowanceMs : 0),
    );
    try {
      slot.process.send({ id: slot.id, task: job.task });
    } catch (error) {
      this.#release(slot);
      this.#settle(job, () => job.reject(GraftError.from(error)));
    }
  }

  #start(slot: Slot<Task, Result>): WorkerProcess<Envelope<Task>, Answer<Result>> {
    const process = (this.#options.start ?? startWorkerProcess)<Envelope<Task>, Answer<Result>>(
      this.#module,
      {
        environment: this.#options.environment,
      },
    );
    process.onMessage((answer) => {
      if (slot.process !== process || answer.id !== slot.id || !slot.job) return;
      const job = slot.job;
      this.#release(slot);
      const { error } = answer;
      this.#settle(job, () =>
        error ? job.reject(GraftError.fromRecord(error)) : job.resolve(answer.result as Result),
      );
      this.#fill();
    });
    process.onExit((exit) => {
      if (slot.process !== process) return;
      const job = slot.job;
      this.#release(slot);
      slot.process = null;
      if (job) {
        const how = exit.signal ? `signal ${exit.signal}` : `exit code ${exit.code}`;
        const message = `The worker ended before its task was done (${how}); the others go on.`;
        this.#settle(job, () =>
          job.reject(new GraftError('worker-crashed', message, { cause: exit.stderr || undefined })),
        );
      }
      this.#fill();
    });
    return process;
  }

  #abort(job: Job<Task, Result>): void {
    const waiting = this.#waiting.indexOf(job);
    if (waiting >= 0) this.#waiting.splice(waiting, 1);
    const slot = this.#slots.find((one) => one.job === job);
    if (slot) this.#dismiss(slot);
    this.#settle(job, () => job.reject(GraftError.cancelled('The task')));
    if (!this.#closed) this.#fill();
  }

  /** Kills a worker in the middle of its task; the next task starts another. */
  #dismiss(slot: Slot<Task, Result>): void {
    this.#release(slot);
    slot.process?.kill();
    slot.process = null;
  }

  #release(slot: Slot<Task, Result>): void {
    if (slot.timer) clearTimeout(slot.timer);
    slot.timer = null;
    slot.job = null;
  }

  #settle(job: Job<Task, Result>, settle: () => void): void {
    job.signal?.removeEventListener('abort', job.onAbort);
    settle();
  }
}

function closedError(): GraftError {
  return GraftError.cancelled('The task');
}

/** The worker's side: answers each task with what `handler` returns, or with what it throws as an ErrorRecord. */
export function serveTasks<Task, Result>(handler: (task: Task) => Result | Promise<Result>): void {
  const channel = workerChannel<Envelope<Task>, Answer<Result>>();
  channel.onMessage(async ({ id, task }) => {
    try {
      channel.send({ id, result: await handler(task) });
    } catch (error) {
      channel.send({ id, error: GraftError.from(error).toRecord() });
    }
  });
}
