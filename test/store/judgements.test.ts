import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import type { AdaptationJudgement } from '../../src-main/contract/adaptation-judgement.ts';
import { migrate, migrations, type WritableDatabase } from '../../src-main/store/index.ts';
import { keepModel, listJudgements, saveJudgement } from '../../src-main/store/judgements.ts';
import { getAudit, saveAudit } from '../../src-main/store/target-audits.ts';

const { version } = migrations.find(({ name }) => name === 'adaptation-judgements')!;

/** A project from before judgements, with one training in it, brought up to date. */
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

const key = { sourceRunId: 1, domains: '{"source":{},"target":{"source":"b"}}' };
const judgement = (selected: number, candidates = [1, 2, 3]): AdaptationJudgement =>
  ({ selected, candidates: candidates.map((runId) => ({ runId })) }) as unknown as AdaptationJudgement;

describe('judgements in the store', () => {
  it('leave the trainings of before as they were', () => {
    const db = upgraded();
    expect(db.prepare('SELECT id FROM runs').pluck().all()).toEqual([1]);
    expect(db.pragma('foreign_key_check')).toEqual([]);
  });

  it('replace one another for the same run and domains, and follow the rule', () => {
    const db = upgraded();
    saveJudgement(db, key, judgement(2));
    expect(saveJudgement(db, key, judgement(3)).kept).toMatchObject({ runId: 3, by: 'rule' });
    saveJudgement(db, { ...key, domains: '{}' }, judgement(1));
    expect(listJudgements(db)).toHaveLength(2);
  });

  it('leave a person’s decision alone, until the model it names is gone', () => {
    const db = upgraded();
    const { id } = saveJudgement(db, key, judgement(2));
    keepModel(db, id, 3);
    expect(saveJudgement(db, key, judgement(2)).kept).toMatchObject({ runId: 3, by: 'person' });
    expect(saveJudgement(db, key, judgement(2, [1, 2])).kept).toMatchObject({ runId: 2, by: 'rule' });
  });

  it('keep one audit for a run and its domains, and go with the run', () => {
    const db = upgraded();
    saveAudit(db, key, [4, 5], 7);
    expect(saveAudit(db, key, [4, 5, 6], 8)).toMatchObject({ instanceIds: [4, 5, 6], seed: 7 });
    saveJudgement(db, key, judgement(2));
    db.exec('DELETE FROM runs');
    expect(getAudit(db, key)).toBeNull();
    expect(listJudgements(db)).toEqual([]);
  });
});
