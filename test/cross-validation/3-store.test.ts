import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import {
  crossValidationSchema,
  type CrossValidationResult,
  type DealtPatients,
} from '../../src-main/contract/cross-validation.ts';
import { splitOptions } from '../../src-main/contract/dataset.ts';
import { sweepSchema } from '../../src-main/contract/sweep.ts';
import { trainingConfigSchema } from '../../src-main/contract/training.ts';
import { auditSentence } from '../../src-main/app/audit-sentences.ts';
import {
  createCrossValidation,
  crossValidatedPatients,
  deleteCrossValidation,
  finishCrossValidation,
  getCrossValidation,
  interruptUnfinishedCrossValidations,
  isFold,
  listFolds,
  listHeldOutPatients,
  partsOfFold,
  startCrossValidation,
} from '../../src-main/store/cross-validations.ts';
import {
  listAudit,
  listSplits,
  migrate,
  migrations,
  type SplitToStore,
  type WritableDatabase,
} from '../../src-main/store/index.ts';
import { listOpenings } from '../../src-main/store/openings.ts';
import {
  createComparison,
  latestComparison,
  listAllRuns,
  listRuns,
  type NewRun,
} from '../../src-main/store/runs.ts';
import { createSweep, listSweeps } from '../../src-main/store/sweeps.ts';

const { version } = migrations.find(({ name }) => name === 'cross-validations')!;

/** A project from before cross-validations: three patients, a split that keeps the third for its test, a training and a look at it. */
function upgraded(): WritableDatabase {
  const db = new Database(':memory:');
  db.pragma('foreign_keys = ON');
  migrate(db, migrations, 1);
  db.exec(`INSERT INTO label_sets VALUES (1, 'labels', 'csv', 'now', 'now');
    INSERT INTO sources VALUES (1, 'hospital', '/data', 'now');
    INSERT INTO patients VALUES (1, 'one', 1), (2, 'two', 1), (3, 'three', 1);`);
  for (const id of [1, 2, 3]) image(db, id);
  migrate(db, migrations, version - 1);
  db.exec(`
    INSERT INTO splits (id, label_set_id, classes, seed, options, hash, created_at)
      VALUES (1, 1, '["a","b"]', 0, '{}', 'hash', 'now');
    INSERT INTO comparisons (id, split_id, created_at, name) VALUES (1, 1, 'now', 'mine');
    INSERT INTO comparisons (id, split_id, created_at, part_of) VALUES (2, 1, 'now', 'sweep');
    INSERT INTO runs (id, comparison_id, approach, state, config, preprocessing, environment, created_at)
      VALUES (1, 1, 'fine-tuned', 'done', '{}', '{}', '{}', 'now');
    INSERT INTO openings (id, split_id, set_name, comparison_id, opened_at) VALUES (1, 1, 'test', 1, 'now');
  `);
  for (const id of [1, 2, 3])
    db.prepare('INSERT INTO split_members VALUES (1, ?, ?, 0, NULL)').run(id, id === 3 ? 'test' : 'train');
  migrate(db, migrations);
  return db as WritableDatabase;
}

const image = (db: WritableDatabase | Database.Database, id: number): void => {
  db.prepare('INSERT INTO files VALUES (?, 1, ?, 100, 1.5, ?, NULL, NULL, 1)').run(id, `${id}.dcm`, 'image');
  db.prepare(
    `INSERT INTO instances (id, file_id, patient_id, TransferSyntaxUID, SOPInstanceUID, Rows, Columns, NumberOfFrames,
       SamplesPerPixel, PhotometricInterpretation, BitsAllocated, BitsStored, PixelRepresentation)
     VALUES (?, ?, ?, '1.2', ?, 2, 2, 1, 1, 'MONOCHROME2', 8, 8, 0)`,
  ).run(id, id, id, `2.25.${id}`);
};

const fold = (hash: string, judged: number, learned: number): SplitToStore => ({
  labelSetId: 1,
  classes: ['a', 'b'],
  multiLabel: false,
  options: splitOptions.parse({}),
  hash,
  members: [
    { instanceId: learned, role: 'train', classIndex: 0 },
    { instanceId: judged, role: 'test', classIndex: 0 },
  ],
  leftOut: [],
});
const dealt: DealtPatients = { patients: 2, images: 2, copies: 0, locked: [], opened: [] };
const definition = crossValidationSchema.parse({ folds: 2 });
const made = (db: WritableDatabase, opened: DealtPatients['opened'] = []) =>
  createCrossValidation(db, { splitId: 1, plan: {}, definition, dealt: { ...dealt, opened } }, [
    fold('first', 1, 2),
    fold('second', 2, 1),
  ]);
