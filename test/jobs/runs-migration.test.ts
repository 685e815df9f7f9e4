import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { migrate, migrations } from '../../src-main/store/index.ts';

describe('the step of the schema that brings runs', () => {
  let db: Database.Database;
  beforeEach(() => {
    db = new Database(':memory:');
    db.pragma('foreign_keys = ON');
    migrate(db, migrations, 1);
    db.exec(`
      INSERT INTO sources VALUES (1, 'a', '/a', 'now');
      INSERT INTO files (id, source_id, path, size, mtime_ms, status) VALUES (1, 1, 'x', 1, 1, 'image');
      INSERT INTO patients VALUES (1, 'key', 1);
      INSERT INTO instances (id, file_id, patient_id, TransferSyntaxUID, Rows, Columns, NumberOfFrames,
        SamplesPerPixel, PhotometricInterpretation, BitsAllocated, BitsStored, PixelRepresentation)
        VALUES (1, 1, 1, '1.2', 1, 1, 1, 1, 'MONOCHROME2', 16, 12, 0);
      INSERT INTO label_sets VALUES (1, 'labels', 'csv', 'now', 'now');
      INSERT INTO splits VALUES (1, 1, '["a","b"]', 0, '{}', 'hash', 'now');
    `);
    migrate(db, migrations, 2);
    db.exec(`
      INSERT INTO comparisons VALUES (1, 1, 'now');
      INSERT INTO runs (id, comparison_id, approach, state, config, preprocessing, environment, created_at)
        VALUES (1, 1, 'probe', 'done', '{}', '{}', '{}', 'now');
      INSERT INTO evaluations VALUES (1, 1, 'test', 'now');
      INSERT INTO predictions VALUES (1, 0, 1, 0, 'key', NULL, 0, x'00000000', NULL);
    `);
  });
  afterEach(() => db.close());

  test('keeps what was in the project before', () => {
    expect(db.prepare('SELECT hash FROM splits').pluck().all()).toEqual(['hash']);
    expect(db.prepare('SELECT path FROM files').pluck().all()).toEqual(['x']);
  });

  test('keeps a prediction when its image leaves the project', () => {
    db.exec('DELETE FROM instances');
    expect(db.prepare('SELECT instance_id, patient_key FROM predictions').all()).toEqual([
      { instance_id: null, patient_key: 'key' },
    ]);
  });

  test('does not let a split go that a run was made on', () => {
    expect(() => db.exec('DELETE FROM splits')).toThrow('FOREIGN KEY');
  });

  test('refuses states and approaches that do not exist', () => {
    expect(() => db.exec(`UPDATE runs SET state = 'paused'`)).toThrow('CHECK');
    expect(() => db.exec(`UPDATE runs SET approach = 'best'`)).toThrow('CHECK');
  });
});
