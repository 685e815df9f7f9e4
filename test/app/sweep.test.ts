import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createApp } from '../../src-main/app/index.ts';
import type { SweepReport } from '../../src-main/contract/sweep.ts';
import { openProjectForReading } from '../../src-main/store/index.ts';
import { sampleProject, type SampleProject } from './sample-project.ts';

const cli = fileURLToPath(new URL('../../src-main/shell/cli/main.ts', import.meta.url));

/** All that does not depend on how fast the machine was, nor on which numbers the rows got. */
const lasting = ({ trials, best }: SweepReport): unknown => ({
  best,
  trials: trials.map(({ runs, ...trial }) => ({
    ...trial,
    seconds: 0,
    runs: runs.map((run) => ({ ...run, runId: 0 })),
  })),
});

describe('a sweep', () => {
  const app = createApp();
  let sample: SampleProject;
  let copy: string;
  let whole: SweepReport;
  beforeAll(async () => {
    sample = await sampleProject();
    await app.createSplit(sample.project, {
      options: { fractions: { train: 0.5, validation: 0.25, test: 0.25 } },
    });
    // Decoded once for both.
    copy = join(sample.folder, 'copy');
    writeFileSync(
      join(sample.folder, 'sweep.yaml'),
      'strategy: halving\ntrials: 3\nfolds: 2\nobjective: val_f1\nspace:\n  head: { dropout: [0, 0.4] }\n  headLearningRate: { low: 1.0e-3, high: 1.0e-1, log: true }\n',
    );
    cpSync(sample.project, copy, { recursive: true });
    const { settings, preprocessing } = plan();
    whole = await app.sweepPlans(sample.project, {
      plan: { settings, preprocessing },
      sweep: app.readSweepFile(join(sample.folder, 'sweep.yaml')),
    });
  });
  afterAll(() => sample.remove());

  test('halves its trials, and sorts them by how far they came and by the mean over folds', () => {
    expect(whole.state).toBe('done');
    expect(whole.trials.map(({ state }) => state)).toEqual(['done', 'dropped', 'dropped']);
    expect(whole.trials.map(({ epochs }) => epochs)).toEqual([6, 2, 2]);
    const [first] = whole.trials;
    expect(whole.best).toBe(first.number);
    const values = first.runs.map(({ value }) => value!);
    expect(first.mean).toBeCloseTo((values[0] + values[1]) / 2, 12);
    // Of two values: half their distance.
    expect(first.standardError).toBeCloseTo(Math.abs(values[0] - values[1]) / 2, 12);
  });

  test('never looks at the test set: none of its trainings is given one of its images, and it is not opened', () => {
    const project = openProjectForReading(sample.project);
    const count = (sql: string): unknown => project.db.prepare(sql).pluck().get();
    expect(count("SELECT count(*) FROM split_members WHERE role = 'test'")).toBeGreaterThan(0);
    expect(count('SELECT count(*) FROM openings')).toBe(0);
    expect(count('SELECT count(*) FROM predictions')).toBe(0);
    project.close();
  });

  test('keeps each fold of each trial as a run, without models, and hides them where trainings are listed', async () => {
    const runs = app.listRuns(sample.project);
    expect(runs.map(({ place }) => place!.fold)).toEqual([1, 2, 1, 2, 1, 2]);
    expect(readdirSync(join(sample.project, 'runs'))).toEqual([]);
    await expect(app.evaluate(sample.project)).rejects.toThrow('Expected a trained run in this project');
    const listed = await ended(graft('runs', '-p', sample.project));
    expect(listed.stdout).toMatch(/^Sweep 1:\nrun +trial +fold/);
  });

  test('gives its best plan as a file that trains', () => {
    const { choices } = whole.trials[0];
    const path = join(sample.folder, 'best.yaml');
    writeFileSync(path, app.planText(app.planFromSweep(sample.project, 1)));
    const { settings } = app.readPlanFile(path);
    expect(settings!.headLearningRate).toBe(choices.headLearningRate);
    expect(settings!.head!.dropout).toBe(choices['head.dropout']);
    expect(app.planFromSweep(sample.project, 1)).toMatchObject({
      split: { splitId: 1 },
      settings: { headLearningRate: choices.headLearningRate, epochs: 3 },
    });
  });

  test('killed outright goes on where it was, repeats nothing, and ends the same', async () => {
    const child = sweep(copy);
    const end = ended(child);
    // Into the second training of the first round, with an epoch of it done.
    for (;;) {
      const [report] = app.listSweeps(copy);
      const done = report?.trials.flatMap(({ runs }) => runs).filter(({ epochs }) => epochs > 0) ?? [];
      if (done.length >= 2) break;
      if (child.exitCode !== null) throw new Error(`ended too early: ${(await end).stderr}`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    child.kill('SIGKILL');
    await end;
    const before = app.listRuns(copy).filter(({ run }) => run.state === 'done');
    expect(before.length).toBeGreaterThan(0);
    expect((await ended(graft('sweep', '--resume', '1', '-p', copy))).code).toBe(0);
    const [resumed] = app.listSweeps(copy);
    expect(lasting(resumed)).toEqual(lasting(whole));
    // Trained again, they would end the same; but not with the very times that were measured before the kill.
    for (const { run, epochs } of before) {
      const now = app.listRuns(copy).find((one) => one.run.id === run.id)!;
      expect(now.epochs.slice(0, epochs.length)).toEqual(epochs);
    }
  });

  test('refuses what cannot be resumed or trained', async () => {
    await expect(app.resumeSweep(copy, 1)).rejects.toThrow(
      /Expected an unfinished sweep to resume; sweep 1 is done/,
    );
    expect(() => app.planFromSweep(copy, 7)).toThrow('Expected a sweep of this project, found 7');
    expect(() => app.planFromSweep(copy, 1, 9)).toThrow('Expected a trial from 1 to 3 of sweep 1, found 9.');
  });

  const graft = (...args: string[]): ChildProcess =>
    spawn(process.execPath, ['--disable-warning=ExperimentalWarning', cli, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });

  const sweep = (project: string): ChildProcess =>
    graft(
      ...[
        'sweep',
        '-p',
        project,
        '--weights',
        sample.model,
        '--size',
        '32',
        '--freeze',
        'feature-extraction',
      ],
      ...['--epochs', '3', '--threads', '2', '--sweep', join(sample.folder, 'sweep.yaml')],
    );

  /** The same plan as those flags mean. */
  const plan = () => ({
    // The command line begins with changes to images that suit them.
    settings: {
      initial: sample.model,
      freezePreset: 'feature-extraction' as const,
      epochs: 3,
      threads: 2,
      augmentation: { preset: 'auto' as const },
    },
    preprocessing: { height: 32, width: 32 },
  });
});

async function ended(child: ChildProcess) {
  let stderr = '';
  let stdout = '';
  child.stderr!.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  child.stdout!.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
  return { code, signal, stdout, stderr };
}
