import { GraftError } from '../contract/errors.ts';
import { workerChannel } from '../platform/worker-process.ts';
import type { FromWorker, ToWorker, WorkerContext } from './protocol.ts';

/** Asking takes longer than a step of a small head, and many short jobs in one process all ask at their beginning and end. */
const MEMORY_EVERY_MS = 200;

/** What the process holds, as it was within the last moments. */
function memoryMeter(): () => number {
  let [bytes, at] = [0, -Infinity];
  return () => {
    if (performance.now() - at < MEMORY_EVERY_MS) return bytes;
    [bytes, at] = [process.memoryUsage.rss(), performance.now()];
    return bytes;
  };
}

/**
 * The body of a worker module: waits for its task, does `work`, reports how it ended, and exits. Events arrive in
 * the order in which they were emitted, and before the result.
 */
export function serveWorker<Task, Event, Result>(
  work: (task: Task, context: WorkerContext<Event>) => Promise<Result>,
): void {
  const channel = workerChannel<ToWorker<Task>, FromWorker<Event, Result>>();
  const abort = new AbortController();
  const memory = memoryMeter();
  let paused = false;
  let goOn: () => void = () => {};
  channel.onMessage((message) => {
    if (message.kind === 'cancel') {
      abort.abort();
      return goOn();
    }
    if (message.kind === 'pause') {
      paused = message.paused;
      return paused ? undefined : goOn();
    }
    const context: WorkerContext<Event> = {
      signal: abort.signal,
      onProgress: (progress) =>
        channel.send({
          kind: 'progress',
          progress: { ...progress, memoryBytes: memory() },
        }),
      emit: (event) => channel.send({ kind: 'event', event }),
      gate: async () => {
        while (paused && !abort.signal.aborted) await new Promise<void>((resolve) => (goOn = resolve));
      },
    };
    work(message.task, context).then(
      (result) => channel.finish({ kind: 'done', result }),
      (thrown: unknown) => {
        const asked = abort.signal.aborted && thrown === abort.signal.reason;
        const error = asked ? GraftError.cancelled('The job') : GraftError.from(thrown);
        channel.finish({ kind: 'failed', error: error.toRecord() });
      },
    );
  });
}
