import { writeFileSync } from 'node:fs';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import {
  getSplit,
  migrate,
  migrations,
  openProject,
  openReadableDatabase,
  openWritableDatabase,
} from '../../src-main/store/index.ts';
import { analysisSettings } from '../../src-main/contract/analysis-settings.ts';
import { chooseAnalysisSettings, saveFit } from '../../src-main/store/analyses.ts';
import { useWorkplace } from '../cohort/fixtures.ts';

const place = useWorkplace();

const version = (db: Database.Database): unknown => db.pragma('user_version', { simple: true });
const tables = (db: Database.Database): { name: string; strict: number }[] =>
  (db.pragma('table_list') as { name: string; strict: number; schema: string }[]).filter(
    ({ name, schema }) => schema === 'main' && !name.startsWith('sqlite_'),
  );

describe('migrations', () => {
  it('are numbered without gaps and named', () => {
    expect(migrations.map((one) => one.version)).toEqual(migrations.map((_, index) => index + 1));
    expect(migrations.every(({ name }) => name.length > 0)).toBe(true);
  });

  it('make tables that are all strict', () => {
    const db = new Database(':memory:');
    migrate(db, migrations);
    expect(tables(db).length).toBeGreaterThan(10);
    expect(tables(db).filter(({ strict }) => strict !== 1)).toEqual([]);
  });

  it('start from nothing: 0001 makes images, labels and splits', () => {
    const db = new Database(':memory:');
    migrate(db, migrations, 0);
    expect(tables(db)).toEqual([]);
    migrate(db, migrations, 1);
    expect(version(db)).toBe(1);
    db.exec(firstVersionRows);
    expect(db.prepare('SELECT count(*) FROM split_members').pluck().get()).toBe(1);
  });

  it('keep what a project of version 1 holds', () => {
    const db = new Database(':memory:');
    db.pragma('foreign_keys = ON');
    migrate(db, migrations, 1);
    db.exec(firstVersionRows);
    migrate(db, migrations);
    expect(version(db)).toBe(migrations.length);
    expect(db.prepare('SELECT SOPInstanceUID FROM instances').pluck().all()).toEqual(['2.25.1']);
    expect(db.prepare('SELECT role FROM split_members').pluck().all()).toEqual(['train']);
    expect(db.pragma('foreign_key_check')).toEqual([]);
    expect(db.pragma('integrity_check', { simple: true })).toBe('ok');
  });

  it('0004 keeps labels and their history, and notes a change of mind about doubt from then on', () => {
    const db = new Database(':memory:');
    db.pragma('foreign_keys = ON');
    migrate(db, migrations, 3);
    db.exec(firstVersionRows);
    db.exec("UPDATE labels SET labelled_at = 'later', class_id = class_id");
    migrate(db, migrations);
    expect(db.prepare('SELECT unit FROM label_sets').pluck().all()).toEqual(['image']);
    const before = db.prepare('SELECT count(*) FROM label_history').pluck().get() as number;
    db.exec('UPDATE labels SET uncertain = 1');
    db.exec('UPDATE labels SET uncertain = 1');
    expect(db.prepare('SELECT count(*) FROM label_history').pluck().get()).toBe(before + 1);
    const [instance, set, classId] = db
      .prepare('SELECT instance_id, label_set_id, class_id FROM labels')
      .raw()
      .get() as number[];
    const read = db.prepare("INSERT INTO readings VALUES (?, ?, ?, ?, 0, 'now')");
    read.run(set, instance, 'one', classId);
    read.run(set, instance, 'other', classId);
    expect(() => read.run(set, instance, 'one', classId)).toThrow(/UNIQUE/);
    db.exec('DELETE FROM sources');
    expect(db.prepare('SELECT count(*) FROM readings').pluck().get()).toBe(0);
  });

  it('0003 and 0006 keep jobs and trainings, and have room for names, results and a plan', () => {
    const db = new Database(':memory:');
    migrate(db, migrations, 2);
    db.exec(firstVersionRows);
    db.exec(`INSERT INTO jobs (kind, title, state, created_at) VALUES ('import', 'x', 'done', 'now')`);
    db.exec(`INSERT INTO comparisons (split_id, created_at) SELECT id, 'now' FROM splits`);
    migrate(db, migrations);
    expect(db.prepare('SELECT result FROM jobs').pluck().all()).toEqual([null]);
    expect(db.prepare('SELECT name FROM comparisons').pluck().all()).toEqual([null]);
    db.exec(`INSERT INTO plans VALUES (1, '{}', 'now')`);
    expect(db.prepare('SELECT plan FROM plans').pluck().get()).toBe('{}');
  });

  it('0005 browses a project of version 4 by indexes, and loses nothing of it', () => {
    const db = new Database(':memory:');
    db.pragma('foreign_keys = ON');
    migrate(db, migrations, 1);
    db.exec(firstVersionRows);
    migrate(db, migrations, 4);
    const plan = (): string =>
      db
        .prepare('EXPLAIN QUERY PLAN SELECT count(*) FROM files WHERE present = 1 AND status = ?')
        .all('image')
        .map((row) => (row as { detail: string }).detail)
        .join();
    expect(plan()).not.toContain('files_present');
    migrate(db, migrations, 5);
    expect(version(db)).toBe(5);
    expect(plan()).toContain('files_present');
    expect(db.prepare('SELECT count(*) FROM instances').pluck().get()).toBe(1);
  });

  it('0016 lets a model of another project go only after the runs that stand on it', () => {
    const db = new Database(':memory:');
    db.pragma('foreign_keys = ON');
    migrate(db, migrations, 1);
    db.exec(firstVersionRows);
    migrate(db, migrations, 15);
    db.exec(`INSERT INTO comparisons (split_id, created_at) SELECT id, 'now' FROM splits;
      INSERT INTO runs (comparison_id, approach, state, config, preprocessing, environment, created_at)
      SELECT id, 'fine-tuned', 'done', '{}', '{}', '{}', 'now' FROM comparisons`);
    migrate(db, migrations);
    db.exec(`INSERT INTO arrived_models VALUES ('aa', '{}', 'now');
      INSERT INTO runs_of_arrived SELECT id, 'aa', 1 FROM runs`);
    expect(() => db.exec('DELETE FROM arrived_models')).toThrow(/FOREIGN KEY/);
    db.exec('DELETE FROM comparisons');
    expect(db.prepare('SELECT count(*) FROM runs_of_arrived').pluck().get()).toBe(0);
    db.exec('DELETE FROM arrived_models');
  });

  it('0007 keeps the rankings that jobs came to, in the order in which they were made', () => {
    const db = new Database(':memory:');
    migrate(db, migrations, 6);
    const add = db.prepare(
      `INSERT INTO jobs (kind, title, state, created_at, finished_at, result) VALUES (?, 'x', ?, 'now', ?, ?)`,
    );
    add.run('rank', 'done', 'first', '{"images":1}');
    add.run('rank', 'cancelled', 'second', null);
    add.run('import', 'done', 'third', '{}');
    add.run('rank', 'done', 'fourth', '{"images":2}');
    migrate(db, migrations);
    expect(db.prepare('SELECT ranking, ranked_at FROM rankings ORDER BY id').raw().all()).toEqual([
      ['{"images":1}', 'first'],
      ['{"images":2}', 'fourth'],
    ]);
  });

  it('0008 keeps labels and splits of single classes, and has room for findings', () => {
    const db = new Database(':memory:');
    db.pragma('foreign_keys = ON');
    migrate(db, migrations, 1);
    db.exec(firstVersionRows);
    migrate(db, migrations, 7);
    db.exec(`INSERT INTO comparisons (id, split_id, created_at) VALUES (1, 1, 'now')`);
    db.exec(`INSERT INTO runs (id, comparison_id, approach, state, config, preprocessing, environment, created_at)
      VALUES (1, 1, 'probe', 'done', '{}', '{}', '{}', 'now')`);
    db.exec(`INSERT INTO evaluations VALUES (1, 1, 'test', 'now')`);
    db.exec(`INSERT INTO predictions VALUES (1, 0, 1, 0, 'key', NULL, 0, x'0000803f', NULL)`);
    migrate(db, migrations);
    expect(db.prepare('SELECT multi_label FROM label_sets').pluck().all()).toEqual([0]);
    expect(db.prepare('SELECT name, answer FROM classes').raw().all()).toEqual([['glioma', null]]);
    expect(db.prepare('SELECT class_index, findings FROM split_members').raw().all()).toEqual([[0, null]]);
    expect(db.prepare('SELECT label, findings FROM predictions').raw().all()).toEqual([[0, null]]);
    expect(getSplit(db as never, 1)).toMatchObject({
      multiLabel: false,
      counts: { train: { classes: [1] } },
    });
    expect(db.pragma('foreign_key_check')).toEqual([]);
  });

  it('0011 keeps runs and openings, and forgets settings and fits with the training they are of', () => {
    const db = new Database(':memory:');
    db.pragma('foreign_keys = ON');
    migrate(db, migrations, 1);
    db.exec(firstVersionRows);
    migrate(db, migrations, 9);
    db.exec(`INSERT INTO comparisons (id, split_id, created_at) VALUES (1, 1, 'now')`);
    db.exec(`INSERT INTO runs (id, comparison_id, approach, state, config, preprocessing, environment, created_at)
      VALUES (1, 1, 'probe', 'done', '{}', '{}', '{}', 'now')`);
    db.exec(
      `INSERT INTO openings (split_id, set_name, comparison_id, opened_at) VALUES (1, 'test', 1, 'now')`,
    );
    migrate(db, migrations);
    expect(db.prepare('SELECT opened_at FROM openings').pluck().all()).toEqual(['now']);
    chooseAnalysisSettings(db as never, 1, analysisSettings.parse({ unit: 'patient' }));
    saveFit(db as never, 1, 'basis', { thresholds: [0.5] } as never);
    db.exec('DELETE FROM comparisons');
    expect(db.prepare('SELECT count(*) FROM analysis_settings').pluck().get()).toBe(0);
    expect(db.prepare('SELECT count(*) FROM fits').pluck().get()).toBe(0);
    expect(db.prepare('SELECT count(*) FROM openings').pluck().get()).toBe(1);
  });

  it('0012 keeps runs with all that hangs on them, and takes those that were adapted', () => {
    const db = new Database(':memory:');
    db.pragma('foreign_keys = ON');
    migrate(db, migrations, 1);
    db.exec(firstVersionRows);
    migrate(db, migrations, 11);
    db.exec(`
      INSERT INTO comparisons (id, split_id, created_at) VALUES (1, 1, 'now');
      INSERT INTO runs VALUES (3, 1, 'fine-tuned', 'done', '{}', '{}', '{}', NULL, NULL, NULL, 'now', NULL, NULL);
      INSERT INTO epochs VALUES (3, 1, '{}');
      INSERT INTO evaluations VALUES (1, 3, 'test', 'now')`);
    migrate(db, migrations);
    const count = (table: string): unknown => db.prepare(`SELECT count(*) FROM ${table}`).pluck().get();
    expect(['runs', 'epochs', 'evaluations'].map(count)).toEqual([1, 1, 1]);
    expect(db.pragma('foreign_keys', { simple: true })).toBe(1);
    const add = db.prepare(
      `INSERT INTO runs VALUES (?, 1, ?, 'done', '{}', '{}', '{}', NULL, NULL, NULL, 'now', NULL, NULL)`,
    );
    add.run(4, 'adapted-dann');
    expect(() => add.run(5, 'adapted')).toThrow(/CHECK/);
    expect(() => add.run(5, 'fine-tuned')).toThrow(/UNIQUE/);
    db.exec(`INSERT INTO adaptations VALUES (4, 3, '{}', '{}', '{}')`);
    db.exec('DELETE FROM runs WHERE id = 3');
    expect(['epochs', 'evaluations', 'adaptations'].map(count)).toEqual([0, 0, 1]);
    expect(db.prepare('SELECT source_run_id FROM adaptations').pluck().get()).toBeNull();
  });

  it('change nothing when they are done', () => {
    const path = place.path('a.sqlite');
    openWritableDatabase(path).close();
    const again = openWritableDatabase(path);
    expect(version(again)).toBe(migrations.length);
    again.close();
  });

  it('are all or nothing', () => {
    const db = new Database(':memory:');
    const broken = [
      ...migrations,
      { version: migrations.length + 1, name: 'broken', sql: 'CREATE TABLE extra (a) STRICT' },
    ];
    expect(() => migrate(db, broken)).toThrow();
    expect(version(db)).toBe(migrations.length);
    expect(tables(db).some(({ name }) => name === 'extra')).toBe(false);
  });

  it('refuse a project of a later Graft, for reading and for writing', () => {
    place.project.db.pragma(`user_version = ${migrations.length + 1}`);
    place.project.close();
    const tooNew = expect.objectContaining({ code: 'project-too-new' });
    expect(() => openProject(place.path('project'))).toThrow(tooNew);
    expect(() => openReadableDatabase(place.path('project', 'graft.sqlite'))).toThrow(tooNew);
  });

  it('are not run by readers: an older project says so', () => {
    const db = new Database(place.path('old.sqlite'));
    migrate(db, migrations, 0);
    db.exec('CREATE TABLE something (a TEXT) STRICT');
    db.close();
    expect(() => openReadableDatabase(place.path('old.sqlite'))).toThrow(
      expect.objectContaining({ code: 'project-too-old' }),
    );
  });

  it('say plainly that a file is no database', () => {
    writeFileSync(
      place.path('bad.sqlite'),
      'this is not a database, and it is long enough to be sure of that'.repeat(40),
    );
    expect(() => openWritableDatabase(place.path('bad.sqlite'))).toThrow(
      expect.objectContaining({ code: 'project-damaged' }),
    );
  });
});

