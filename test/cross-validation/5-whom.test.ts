import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createApp } from '../../src-main/app/index.ts';
import type {
  CrossValidationInput,
  CrossValidationReport,
} from '../../src-main/contract/cross-validation.ts';
import type { GraftError } from '../../src-main/contract/errors.ts';
import { listSplits, openProjectForReading } from '../../src-main/store/index.ts';
import { sampleProject, type SampleProject } from '../app/sample-project.ts';

// The majority class learns nothing: whom a cross-validation deals is the same for all.
describe('whom a cross-validation deals', () => {
  const app = createApp();
  let sample: SampleProject;
  beforeAll(async () => {
    sample = await sampleProject();
  });
  afterAll(() => sample.remove());

  test('in a project without a split: everybody, and no split is left for trainings to find', async () => {
    const report = await cross({});
    expect(report.dealt).toMatchObject({ patients: 24, locked: [], opened: [] });
    expect(report.notes[0]).toContain('all were dealt');
    expect(splits()).toEqual([]);
    expect(report.result!.pooled.models[0].patients).toBe(24);
    expect(report.result!.differences).toEqual([]);
  });

  test('with a split: those for training and validation', async () => {
    const split = await app.createSplit(sample.project, {
      options: { fractions: { train: 0.5, validation: 0.25, test: 0.25 } },
    });
    expect(splits()).toEqual([split.id]);
    const { dealt } = await cross({});
    const { train, validation, test: kept } = split.counts;
    expect(dealt.patients).toBe(train.patients + validation.patients);
    expect(dealt.locked).toEqual([{ splitId: split.id, setName: 'test', patients: kept.patients }]);
    await app.trainModel(sample.project, { split: { splitId: split.id }, approaches: ['majority'] });
  });

  test('with another split, not those whom a test keeps that something was trained for', async () => {
    const [first] = splits();
    const wide = await app.createSplit(sample.project, {
      options: { fractions: { train: 0.8, validation: 0.2, test: 0 } },
    });
    const { dealt } = await cross({});
    expect(dealt.locked).toEqual([{ splitId: first, setName: 'test', patients: 24 - dealt.patients }]);
    expect(dealt.patients).toBeLessThan(24);
    expect(wide.counts.train.patients + wide.counts.validation.patients).toBe(24);
    expect(openings()).toBe(0);
  });

  test('all of them where that is said, each set counted as opened before anything is trained', async () => {
    const [first] = splits();
    let counted = 0;
    const { dealt, notes } = await cross({ patients: 'all' }, () => (counted = openings()));
    expect(dealt.patients).toBe(24);
    expect(dealt.locked).toEqual([]);
    expect(dealt.opened).toEqual([{ splitId: first, setName: 'test', patients: expect.any(Number) }]);
    expect([counted, openings()]).toEqual([1, 1]);
    expect(notes[0]).toContain('counted as opened');
    expect(app.readAudit(sample.project).verification.intact).toBe(true);
    const { looks } = await app.evaluate(sample.project, { sets: ['test'] });
    const [{ openedAt, ...look }] = looks.test.looks;
    expect([look, openedAt]).toEqual([{ comparisonId: null, changed: null }, expect.any(String)]);
    expect(looks.test.sentences.join(' ')).toContain('judged by cross-validation 1 of');
  });

  test('and one that is cancelled ends at once, and goes on', async () => {
    const stop = new AbortController();
    let at = 0;
    const cancelled = cross({ folds: 3 }, () => ((at = performance.now()), stop.abort()), stop.signal);
    await expect(cancelled).rejects.toMatchObject({ kind: 'cancelled' } satisfies Partial<GraftError>);
    expect(performance.now() - at).toBeLessThan(1000);
    const [{ id, state, folds }] = app.listCrossValidations(sample.project);
    expect([state, folds.filter(({ done }) => done)]).toEqual(['cancelled', []]);
    expect((await app.resumeCrossValidation(sample.project, id)).state).toBe('done');
  });

  test('is refused where it does not fit', async () => {
    await expect(cross({ folds: 1 })).rejects.toThrow('The cross-validation does not fit: folds:');
    await expect(cross({ folds: 20 })).rejects.toThrow(/Expected at least 20 patients of class/);
    await expect(cross({ sweep: { space: { 'head.width': [1] } } })).rejects.toThrow(/head\.width/);
  });

  const cross = (
    crossValidation: CrossValidationInput,
    onStart: (report: CrossValidationReport) => void = () => {},
    signal?: AbortSignal,
  ): Promise<CrossValidationReport> =>
    app.crossValidate(
      sample.project,
      {
        plan: { preprocessing: { height: 16, width: 16 } },
        crossValidation: { folds: 2, approaches: ['majority'], ...crossValidation },
        onStart,
      },
      signal ? { signal } : {},
    );

  const read = <Of>(work: (project: ReturnType<typeof openProjectForReading>) => Of): Of => {
    const project = openProjectForReading(sample.project);
    try {
      return work(project);
    } finally {
      project.close();
    }
  };
  /** The oldest first. */
  const splits = (): number[] =>
    read(({ db }) =>
      listSplits(db)
        .map(({ id }) => id)
        .reverse(),
    );
  const openings = (): number =>
    read(({ db }) => db.prepare('SELECT count(*) FROM openings').pluck().get() as number);
});
