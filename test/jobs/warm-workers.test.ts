import { describe, expect, test } from 'vitest';
import { runInWorker } from '../../src-main/jobs/run-in-worker.ts';
import { WarmWorkers } from '../../src-main/jobs/warm-workers.ts';
import { startWorkerProcess, type StartWorker } from '../../src-main/platform/worker-process.ts';
import type { CountingTask } from './counting-worker.script.ts';

const module = new URL('./counting-worker.script.ts', import.meta.url);
const task: CountingTask = { upTo: 2, pace: 1, then: 'finish' };

describe('workers that are started before there is a task', () => {
  /** How each that was started ended: by which signal, or by none. */
  const watched = (): { start: StartWorker; ends: Promise<string | null>[]; kill: (() => void)[] } => {
    const ends: Promise<string | null>[] = [];
    const kill: (() => void)[] = [];
    const start: StartWorker = <To, From>(...given: Parameters<StartWorker>) => {
      const worker = startWorkerProcess<To, From>(...given);
      ends.push(new Promise((resolve) => worker.onExit(({ signal }) => resolve(signal))));
      kill.push(worker.kill);
      return worker;
    };
    return { start, ends, kill };
  };
  const count = (startWorker: StartWorker) =>
    runInWorker<CountingTask, number, Float64Array>(module, task, { what: 'The count', startWorker });

  test('do the work that comes; more are started for more, and those that nobody took are ended', async () => {
    const { start, ends } = watched();
    const warm = new WarmWorkers(module, 2, start);
    const results = await Promise.all([count(warm.start), count(warm.start), count(warm.start)]);
    expect(results.map((result) => [...result])).toEqual([[2], [2], [2]]);
    expect(ends).toHaveLength(3);
    expect(await Promise.all(ends)).toEqual([null, null, null]);
    const left = watched();
    new WarmWorkers(module, 1, left.start).close();
    expect(await Promise.all(left.ends)).toEqual(['SIGKILL']);
  });

  test('are not handed out when they died while they waited', async () => {
    const { start, ends, kill } = watched();
    const warm = new WarmWorkers(module, 1, start);
    kill[0]();
    await ends[0];
    expect([...(await count(warm.start))]).toEqual([2]);
    expect(ends).toHaveLength(2);
  });
});
