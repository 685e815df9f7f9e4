import { afterEach, describe, expect, test, vi } from 'vitest';
import { runInWorker } from '../../src-main/jobs/run-in-worker.ts';
import { SpareWorkers } from '../../src-main/jobs/spare-workers.ts';
import { startForkedProcess, type StartWorker } from '../../src-main/platform/worker-process.ts';
import type { CountingTask } from './counting-worker.script.ts';

const counting = new URL('./counting-worker.script.ts', import.meta.url);
/** Any module of the folder that spare processes serve. */
const serving = new URL('../../src-main/jobs/statistics-worker.ts', import.meta.url);

/** Starts processes, and keeps which modules were started. */
function watched(): { start: StartWorker; started: string[]; kill: (() => void)[] } {
  const started: string[] = [];
  const kill: (() => void)[] = [];
  const start: StartWorker = <To, From>(...[module, options]: Parameters<StartWorker>) => {
    started.push(module.pathname.split('/').at(-1)!);
    const worker = startForkedProcess<To, From>(module, options);
    kill.push(worker.kill);
    return worker;
  };
  return { start, started, kill };
}

describe('spare workers', () => {
  let spares: SpareWorkers | undefined;
  afterEach(() => spares?.close());

  const open = async (start: StartWorker, refilledAfter = 60_000): Promise<SpareWorkers> => {
    const opened = new SpareWorkers({ start, count: 1, refilledAfter });
    spares = opened;
    await vi.waitFor(() => expect(opened.waiting).toBe(1), { timeout: 8_000 });
    return opened;
  };

  test('become the worker that is asked for, and others follow them', async () => {
    const { start, started } = watched();
    const waiting = await open(start, 1);
    const work = runInWorker(
      serving,
      { nothing: 'that it knows' },
      { what: 'The task', startWorker: waiting.start },
    );
    expect(waiting.waiting).toBe(0);
    // The module itself answers: it was handed the task, and fails over it.
    await expect(work).rejects.toMatchObject({ kind: 'bug' });
    expect(started.slice(0, 1)).toEqual(['spare-worker.ts']);
    await vi.waitFor(() => expect(waiting.waiting).toBe(1), { timeout: 8_000 });
    expect(started).toEqual(['spare-worker.ts', 'spare-worker.ts']);
  });

  test('are left alone by modules of other folders, and by jobs with an environment of their own', async () => {
    const { start, started } = watched();
    const waiting = await open(start);
    const task: CountingTask = { upTo: 2, pace: 1, then: 'finish' };
    const options = { what: 'The count', startWorker: waiting.start };
    expect([...(await runInWorker<CountingTask, number, Float64Array>(counting, task, options))]).toEqual([
      2,
    ]);
    await expect(
      runInWorker(serving, {}, { ...options, environment: { GRAFT_TEST: '1' } }),
    ).rejects.toMatchObject({ kind: 'bug' });
    expect(started).toEqual(['spare-worker.ts', 'counting-worker.script.ts', 'statistics-worker.ts']);
    expect(waiting.waiting).toBe(1);
  });

  test('are not handed out when they died while they waited', async () => {
    const { start, started, kill } = watched();
    const waiting = await open(start);
    kill[0]();
    await vi.waitFor(() => expect(waiting.waiting).toBe(0));
    await expect(
      runInWorker(serving, {}, { what: 'The task', startWorker: waiting.start }),
    ).rejects.toMatchObject({ kind: 'bug' });
    expect(started).toEqual(['spare-worker.ts', 'statistics-worker.ts']);
  });

  test('say of a module that cannot be loaded that the process ended', async () => {
    const waiting = await open(watched().start);
    const missing = new URL('../../src-main/jobs/no-such-worker.ts', import.meta.url);
    await expect(
      runInWorker(missing, {}, { what: 'The task', startWorker: waiting.start }),
    ).rejects.toMatchObject({ code: 'worker-died' });
  });
});