const run = {
  approach: 'probe',
  config: trainingConfigSchema.parse({}),
  preprocessing: {},
  environment: {},
  startingWeights: null,
} as unknown as NewRun;

describe('cross-validations in the store', () => {
  it('leave trainings, their names and openings of before as they were', () => {
    const db = upgraded();
    expect(db.prepare('SELECT id, name, part_of FROM comparisons ORDER BY id').raw().all()).toEqual([
      [1, 'mine', null],
      [2, null, 'sweep'],
    ]);
    expect(listRuns(db).map(({ id }) => id)).toEqual([1]);
    expect(listOpenings(db, 'hash')).toEqual([
      { splitId: 1, setName: 'test', comparisonId: 1, crossValidationId: null, openedAt: 'now' },
    ]);
    expect(db.pragma('foreign_key_check')).toEqual([]);
    expect(() => db.exec("UPDATE comparisons SET part_of = 'something' WHERE id = 1")).toThrow(/CHECK/);
  });

  it('keep a split for each fold, which is none to train on, and what judges and tunes it', () => {
    const db = upgraded();
    const { id } = made(db);
    const splits = listFolds(db, id).map(({ splitId }) => splitId);
    expect(splits).toEqual([2, 3]);
    expect([1, 2, 3].map((split) => isFold(db, split))).toEqual([false, true, true]);
    expect(listSplits(db).map((split) => split.id)).toEqual([1]);
    const judging = createComparison(db, 2, [run], 'cross-validation');
    const sweep = createSweep(
      db,
      { splitId: 2, plan: {}, definition: sweepSchema.parse({ space: { mixup: [0] } }) },
      [{}],
    );
    expect(partsOfFold(db, 2)).toEqual({ comparisonId: judging.comparison.id, sweepId: sweep.id });
    expect(partsOfFold(db, 3)).toEqual({ comparisonId: null, sweepId: null });
    expect([listSweeps(db), listRuns(db).length, latestComparison(db)!.id]).toEqual([[], 1, 1]);
  });

  it('count each set whose patients they deal as opened, by them and by nobody else', () => {
    const db = upgraded();
    const { id } = made(db, [{ splitId: 1, setName: 'test', patients: 1 }]);
    expect(listOpenings(db, 'hash').at(-1)).toMatchObject({
      setName: 'test',
      comparisonId: null,
      crossValidationId: id,
    });
    const sentences = listAudit(db).map(auditSentence);
    expect(sentences[0]).toBe('The held-out set test of split 1 was opened for cross-validation 1.');
    expect(sentences[1]).toBe('Cross-validation 1 was planned: 2 patients of split 1 in 2 folds.');
  });

  it('know whom a test keeps, and whom of a test they have judged before', () => {
    const db = upgraded();
    expect(listHeldOutPatients(db, 1)).toEqual([{ splitId: 1, setName: 'test', patientKey: 'three' }]);
    expect(crossValidatedPatients(db, 1, 'test')).toEqual([]);
    const { id } = createCrossValidation(db, { splitId: 1, plan: {}, definition, dealt }, [
      fold('first', 3, 1),
    ]);
    expect(crossValidatedPatients(db, 1, 'test')).toMatchObject([{ crossValidationId: id, patients: 1 }]);
  });

  it('that were under way when their process ended are interrupted, and end with a result that is kept', () => {
    const db = upgraded();
    const { id } = made(db);
    startCrossValidation(db, id);
    interruptUnfinishedCrossValidations(db, { kind: 'expected', code: 'process-ended', message: 'gone' });
    expect(getCrossValidation(db, id)).toMatchObject({
      state: 'interrupted',
      error: { code: 'process-ended' },
    });
    const result = { folds: [], computedAt: 'then' } as unknown as CrossValidationResult;
    finishCrossValidation(db, id, result);
    expect(getCrossValidation(db, id)).toMatchObject({ state: 'done', error: null, result });
  });

  it('take along what is theirs when they are deleted, but for openings', () => {
    const db = upgraded();
    const { id } = made(db, [{ splitId: 1, setName: 'test', patients: 1 }]);
    createComparison(db, 2, [run], 'cross-validation');
    deleteCrossValidation(db, id);
    expect(getCrossValidation(db, id)).toBeNull();
    expect(listAllRuns(db).map((one) => one.id)).toEqual([1]);
    expect(db.prepare('SELECT id FROM splits').pluck().all()).toEqual([1]);
    expect(listOpenings(db, 'hash')).toHaveLength(2);
    expect(db.pragma('foreign_key_check')).toEqual([]);
    expect(auditSentence(listAudit(db)[0])).toBe('Cross-validation 1 was deleted, with its runs.');
  });
});
