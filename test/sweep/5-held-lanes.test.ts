import { mkdtempSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Dataset } from '../../src-main/contract/dataset.ts';
import { trainingConfigSchema } from '../../src-main/contract/training.ts';
import type { FromWorker, ToWorker } from '../../src-main/jobs/protocol.ts';
import { type NewTrialTraining, runTrials } from '../../src-main/jobs/run-trials.ts';
import type { TrialEvent, TrialsTask } from '../../src-main/jobs/trials-worker.ts';
import type { StartWorker, WorkerProcess } from '../../src-main/platform/worker-process.ts';
import { createProject } from '../../src-main/store/index.ts';

type Told = ToWorker<TrialsTask>;
type Tells = FromWorker<TrialEvent, null>;

type Exit = Parameters<WorkerProcess<Told, Tells>['onExit']>[0];

/** A process that does what the test says. */
class PlayedWorker implements WorkerProcess<Told, Tells> {
  readonly pid = undefined;
  readonly told: Told[] = [];
  #listener: (message: Tells) => void = () => {};
  readonly #exits: Exit[] = [];

  send(message: Told): void {
    this.told.push(message);
  }

  onMessage(listener: (message: Tells) => void): void {
    this.#listener = listener;
  }

  onExit(listener: Exit): void {
    this.#exits.push(listener);
  }

  kill(): void {}

  event(event: TrialEvent): void {
    this.#listener({ kind: 'event', event });
  }

  end(): void {
    this.#listener({ kind: 'done', result: null });
    for (const exit of this.#exits) exit({ code: 0, signal: null, stderr: '' });
  }

  get held(): boolean {
    return this.told.findLast((one) => one.kind === 'pause')?.paused ?? false;
  }
}

/** Trainings of heads on two cores, by processes that are played. */
function begun(runs: readonly number[]): { workers: PlayedWorker[]; finish: () => Promise<void> } {
  const project = createProject(join(mkdtempSync(join(tmpdir(), 'graft-lanes-')), 'project'));
  const workers: PlayedWorker[] = [];
  const startWorker = (() => {
    workers.push(new PlayedWorker());
    return workers.at(-1);
  }) as unknown as StartWorker;
  const dataset = { cachePath: 'cache', splitHash: 'split', preprocessing: {} } as unknown as Dataset;
  const config = trainingConfigSchema.parse({ freezePreset: 'feature-extraction', threads: 2 });
  const trainings = runs.map((runId): NewTrialTraining => ({
    runId,
    group: runId,
    config,
    dataset,
    resume: false,
    keepModel: false,
  }));
  const running = runTrials(project, trainings, { what: 'The sweep', startWorker });
  const finish = async (): Promise<void> => {
    await running;
    project.close();
  };
  return { workers, finish };
}

const turn = (): Promise<void> => new Promise(setImmediate);

// On one core there is one lane.
describe.skipIf(availableParallelism() < 2)('a second lane of trainings', () => {
  it('is held until there are features, though the very first training fails before it has any', async () => {
    const {
      workers: [first, second],
      finish,
    } = begun([1, 2, 3]);
    expect(second.held).toBe(true);
    first.event({ kind: 'started', runId: 1 });
    const error = { kind: 'expected' as const, code: 'head-output', message: 'Expected two classes.' };
    first.event({ kind: 'failed', runId: 1, error });
    first.event({ kind: 'started', runId: 3 });
    await turn();
    // Both would write the same features at a time.
    expect(second.held).toBe(true);
    first.event({ kind: 'ready', runId: 3 });
    await turn();
    expect(second.held).toBe(false);
    for (const worker of [first, second]) worker.end();
    await finish();
  });

  it('is let go when the first has ended without any', async () => {
    const {
      workers: [first, second],
      finish,
    } = begun([1, 2]);
    first.end();
    await turn();
    expect(second.held).toBe(false);
    second.end();
    await finish();
  });
});
