import { describe, expect, test } from 'vitest';
import { GraftError } from '../../src-main/contract/errors.ts';
import { runInWorker } from '../../src-main/jobs/run-in-worker.ts';
import { startWorkerProcess, type StartWorker } from '../../src-main/platform/worker-process.ts';
import type { CountingTask } from './counting-worker.script.ts';

const worker = new URL('./counting-worker.script.ts', import.meta.url);
const task: CountingTask = { upTo: 3, pace: 1, then: 'finish' };
const endless: CountingTask = { upTo: 1e9, pace: 5, then: 'finish' };

const count = (what: CountingTask, options: object = {}) =>
  runInWorker<CountingTask, number, Float64Array>(worker, what, { what: 'The count', ...options });

const failure = async (promise: Promise<unknown>): Promise<GraftError> => {
  try {
    await promise;
  } catch (error) {
    expect(error).toBeInstanceOf(GraftError);
    return error as GraftError;
  }
  throw new Error('expected a failure');
};

describe('a job in a worker process', () => {
  test('tells every event in order and its progress, before the result', async () => {
    const events: number[] = [];
    const progress: number[] = [];
    const result = await count(task, {
      onEvent: (event: number) => events.push(event),
      onProgress: ({ done }: { done: number }) => progress.push(done),
    });
    expect(events).toEqual([1, 2, 3]);
    expect(progress).toEqual([1, 2, 3]);
    expect([...result]).toEqual([3]);
  });

  test('brings back a long result whole', async () => {
    const result = await count({ ...task, resultLength: 2_000_000 });
    expect(result).toHaveLength(2_000_000);
    expect(result.at(-1)).toBe(3);
  });

  test('hands on what failed inside, with its kind and its cause', async () => {
    const error = await failure(count({ ...task, then: 'fail' }));
    expect(error).toMatchObject({ code: 'unexpected', kind: 'bug', message: 'could not count' });
    expect(String(error.cause)).toContain('RangeError');
  });

  test('says how its process ended when it crashed', async () => {
    const error = await failure(count({ ...task, then: 'crash' }));
    expect(error).toMatchObject({ code: 'worker-died', kind: 'expected' });
    expect(error.message).toContain('exit code 3');
  });

  test.each(['finish', 'ignore-cancel'] as const)(
    'is cancelled within a second of the signal (a worker that would %s)',
    async (then) => {
      const abort = new AbortController();
      let at = 0;
      const error = await failure(
        count(
          { ...endless, then },
          {
            signal: abort.signal,
            onEvent: (event: number) => {
              if (event !== 3) return;
              at = performance.now();
              abort.abort();
            },
          },
        ),
      );
      expect(error.kind).toBe('cancelled');
      expect(performance.now() - at).toBeLessThan(1000);
    },
  );

  test('does not start when it was cancelled before', async () => {
    const error = await failure(count(task, { signal: AbortSignal.abort() }));
    expect(error.kind).toBe('cancelled');
  });

  test('rejects with worker-died when it is killed from outside', async () => {
    let pid: number | undefined;
    const spying: StartWorker = (module, options) => {
      const started = startWorkerProcess(module, options);
      pid = started.pid;
      return started as never;
    };
    const running = count(endless, {
      startWorker: spying,
      onEvent: (event: number) => event === 3 && process.kill(pid!, 'SIGKILL'),
    });
    const error = await failure(running);
    expect(error.code).toBe('worker-died');
    expect(error.message).toContain('SIGKILL');
  });

  test('ends its worker when an event cannot be stored, and rejects with that failure', async () => {
    const full = new GraftError('disk-full', 'The disk is full.');
    const error = await failure(
      count(endless, {
        onEvent: () => {
          throw full;
        },
      }),
    );
    expect(error).toBe(full);
  });
});
