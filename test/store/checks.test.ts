import Database from 'better-sqlite3';
import { expect, it } from 'vitest';
import { migrate, migrations } from '../../src-main/store/index.ts';
import { checksOfKind, listChecks, saveCheck } from '../../src-main/store/checks.ts';
import type { LeakageReport } from '../../src-main/contract/checks.ts';

const before = migrations.findIndex(({ name }) => name === 'checks');

it('checks come to a project of before, keep the last of each kind and set, and go with their run', () => {
  const db = new Database(':memory:');
  migrate(db, migrations, before);
  db.pragma('foreign_keys = OFF');
  db.exec(`INSERT INTO runs (id, comparison_id, approach, state, config, preprocessing, environment, created_at)
    VALUES (1, 1, 'probe', 'done', '{}', '{}', '{}', 'now')`);
  migrate(db, migrations, before + 1);
  db.pragma('foreign_keys = ON');
  const leakage = (sentence: string): LeakageReport => ({
    ...{ rows: [], images: 1, patients: 1, folds: 5, model: 'x', finding: null, inflated: false, sentence },
  });
  const writable = db as never;
  saveCheck(writable, { kind: 'leakage', runId: 1, setName: null, report: leakage('first') });
  saveCheck(writable, { kind: 'leakage', runId: 1, setName: null, report: leakage('second') });
  const failures = { sentences: ['none'] } as never;
  saveCheck(writable, { kind: 'failures', runId: 1, setName: 'test', report: failures });
  saveCheck(writable, { kind: 'failures', runId: 1, setName: 'validation', report: failures });
  const found = listChecks(writable, 1);
  expect(found.map(({ kind, setName }) => [kind, setName])).toEqual([
    ['failures', 'test'],
    ['failures', 'validation'],
    ['leakage', null],
  ]);
  expect(checksOfKind(found, 'leakage').map(({ report }) => report.sentence)).toEqual(['second']);
  db.exec('DELETE FROM runs');
  expect(listChecks(writable, 1)).toEqual([]);
});
