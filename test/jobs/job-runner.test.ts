import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { GraftError } from '../../src-main/contract/errors.ts';
import type { Progress } from '../../src-main/contract/progress.ts';
import { JobRunner } from '../../src-main/jobs/job-runner.ts';
import { openWritableDatabase, type WritableDatabase } from '../../src-main/store/database.ts';
import { createJob, listJobs, startJob } from '../../src-main/store/jobs.ts';

const progress: Progress = { phase: 'x', done: 1, total: 2, unit: 'y', rate: 1, secondsLeft: 1 };
const options = { kind: 'import', title: 'The import' } as const;

describe('the job runner', () => {
  let folder: string;
  let db: WritableDatabase;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'graft-jobs-'));
    db = openWritableDatabase(join(folder, 'graft.sqlite'));
  });
  afterEach(() => {
    db.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test('keeps a row of each job: state, times and last progress', async () => {
    const runner = new JobRunner(db);
    const result = await runner.run(options, async ({ onProgress }) => {
      onProgress(progress);
      expect(listJobs(db)[0].state).toBe('running');
      return 5;
    });
    expect(result).toBe(5);
    expect(listJobs(db)[0]).toMatchObject({ ...options, state: 'done', progress, error: null });
    expect(listJobs(db)[0].finishedAt).not.toBeNull();
  });

  test('runs jobs one after the other in the order they were asked for', async () => {
    const runner = new JobRunner(db);
    const order: string[] = [];
    const job = (name: string, ms: number) =>
      runner.run({ ...options, title: name }, async () => {
        order.push(`${name} starts`);
        await new Promise((resolve) => setTimeout(resolve, ms));
        order.push(`${name} ends`);
      });
    const both = [job('first', 20), job('second', 1)];
    expect(listJobs(db).map(({ state }) => state)).toContain('queued');
    await Promise.all(both);
    expect(order).toEqual(['first starts', 'first ends', 'second starts', 'second ends']);
  });

  test('goes on with the next job when one fails, and keeps the failure with its row', async () => {
    const runner = new JobRunner(db);
    const failing = runner.run(options, async () => {
      throw new GraftError('disk-full', 'The disk is full.');
    });
    const next = runner.run(options, async () => 'fine');
    await expect(failing).rejects.toThrow('The disk is full.');
    await expect(next).resolves.toBe('fine');
    expect(listJobs(db).map(({ state }) => state)).toEqual(['done', 'failed']);
    expect(listJobs(db)[1].error).toMatchObject({ code: 'disk-full', message: 'The disk is full.' });
  });

  test('cancels a job that still waits at once, without disturbing the one before or after it', async () => {
    const runner = new JobRunner(db);
    const first = Promise.withResolvers<string>();
    const abort = new AbortController();
    const running = runner.run(options, () => first.promise);
    const waiting = runner.run({ ...options, signal: abort.signal }, async () => 'never');
    const after = runner.run(options, async () => 'after');
    abort.abort();
    await expect(waiting).rejects.toMatchObject({ kind: 'cancelled' });
    expect(listJobs(db).map(({ state }) => state)).toEqual(['queued', 'cancelled', 'running']);
    first.resolve('first');
    await expect(Promise.all([running, after])).resolves.toEqual(['first', 'after']);
  });

  test('calls a job interrupted when its worker was killed', async () => {
    const runner = new JobRunner(db);
    const killed = runner.run(options, async () => {
      throw new GraftError('worker-died', 'Its process was ended by SIGKILL.');
    });
    await expect(killed).rejects.toMatchObject({ code: 'worker-died' });
    expect(listJobs(db)[0].state).toBe('interrupted');
  });

  test('calls jobs interrupted that it finds unfinished at the start', () => {
    createJob(db, 'import', 'waiting');
    startJob(db, createJob(db, 'train', 'working'));
    new JobRunner(db);
    expect(listJobs(db).map(({ state }) => state)).toEqual(['interrupted', 'interrupted']);
    expect(listJobs(db)[0].error).toMatchObject({ code: 'process-ended' });
  });
});
