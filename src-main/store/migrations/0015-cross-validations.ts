import type { Migration } from '../migrate.ts';

/** Cross-validations: evaluations over all patients, each fold with a split and trainings of its own. */
export const crossValidations: Migration = {
  version: 15,
  name: 'cross-validations',
  // Another thing that trainings can be a part of is another CHECK, which SQLite takes only with the table.
  rebuilds: true,
  sql: `
    CREATE TABLE cross_validations (
      id INTEGER PRIMARY KEY,
      -- Whose patients are dealt to folds.
      split_id INTEGER NOT NULL REFERENCES splits (id),
      state TEXT NOT NULL
        CHECK (state IN ('queued', 'running', 'done', 'failed', 'cancelled', 'interrupted')),
      -- JSON: the plan as it was given; CrossValidation; DealtPatients; at the end CrossValidationResult and ErrorRecord.
      plan TEXT NOT NULL,
      definition TEXT NOT NULL,
      dealt TEXT NOT NULL,
      result TEXT,
      error TEXT,
      created_at TEXT NOT NULL,
      finished_at TEXT
    ) STRICT;
    CREATE INDEX cross_validations_by_split ON cross_validations (split_id);

    -- Each fold is a split: its test patients are those of the fold, which nothing trained on it may see. From 1.
    CREATE TABLE cross_validation_folds (
      cross_validation_id INTEGER NOT NULL REFERENCES cross_validations (id) ON DELETE CASCADE,
      fold INTEGER NOT NULL,
      split_id INTEGER NOT NULL UNIQUE REFERENCES splits (id),
      PRIMARY KEY (cross_validation_id, fold)
    ) STRICT, WITHOUT ROWID;

    -- Null: the split stands for itself.
    ALTER TABLE splits ADD COLUMN part_of TEXT CHECK (part_of IN ('cross-validation'));
    -- By which cross-validation a held-out set was opened; null: by a training.
    ALTER TABLE openings ADD COLUMN cross_validation_id INTEGER
      REFERENCES cross_validations (id) ON DELETE SET NULL;
    CREATE INDEX openings_by_cross_validation ON openings (cross_validation_id);

    CREATE TABLE comparisons_rebuilt (
      id INTEGER PRIMARY KEY,
      split_id INTEGER NOT NULL REFERENCES splits (id),
      created_at TEXT NOT NULL,
      name TEXT,
      -- Of what its runs are a part; null: it stands for itself.
      part_of TEXT CHECK (part_of IN ('sweep', 'ensemble', 'cross-validation'))
    ) STRICT;
    INSERT INTO comparisons_rebuilt SELECT id, split_id, created_at, name, part_of FROM comparisons;
    DROP TABLE comparisons;
    ALTER TABLE comparisons_rebuilt RENAME TO comparisons;
    CREATE INDEX comparisons_by_split ON comparisons (split_id);
  `,
};