const firstVersionRows = `
  INSERT INTO project VALUES (1, 'id', 'name', '2026-01-01');
  INSERT INTO sources VALUES (1, 'hospital', '/data', '2026-01-01');
  INSERT INTO files VALUES (1, 1, 'a.dcm', 100, 1.5, 'image', NULL, NULL, 1);
  INSERT INTO patients VALUES (1, 'abc', 1);
  INSERT INTO instances (id, file_id, patient_id, TransferSyntaxUID, SOPInstanceUID, Rows, Columns, NumberOfFrames,
    SamplesPerPixel, PhotometricInterpretation, BitsAllocated, BitsStored, PixelRepresentation)
  VALUES (1, 1, 1, '1.2.840.10008.1.2.1', '2.25.1', 2, 2, 1, 1, 'MONOCHROME2', 8, 8, 0);
  INSERT INTO label_sets VALUES (1, 'labels', 'csv', '2026-01-01', '2026-01-01');
  INSERT INTO classes VALUES (1, 1, 'glioma');
  INSERT INTO labels VALUES (1, 1, 1, 'train', 'a person', '2026-01-01', 'csv');
  INSERT INTO splits VALUES (1, 1, '["glioma"]', 7, '{}', 'hash', '2026-01-01');
  INSERT INTO split_members VALUES (1, 1, 'train', 0);
`;
