import type { Migration } from '../migrate.ts';

/** Runs that were adapted to another domain, beside the run that they were adapted from. */
export const adaptation: Migration = {
  version: 12,
  name: 'adaptation',
  // An approach more is another CHECK, which SQLite takes only with the table: what refers to it stays.
  rebuilds: true,
  sql: `
    CREATE TABLE runs_rebuilt (
      id INTEGER PRIMARY KEY,
      comparison_id INTEGER NOT NULL REFERENCES comparisons (id) ON DELETE CASCADE,
      -- adapted-METHOD: adapted to another domain by it.
      approach TEXT NOT NULL
        CHECK (approach IN ('majority', 'probe', 'scratch', 'fine-tuned') OR approach GLOB 'adapted-?*'),
      state TEXT NOT NULL
        CHECK (state IN ('queued', 'running', 'done', 'failed', 'cancelled', 'interrupted')),
      -- JSON: TrainingConfig, Preprocessing, versions of what ran; RunResult and ErrorRecord at the end.
      config TEXT NOT NULL,
      preprocessing TEXT NOT NULL,
      environment TEXT NOT NULL,
      -- SHA-256 of the weights that training started from.
      starting_weights TEXT,
      result TEXT,
      error TEXT,
      created_at TEXT NOT NULL,
      started_at TEXT,
      finished_at TEXT,
      UNIQUE (comparison_id, approach)
    ) STRICT;
    INSERT INTO runs_rebuilt SELECT id, comparison_id, approach, state, config, preprocessing, environment,
      starting_weights, result, error, created_at, started_at, finished_at FROM runs;
    DROP TABLE runs;
    ALTER TABLE runs_rebuilt RENAME TO runs;

    -- What a run was adapted from and to. JSON: AdaptationConfig, AdaptationDomains, AdaptationFacts.
    CREATE TABLE adaptations (
      run_id INTEGER PRIMARY KEY REFERENCES runs (id) ON DELETE CASCADE,
      source_run_id INTEGER REFERENCES runs (id) ON DELETE SET NULL,
      config TEXT NOT NULL,
      domains TEXT NOT NULL,
      facts TEXT NOT NULL
    ) STRICT;
    CREATE INDEX adaptations_by_source ON adaptations (source_run_id);
  `,
};
