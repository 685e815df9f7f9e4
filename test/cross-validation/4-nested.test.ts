import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { createApp } from '../../src-main/app/index.ts';
import type { CrossValidationReport } from '../../src-main/contract/cross-validation.ts';
import type * as RunInWorker from '../../src-main/jobs/run-in-worker.ts';
import { getInstances, listSplitMembers, openProjectForReading } from '../../src-main/store/index.ts';
import { listEpochs } from '../../src-main/store/epochs.ts';
import { listPlaces } from '../../src-main/store/sweeps.ts';
import { sampleProject, type SampleProject } from '../app/sample-project.ts';

/** Everything that any worker process was handed, in order. */
const handed = vi.hoisted(() => [] as { worker: string; task: unknown }[]);
vi.mock('../../src-main/jobs/run-in-worker.ts', async (importOriginal) => {
  const original = await importOriginal<typeof RunInWorker>();
  return {
    ...original,
    runInWorker: (worker: URL, task: never, options: never) => {
      handed.push({ worker: String(worker).split('/').at(-1)!, task });
      return original.runInWorker(worker, task, options);
    },
  };
});

const cli = fileURLToPath(new URL('../../src-main/shell/cli/main.ts', import.meta.url));

/** Patients that occur anywhere in what a worker was handed. */
function patientsIn(value: unknown, found = new Set<string>()): Set<string> {
  if (value === null || typeof value !== 'object') return found;
  for (const [key, inner] of Object.entries(value)) {
    if (key === 'patientKey') found.add(inner as string);
    else patientsIn(inner, found);
  }
  return found;
}

