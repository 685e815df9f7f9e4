import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { adaptationCandidates, firstCandidate } from '../../src-main/app/adaptation/candidates.ts';
import { type AdaptReport, createApp, type TrainReport } from '../../src-main/app/index.ts';
import { chooseDomains } from '../../src-main/cohort/index.ts';
import { adaptationOfRun } from '../../src-main/store/adaptations.ts';
import { openProjectForReading } from '../../src-main/store/index.ts';
import { sampleProject, smallTraining, type SampleProject } from './sample-project.ts';

describe('a run adapted to the other hospital', () => {
  const app = createApp();
  let sample: SampleProject;
  let trained: TrainReport;
  let report: AdaptReport;
  let warnings: string[] = [];
  beforeAll(async () => {
    sample = await sampleProject();
    trained = await app.trainModel(sample.project, {
      ...smallTraining(sample.model),
      approaches: ['fine-tuned'],
    });
    report = await app.adapt(sample.project, {
      domains: { target: { source: 'hospital-b' } },
      methods: ['coral', 'adabn+shot'],
      settings: { epochs: 2 },
      onStart: (started) => (warnings = started.warnings),
    });
  }, 180_000);
  afterAll(() => sample.remove());

  const reading = <Result>(work: (project: ReturnType<typeof openProjectForReading>) => Result): Result => {
    const project = openProjectForReading(sample.project);
    try {
      return work(project);
    } finally {
      project.close();
    }
  };

  test('is a comparison of its own: the model as it was, and a run for each method', () => {
    expect(report.comparison.id).not.toBe(trained.comparison.id);
    expect(report.runs.map(({ approach, state }) => [approach, state])).toEqual([
      ['fine-tuned', 'done'],
      ['adapted-coral', 'done'],
      ['adapted-adabn+shot', 'done'],
    ]);
    expect(report.runs[1].result!.epochs).toHaveLength(2);
    expect(report.runs[1].result!.epochs[1].unlabelledLoss).toBeGreaterThan(0);
  });

  test('says what it was adapted from and to, and that it will be judged by images that it saw', () => {
    const record = reading(({ db }) => adaptationOfRun(db, report.runs[1].id))!;
    expect(record.sourceRunId).toBe(trained.runs[0].id);
    expect(record.config).toMatchObject({ method: 'coral', epochs: 2 });
    expect(record.domains.target).toEqual({ source: 'hospital-b' });
    expect(record.facts.target.patients).toBe(12);
    expect(record.facts.judged.images).toBe(record.facts.target.images);
    expect(reading(({ db }) => adaptationOfRun(db, report.runs[2].id))!.config).toMatchObject({
      before: ['adabn'],
      method: 'shot',
    });
    expect(warnings.join()).toMatch(/judged by/);
  });

  test('is evaluated and exported like any other, beside the model as it was', async () => {
    const { results } = await app.evaluate(sample.project, { sets: ['hospital-b'] });
    const { models, differences } = results[0].table;
    expect(models.map(({ approach }) => approach)).toEqual([
      'fine-tuned',
      'adapted-coral',
      'adapted-adabn+shot',
    ]);
    const pairs = new Set(differences.map(({ first, second }) => `${first} ${second}`));
    expect([...pairs]).toEqual(['adapted-coral fine-tuned', 'adapted-adabn+shot fine-tuned']);
    const exported = await app.exportModel(sample.project, { runId: report.runs[2].id });
    expect(exported.largestDifference).toBeLessThan(1e-5);
  });

  test('can be adapted on, and the copy beside it is no candidate', () => {
    const [, ...adapted] = report.runs.map(({ id }) => id);
    expect(reading(adaptationCandidates).map(({ id }) => id)).toEqual([
      ...adapted.toReversed(),
      trained.runs[0].id,
    ]);
    expect(reading(firstCandidate)!.id).toBe(trained.runs[0].id);
  });

  test('learns from the patients of a share alone, and from no test patient', async () => {
    const { id: both } = await app.createSplit(sample.project, { options: { seed: 3 } });
    reading((project) => {
      const { splitId } = report.comparison;
      const half = chooseDomains(project, splitId, { target: { source: 'hospital-b' }, share: 0.5 });
      expect(half.facts.target.patients).toBe(6);
      const open = chooseDomains(project, both, { target: { Manufacturer: 'Boreal Imaging' } });
      expect(open.facts.leftOut.patients).toBeGreaterThan(0);
      expect(open.facts.target.patients + open.facts.leftOut.patients).toBe(12);
      expect(open.facts.judged.images).toBe(0);
      // Whom the share leaves out is unseen: not learned from with labels in place of without.
      const target = { Manufacturer: 'Boreal Imaging' };
      const few = chooseDomains(project, both, { target, share: 0.5 });
      expect(few.facts.target.patients).toBeLessThan(open.facts.target.patients);
      expect(few.facts.source).toEqual(open.facts.source);
    });
  });

  test('refuses a target that is not there, and a source that is the target', async () => {
    const to = (target: string) =>
      app.adapt(sample.project, { domains: { target: { source: target } }, methods: ['dann'] });
    await expect(to('hospital-c')).rejects.toMatchObject({ code: 'target-empty' });
    await expect(to('hospital-a')).rejects.toMatchObject({ code: 'source-empty' });
  });

  test('that was cancelled is resumed from where it was', async () => {
    const stop = new AbortController();
    // So many epochs that it is still under way when the word to stop arrives.
    const started = app.adapt(
      sample.project,
      { domains: { target: { source: 'hospital-b' } }, methods: ['dann'], settings: { epochs: 20 } },
      {
        signal: stop.signal,
        onProgress: ({ detail }) => void (detail?.startsWith('epoch ') && stop.abort()),
      },
    );
    await expect(started).rejects.toMatchObject({ kind: 'cancelled' });
    const { run } = app.listRuns(sample.project).at(-1)!;
    expect([run.approach, run.state]).toEqual(['adapted-dann', 'cancelled']);
    const { runs } = await app.resumeTraining(sample.project, run.id);
    expect(runs.at(-1)!.state).toBe('done');
    expect(runs.at(-1)!.result!.epochs).toHaveLength(20);
  });
});
