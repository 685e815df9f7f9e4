import Database from 'better-sqlite3';
import { expect, it } from 'vitest';
import { adaptationSchema, type AdaptationRecord } from '../../src-main/contract/adaptation.ts';
import { stagesOf } from '../../src-main/contract/adaptation-stages.ts';
import { addAdaptation, adaptationOfRun } from '../../src-main/store/adaptations.ts';
import { migrate, migrations, type WritableDatabase } from '../../src-main/store/index.ts';

/** A project with a run and two that were adapted from it. */
function project(): WritableDatabase {
  const db = new Database(':memory:');
  migrate(db, migrations, 1);
  db.exec(`INSERT INTO label_sets VALUES (1, 'labels', 'csv', 'now', 'now')`);
  migrate(db, migrations);
  db.exec(`
    INSERT INTO splits (id, label_set_id, classes, seed, options, hash, created_at) VALUES (1, 1, '["a","b"]', 0, '{}', 'hash', 'now');
    INSERT INTO comparisons (id, split_id, created_at) VALUES (1, 1, 'now');
  `);
  const add = db.prepare(
    `INSERT INTO runs (id, comparison_id, approach, state, config, preprocessing, environment, created_at)
      VALUES (?, 1, ?, 'done', '{}', '{}', '{}', 'now')`,
  );
  ['fine-tuned', 'adapted-dann', 'adapted-histogram+adabn+mcc'].forEach((name, at) => add.run(at + 1, name));
  return db as WritableDatabase;
}

const domains = { source: {}, target: { source: 'b' }, share: 1 };
const facts = {} as AdaptationRecord['facts'];

it('an adaptation that was stored before methods could be combined is still what it was', () => {
  const db = project();
  db.prepare('INSERT INTO adaptations VALUES (2, 1, ?, ?, ?)').run(
    '{"method":"dann","strength":0.5}',
    JSON.stringify(domains),
    '{}',
  );
  expect(adaptationOfRun(db, 2)!.config).toMatchObject({
    method: 'dann',
    before: [],
    strength: 0.5,
    normalization: 'together',
  });
});

it('a combination comes back with its stages, and as it was asked to normalise', () => {
  const db = project();
  const config = adaptationSchema.parse(stagesOf('histogram+adabn+mcc'));
  addAdaptation(db, { runId: 3, sourceRunId: 1, config, domains, facts });
  expect(adaptationOfRun(db, 3)!.config).toEqual(config);
  expect(config).toMatchObject({ before: ['histogram', 'adabn'], normalization: 'by-domain' });
});