describe('a nested cross-validation', () => {
  const app = createApp();
  let sample: SampleProject;
  let copy: string;
  let whole: CrossValidationReport;
  beforeAll(async () => {
    sample = await sampleProject();
    await app.createSplit(sample.project, {
      options: { fractions: { train: 0.5, validation: 0.25, test: 0.25 } },
    });
    copy = join(sample.folder, 'copy');
    cpSync(sample.project, copy, { recursive: true });
    writeFileSync(join(sample.folder, 'sweep.yaml'), 'objective: val_f1\nspace:\n  head.dropout: [0, 0.4]\n');
    const { settings, preprocessing } = plan();
    whole = await app.crossValidate(sample.project, {
      plan: { settings, preprocessing },
      crossValidation: {
        folds: 2,
        approaches: ['majority', 'fine-tuned'],
        sweep: app.readSweepFile(join(sample.folder, 'sweep.yaml')),
      },
    });
  }, 180_000);
  afterAll(() => sample.remove());

  test('shows no patient of a fold to what tunes it, nor to what trains on it: no process is handed one', () => {
    for (const fold of whole.folds) {
      const kept = patientsOf(fold.splitId, ['test']);
      const learned = patientsOf(fold.splitId, ['train', 'validation']);
      const runs = trialRuns(fold.tuning!.sweepId);
      const tuning = handed.filter(({ task }) => trainingsOf(task).some(({ runId }) => runs.has(runId)));
      expect(tuning.length).toBeGreaterThan(0);
      const training = handed.filter(
        ({ worker, task }) => worker === 'trainer-worker.ts' && isOfSplit(task, fold.splitId),
      );
      expect(training).toHaveLength(1);
      for (const { task } of [...tuning, ...training]) {
        const seen = patientsIn(task);
        expect([...kept].filter((patient) => seen.has(patient))).toEqual([]);
        expect([...seen].filter((patient) => !learned.has(patient))).toEqual([]);
        // It is all the others that they are handed.
        expect(seen.size).toBe(learned.size);
      }
      // And then they are asked about.
      const asked = handed.filter(
        ({ worker, task }) => worker === 'predictor-worker.ts' && isOfSplit(task, fold.splitId),
      );
      expect(patientsIn(asked.map(({ task }) => (task as { questions: unknown }).questions))).toEqual(kept);
    }
  });

  test('leaves the patients that are kept for a test alone, and opens nothing', () => {
    const kept = patientsOf(1, ['test']);
    expect(kept.size).toBeGreaterThan(0);
    expect([...patientsIn(handed)].filter((patient) => kept.has(patient))).toEqual([]);
    expect(whole.dealt.locked).toEqual([{ splitId: 1, setName: 'test', patients: kept.size }]);
    expect(whole.dealt.opened).toEqual([]);
    expect(count('SELECT count(*) FROM openings')).toBe(0);
  });

  test('judges everybody else exactly once, by each approach', () => {
    const judged = whole.folds.map(({ splitId }) => patientsOf(splitId, ['test']));
    expect(judged[0].size + judged[1].size).toBe(whole.dealt.patients);
    expect(new Set([...judged[0], ...judged[1]])).toEqual(patientsOf(1, ['train', 'validation']));
    const { pooled, folds } = whole.result!;
    expect(pooled.models.map(({ name, patients }) => [name, patients])).toEqual([
      ['majority', whole.dealt.patients],
      ['fine-tuned', whole.dealt.patients],
    ]);
    const images = whole.folds.map(({ judged: { images } }) => images);
    const accuracy = folds.map((of) => of[1].metrics.accuracy!);
    // Accuracy over all images is the mean over folds by their images.
    expect(pooled.models[1].metrics.accuracy.value).toBeCloseTo(
      (accuracy[0] * images[0] + accuracy[1] * images[1]) / (images[0] + images[1]),
      12,
    );
  });

  test('names no patient in what it says, not even by a hash', () => {
    const said = JSON.stringify(whole);
    for (const key of patientsOf(1, ['train', 'validation', 'test'])) expect(said).not.toContain(key);
  });

  test('records which plan each fold chose, and trains that', () => {
    const runs = app.listRuns(sample.project);
    for (const { tuning, runs: own } of whole.folds) {
      const [best] = [...app.showSweep(sample.project, tuning!.sweepId).trials];
      expect(tuning!.chosen).toMatchObject({ trial: best.number, choices: best.choices, value: best.mean });
      const trained = runs.find(({ run }) => run.id === own[1].runId)!.run;
      expect(trained.config.head.dropout).toBe(best.choices['head.dropout']);
    }
  });

  test('keeps its trainings apart from those that stand for themselves, and throws its models away', async () => {
    expect(app.listSweeps(sample.project)).toEqual([]);
    const runsFolder = join(sample.project, 'runs');
    expect(existsSync(runsFolder) ? readdirSync(runsFolder) : []).toEqual([]);
    await expect(app.evaluate(sample.project)).rejects.toThrow('Expected a trained run in this project');
    await expect(app.createSplit(sample.project, { splitId: 2 })).rejects.toThrow(
      'Expected a split of this project, found 2; there are 1.',
    );
    await expect(app.resumeTraining(sample.project, whole.folds[0].runs[0].runId)).rejects.toThrow(
      /part of a cross-validation/,
    );
    const listed = await ended(graft('runs', '-p', sample.project));
    expect(listed.stdout).toContain('Cross-validation 1, fold 2:');
    const shown = await ended(graft('cross-validate', 'show', '1', '-p', sample.project));
    expect(shown.stdout).toContain('still locked');
    expect(shown.stdout).toContain('head.dropout');
  });

  test('stands in the audit trail: dealt, tuned, judged, finished, in this order', () => {
    const { entries, verification } = app.readAudit(sample.project);
    expect(verification.intact).toBe(true);
    const told = entries.map(({ sentence }) => sentence).reverse();
    const at = (part: string): number => told.findIndex((sentence) => sentence.includes(part));
    const [fold] = whole.folds;
    const order = [
      at('Cross-validation 1 was planned'),
      at(`Run ${[...trialRuns(fold.tuning!.sweepId)].at(-1)} was finished`),
      at(`Run ${fold.runs[1].runId} began`),
      at(`Run ${fold.runs[1].runId} predicted`),
      at('Cross-validation 1 was finished'),
    ];
    expect(order).toEqual([...order].sort((a, b) => a - b));
    expect(order[0]).toBeGreaterThan(0);
  });

  test('killed outright goes on where it was, repeats nothing, and ends the same', async () => {
    const child = graft(
      ...['cross-validate', '-p', copy, '--weights', sample.model, '--size', '32', '--freeze'],
      ...['feature-extraction', '--epochs', '2', '--threads', '1', '--folds', '2'],
      ...['--sweep', join(sample.folder, 'sweep.yaml'), '--only', 'majority', 'fine-tuned'],
    );
    const end = ended(child);
    // Once the first fold is judged, in the tuning of the second.
    for (;;) {
      const [report] = app.listCrossValidations(copy);
      if (report?.folds[0].done && report.folds[1].tuning) break;
      if (child.exitCode !== null) throw new Error(`ended too early: ${(await end).stderr}`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    child.kill('SIGKILL');
    await end;
    const before = epochsOf(copy);
    expect(before.length).toBeGreaterThan(0);
    const { code, stderr } = await ended(graft('cross-validate', '--resume', '1', '-p', copy));
    expect([code, stderr.includes('Expected')]).toEqual([0, false]);
    const resumed = app.showCrossValidation(copy, 1);
    expect({ ...resumed.result, computedAt: '' }).toEqual({ ...whole.result, computedAt: '' });
    expect(resumed.folds.map(({ tuning }) => tuning!.chosen)).toEqual(
      whole.folds.map(({ tuning }) => tuning!.chosen),
    );
    // Trained again, they would end the same; but not with the very times that were measured before the kill.
    const now = epochsOf(copy);
    for (const { runId, epochs } of before)
      expect(now.find((one) => one.runId === runId)!.epochs.slice(0, epochs.length)).toEqual(epochs);
    await expect(app.resumeCrossValidation(copy, 1)).rejects.toThrow(
      'Expected an unfinished cross-validation',
    );
    expect(() => app.showCrossValidation(copy, 7)).toThrow(
      'Expected a cross-validation of this project, found 7',
    );
  }, 180_000);

  const plan = () => ({
    // The command line begins with changes to images that suit them.
    settings: {
      initial: sample.model,
      freezePreset: 'feature-extraction' as const,
      epochs: 2,
      threads: 1,
      augmentation: { preset: 'auto' as const },
    },
    preprocessing: { height: 32, width: 32 },
  });

  const graft = (...args: string[]): ChildProcess =>
    spawn(process.execPath, ['--disable-warning=ExperimentalWarning', cli, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });

  function reading<Result>(
    work: (project: ReturnType<typeof openProjectForReading>) => Result,
    at = sample.project,
  ) {
    const project = openProjectForReading(at);
    try {
      return work(project);
    } finally {
      project.close();
    }
  }

  const count = (sql: string): unknown => reading(({ db }) => db.prepare(sql).pluck().get());
  const patientsOf = (splitId: number, roles: string[]): Set<string> =>
    reading(({ db }) => {
      const members = listSplitMembers(db, splitId).filter(({ role }) => roles.includes(role));
      return new Set(
        getInstances(
          db,
          members.map(({ instanceId }) => instanceId),
        ).map(({ patientKey }) => patientKey),
      );
    });
  const trialRuns = (sweepId: number): Set<number> =>
    reading(({ db }) => new Set(listPlaces(db, sweepId).map(({ runId }) => runId)));
  const epochsOf = (at: string) =>
    app
      .listRuns(at)
      .map(({ run }) => ({ runId: run.id, epochs: reading(({ db }) => listEpochs(db, run.id), at) }))
      .filter(({ epochs }) => epochs.length > 0);
  const trainingsOf = (task: unknown): { runId: number }[] =>
    (task as { trainings?: { runId: number }[] }).trainings ?? [];
  const isOfSplit = (task: unknown, splitId: number): boolean =>
    (task as { dataset?: { splitId: number } }).dataset?.splitId === splitId;
});

async function ended(child: ChildProcess) {
  let stderr = '';
  let stdout = '';
  child.stderr!.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  child.stdout!.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, stdout, stderr };
}
