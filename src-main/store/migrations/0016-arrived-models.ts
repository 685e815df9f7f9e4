import type { Migration } from '../migrate.ts';

/** Models that were trained in another project, and the runs that stand on them here. */
export const arrivedModels: Migration = {
  version: 16,
  name: 'arrived-models',
  sql: `
    -- weights: SHA-256 of them. origin: JSON, ModelOrigin.
    CREATE TABLE arrived_models (
      weights TEXT PRIMARY KEY,
      origin TEXT NOT NULL,
      arrived_at TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;

    -- The run that stands for the model as it came, its copies, and those that were adapted from them.
    CREATE TABLE runs_of_arrived (
      run_id INTEGER PRIMARY KEY REFERENCES runs (id) ON DELETE CASCADE,
      weights TEXT NOT NULL REFERENCES arrived_models (weights),
      as_it_came INTEGER NOT NULL CHECK (as_it_came IN (0, 1))
    ) STRICT;
    CREATE INDEX runs_of_arrived_by_weights ON runs_of_arrived (weights);
  `,
};
