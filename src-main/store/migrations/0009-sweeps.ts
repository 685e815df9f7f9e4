import type { Migration } from '../migrate.ts';

/** Searches over training plans, and trainings that are made of several: what is a part of what. */
export const sweeps: Migration = {
  version: 9,
  name: 'sweeps',
  sql: `
    CREATE TABLE sweeps (
      id INTEGER PRIMARY KEY,
      split_id INTEGER NOT NULL REFERENCES splits (id),
      state TEXT NOT NULL
        CHECK (state IN ('queued', 'running', 'done', 'failed', 'cancelled', 'interrupted')),
      -- JSON: the plan that trials change, as it was given; Sweep; ErrorRecord at the end.
      plan TEXT NOT NULL,
      definition TEXT NOT NULL,
      error TEXT,
      created_at TEXT NOT NULL,
      finished_at TEXT
    ) STRICT;
    CREATE INDEX sweeps_by_split ON sweeps (split_id);

    -- choices: JSON, field of the plan → value. Drawn once, when the sweep is made.
    CREATE TABLE sweep_trials (
      sweep_id INTEGER NOT NULL REFERENCES sweeps (id) ON DELETE CASCADE,
      trial INTEGER NOT NULL,
      choices TEXT NOT NULL,
      PRIMARY KEY (sweep_id, trial)
    ) STRICT, WITHOUT ROWID;

    -- The trainings of a trial: one for each fold (from 1), or one with the split's own validation images (fold 0).
    CREATE TABLE sweep_runs (
      run_id INTEGER PRIMARY KEY REFERENCES runs (id) ON DELETE CASCADE,
      sweep_id INTEGER NOT NULL,
      trial INTEGER NOT NULL,
      fold INTEGER NOT NULL,
      UNIQUE (sweep_id, trial, fold),
      FOREIGN KEY (sweep_id, trial) REFERENCES sweep_trials (sweep_id, trial) ON DELETE CASCADE
    ) STRICT;

    -- The trainings, one for each fold, whose models answer together as one.
    CREATE TABLE ensemble_members (
      run_id INTEGER PRIMARY KEY REFERENCES runs (id) ON DELETE CASCADE,
      ensemble_id INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
      fold INTEGER NOT NULL,
      UNIQUE (ensemble_id, fold)
    ) STRICT;

    -- Of what a comparison's runs are a part; null: it stands for itself.
    ALTER TABLE comparisons ADD COLUMN part_of TEXT CHECK (part_of IN ('sweep', 'ensemble'));
    -- Mean squared distance of an ensemble's members from their mean; null for a single model.
    ALTER TABLE predictions ADD COLUMN disagreement REAL;
  `,
};
