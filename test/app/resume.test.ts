import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createApp, type RunSummary } from '../../src-main/app/index.ts';
import { sha256 } from '../../src-main/platform/files.ts';
import { sampleProject, type SampleProject } from './sample-project.ts';

const cli = fileURLToPath(new URL('../../src-main/shell/cli/main.ts', import.meta.url));

describe('a training that is stopped from outside', () => {
  const app = createApp();
  let sample: SampleProject;
  let uninterrupted: RunSummary;
  beforeAll(async () => {
    sample = await sampleProject();
    expect((await ended(graft('split', '--dataset', 'hospital-a', '-p', sample.project))).code).toBe(0);
    expect((await ended(trainFineTuned())).code).toBe(0);
    uninterrupted = newest();
  });
  afterAll(() => sample.remove());

  test('and killed outright is interrupted, keeps its epochs, and resumed ends exactly as if it never stopped', async () => {
    const killed = await stopAfterEpochs(2, 'SIGKILL');
    expect(killed.signal).toBe('SIGKILL');
    const before = newest();
    expect(before.epochs.length).toBeGreaterThanOrEqual(2);
    expect(before.run.result).toBeNull();
    const resumed = await ended(graft('train', '--resume', String(before.run.id), '-p', sample.project));
    expect(resumed.code).toBe(0);
    expectSameAsUninterrupted(newest());
    // Starting over would end the same, too; but not with the very times that were measured before the kill.
    const kept = newest().epochs.slice(0, before.epochs.length);
    expect(kept.map(({ seconds }) => seconds)).toEqual(before.epochs.map(({ seconds }) => seconds));
    expect(before.epochs.length).toBeLessThan(newest().epochs.length);
  });

  test('and cancelled with Ctrl-C ends within a second with 130, says how to go on, and can', async () => {
    const cancelled = await stopAfterEpochs(2, 'SIGINT');
    expect(cancelled.code).toBe(130);
    expect(cancelled.seconds).toBeLessThan(1);
    const { run } = newest();
    expect(cancelled.stderr).toContain(`graft train --resume ${run.id}`);
    expect(run.state).toBe('cancelled');
    expect((await ended(graft('train', '--resume', String(run.id), '-p', sample.project))).code).toBe(0);
    expectSameAsUninterrupted(newest());
  });

  test('is not resumed once it is finished', async () => {
    const again = await ended(graft('train', '--resume', '1', '-p', sample.project));
    expect(again.code).toBe(1);
    expect(again.stderr).toContain('[run-finished]');
  });

  const newest = (): RunSummary => app.listRuns(sample.project).at(-1)!;

  const graft = (...args: string[]): ChildProcess =>
    spawn(process.execPath, ['--disable-warning=ExperimentalWarning', cli, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });

  const trainFineTuned = (): ChildProcess =>
    graft(
      ...['train', '-p', sample.project, '--only', 'fine-tuned', '--weights', sample.model, '--size', '32'],
      ...['--epochs', '12', '--head-epochs', '2', '--patience', '12', '--threads', '1', '--freeze', 'full'],
    );

  /** Starts a training, stops it once a number of its epochs is in the database, and waits for its end. */
  async function stopAfterEpochs(epochs: number, signal: NodeJS.Signals) {
    const known = newest().run.id;
    const child = trainFineTuned();
    const end = ended(child);
    for (;;) {
      const summary = newest();
      if (summary.run.id > known && summary.epochs.length >= epochs) break;
      if (child.exitCode !== null) throw new Error(`ended too early: ${(await end).stderr}`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    const start = performance.now();
    child.kill(signal);
    return { ...(await end), seconds: (performance.now() - start) / 1000 };
  }

  function expectSameAsUninterrupted({ run, epochs }: RunSummary): void {
    expect(run.state).toBe('done');
    expect(run.result!.bestEpoch).toBe(uninterrupted.run.result!.bestEpoch);
    expect(epochs.map(figures)).toEqual(uninterrupted.epochs.map(figures));
    expect(weightsOf(run.id)).toBe(weightsOf(uninterrupted.run.id));
  }

  /** All that an epoch measured, without how long it took. */
  const figures = (epoch: RunSummary['epochs'][number]) => ({ ...epoch, seconds: 0, imagesPerSecond: 0 });

  const weightsOf = (runId: number): string =>
    sha256(readFileSync(join(sample.project, 'runs', String(runId), 'model', 'weights.safetensors')));
});

async function ended(child: ChildProcess) {
  let stderr = '';
  let stdout = '';
  child.stderr!.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  child.stdout!.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
  return { code, signal, stdout, stderr };
}
