import { GraftError } from '../contract/errors.ts';
import type { ProgressListener } from '../contract/progress.ts';
import { startWorkerProcess, type StartWorker } from '../platform/worker-process.ts';
import { type PauseSwitch } from '../platform/pause-switch.ts';
import type { FromWorker, ToWorker } from './protocol.ts';

export interface RunInWorkerOptions<Event> {
  /** For sentences: "The training". */
  what: string;
  onProgress?: ProgressListener;
  /** Called in order, before the result comes. What it throws ends the worker and the job. */
  onEvent?: (event: Event) => void;
  signal?: AbortSignal;
  environment?: Record<string, string>;
  /** Milliseconds that a cancelled worker has to end by itself before it is killed. Default 600. */
  patience?: number;
  startWorker?: StartWorker;
  /** Holds the work while it is on. */
  pause?: PauseSwitch;
}

/**
 * Does one task in a process of its own and resolves to its result. Rejects with what failed there, with
 * `cancelled` within a second of the signal, and with `worker-died` when the process was killed or crashed.
 *
 * @example
 * const result = await runInWorker(new URL('./trainer-worker.ts', import.meta.url), task, { what: 'The training' });
 */
export function runInWorker<Task, Event, Result>(
  module: URL,
  task: Task,
  options: RunInWorkerOptions<Event>,
): Promise<Result> {
  const { what, onProgress, onEvent, signal, environment, patience = 600 } = options;
  if (signal?.aborted) return Promise.reject(GraftError.cancelled(what));
  const start = options.startWorker ?? startWorkerProcess;
  const worker = start<ToWorker<Task>, FromWorker<Event, Result>>(module, environment ? { environment } : {});
  return new Promise((resolve, reject) => {
    let outcome: (() => void) | undefined;
    let killer: NodeJS.Timeout | undefined;
    const cancel = (): void => {
      worker.send({ kind: 'cancel' });
      killer = setTimeout(() => worker.kill(), patience);
    };
    const end = (settle: () => void): void => {
      outcome ??= settle;
    };
    worker.onMessage((message) => {
      try {
        if (message.kind === 'progress') onProgress?.(message.progress);
        else if (message.kind === 'event') onEvent?.(message.event);
        else if (message.kind === 'done') end(() => resolve(message.result));
        else if (message.error.kind === 'cancelled') end(() => reject(GraftError.cancelled(what)));
        else end(() => reject(GraftError.fromRecord(message.error)));
      } catch (thrown) {
        end(() => reject(thrown));
        worker.kill();
      }
    });
    worker.onExit(({ code, signal: killedBy, stderr }) => {
      clearTimeout(killer);
      signal?.removeEventListener('abort', cancel);
      if (outcome) return outcome();
      if (signal?.aborted) return reject(GraftError.cancelled(what));
      reject(workerDied(what, code, killedBy, stderr));
    });
    signal?.addEventListener('abort', cancel, { once: true });
    const { pause } = options;
    // First, so that what is on hold from the start does not begin.
    if (pause?.paused) worker.send({ kind: 'pause', paused: true });
    worker.send({ kind: 'start', task });
    if (!pause) return;
    const stop = pause.listen((paused) => worker.send({ kind: 'pause', paused }));
    worker.onExit(stop);
  });
}

function workerDied(what: string, code: number | null, signal: string | null, stderr: string): GraftError {
  const how = signal ? `was ended by ${signal}` : `ended with exit code ${code ?? 'unknown'}`;
  const memory = signal === 'SIGKILL' ? ' (often: the machine ran out of memory)' : '';
  return new GraftError(
    'worker-died',
    `${what} expected its process to finish, but it ${how}${memory}. Everything finished so far is kept: resume it, if need be with a smaller batch size.`,
    { cause: stderr.trim() || undefined },
  );
}
