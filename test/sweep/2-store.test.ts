import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { migrate, migrations, type WritableDatabase } from '../../src-main/store/index.ts';
import { createComparison, latestComparison, listAllRuns, listRuns } from '../../src-main/store/runs.ts';
import {
  createSweep,
  deleteSweep,
  getSweep,
  interruptUnfinishedSweeps,
  listPlaces,
  listTrials,
  placeInSweep,
  startSweep,
} from '../../src-main/store/sweeps.ts';
import { sweepSchema } from '../../src-main/contract/sweep.ts';
import { trainingConfigSchema } from '../../src-main/contract/training.ts';
import type { NewRun } from '../../src-main/store/runs.ts';

const { version } = migrations.find(({ name }) => name === 'sweeps')!;

/** A project from before sweeps, with one training in it, brought up to date. */
function upgraded(): WritableDatabase {
  const db = new Database(':memory:');
  db.pragma('foreign_keys = ON');
  migrate(db, migrations, 1);
  db.exec(`INSERT INTO label_sets VALUES (1, 'labels', 'csv', 'now', 'now')`);
  migrate(db, migrations, version - 1);
  db.exec(`
    INSERT INTO splits (id, label_set_id, classes, seed, options, hash, created_at) VALUES (1, 1, '["a","b"]', 0, '{}', 'hash', 'now');
    INSERT INTO comparisons (id, split_id, created_at) VALUES (1, 1, 'now');
    INSERT INTO runs (id, comparison_id, approach, state, config, preprocessing, environment, created_at)
      VALUES (1, 1, 'fine-tuned', 'done', '{}', '{}', '{}', 'now');
  `);
  migrate(db, migrations);
  return db as WritableDatabase;
}

const run = { approach: 'fine-tuned', config: trainingConfigSchema.parse({}) } as NewRun;
const definition = sweepSchema.parse({ space: { mixup: [0, 1] } });
const environment = { preprocessing: {}, environment: {}, startingWeights: null } as unknown as NewRun;

describe('sweeps in the store', () => {
  it('leave the trainings of before as they were', () => {
    const db = upgraded();
    expect(listRuns(db).map(({ id }) => id)).toEqual([1]);
    expect(latestComparison(db)!.id).toBe(1);
    expect(db.pragma('foreign_key_check')).toEqual([]);
  });

  it('keep their trials and the runs of these, which stand for nothing by themselves, and take them along', () => {
    const db = upgraded();
    const { id } = createSweep(db, { splitId: 1, plan: {}, definition }, [{ mixup: 0 }, { mixup: 1 }]);
    expect(listTrials(db, id)).toEqual([
      { number: 1, choices: { mixup: 0 } },
      { number: 2, choices: { mixup: 1 } },
    ]);
    const [made] = createComparison(db, 1, [{ ...environment, ...run }], 'sweep').runs;
    placeInSweep(db, { runId: made.id, sweepId: id, trial: 2, fold: 1 });
    expect(listPlaces(db, id)).toEqual([{ runId: made.id, sweepId: id, trial: 2, fold: 1 }]);
    expect(listRuns(db).map((one) => one.id)).toEqual([1]);
    expect(latestComparison(db)!.id).toBe(1);
    expect(listAllRuns(db)).toHaveLength(2);
    deleteSweep(db, id);
    expect(getSweep(db, id)).toBeNull();
    expect([listTrials(db, id), listPlaces(db)]).toEqual([[], []]);
    expect(listAllRuns(db).map((one) => one.id)).toEqual([1]);
    expect(latestComparison(db)!.id).toBe(1);
  });

  it('that were under way when their process ended are interrupted', () => {
    const db = upgraded();
    const { id } = createSweep(db, { splitId: 1, plan: {}, definition }, [{ mixup: 0 }]);
    startSweep(db, id);
    interruptUnfinishedSweeps(db, { kind: 'expected', code: 'process-ended', message: 'gone' });
    expect(getSweep(db, id)).toMatchObject({ state: 'interrupted', error: { code: 'process-ended' } });
  });
});
