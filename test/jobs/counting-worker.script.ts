import { serveWorker } from '../../src-main/jobs/serve-worker.ts';

export interface CountingTask {
  upTo: number;
  /** Milliseconds per count. */
  pace: number;
  then: 'finish' | 'fail' | 'crash' | 'ignore-cancel';
  /** Numbers in the result, to make it long. */
  resultLength?: number;
}

serveWorker<CountingTask, number, Float64Array>(async (task, { signal, emit, onProgress }) => {
  for (let count = 1; count <= task.upTo; count++) {
    if (task.then !== 'ignore-cancel') signal.throwIfAborted();
    emit(count);
    onProgress({
      phase: 'Counting',
      done: count,
      total: task.upTo,
      unit: 'counts',
      rate: 0,
      secondsLeft: null,
    });
    await new Promise((resolve) => setTimeout(resolve, task.pace));
  }
  if (task.then === 'fail') throw new RangeError('could not count');
  if (task.then === 'crash') process.exit(3);
  return new Float64Array(task.resultLength ?? 1).fill(task.upTo);
});
