import type { Migration } from '../migrate.ts';

/** Jobs, trainings, what they predicted, and how often a held-out set was opened. */
export const runs: Migration = {
  version: 2,
  name: 'runs',
  sql: `
    CREATE TABLE jobs (
      id INTEGER PRIMARY KEY,
      kind TEXT NOT NULL,
      title TEXT NOT NULL,
      state TEXT NOT NULL
        CHECK (state IN ('queued', 'running', 'done', 'failed', 'cancelled', 'interrupted')),
      created_at TEXT NOT NULL,
      started_at TEXT,
      finished_at TEXT,
      -- JSON: the last Progress, and the ErrorRecord.
      progress TEXT,
      error TEXT
    ) STRICT;
    CREATE INDEX jobs_by_state ON jobs (state);

    -- Runs on one split that are set beside one another in a report.
    CREATE TABLE comparisons (
      id INTEGER PRIMARY KEY,
      split_id INTEGER NOT NULL REFERENCES splits (id),
      created_at TEXT NOT NULL
    ) STRICT;
    CREATE INDEX comparisons_by_split ON comparisons (split_id);

    CREATE TABLE runs (
      id INTEGER PRIMARY KEY,
      comparison_id INTEGER NOT NULL REFERENCES comparisons (id) ON DELETE CASCADE,
      approach TEXT NOT NULL CHECK (approach IN ('majority', 'probe', 'scratch', 'fine-tuned')),
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

    -- metrics: JSON, EpochMetrics.
    CREATE TABLE epochs (
      run_id INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
      epoch INTEGER NOT NULL,
      metrics TEXT NOT NULL,
      PRIMARY KEY (run_id, epoch)
    ) STRICT, WITHOUT ROWID;

    -- A held-out set opened on purpose. Openings are never deleted while their split is there.
    CREATE TABLE openings (
      id INTEGER PRIMARY KEY,
      split_id INTEGER NOT NULL REFERENCES splits (id) ON DELETE CASCADE,
      set_name TEXT NOT NULL,
      comparison_id INTEGER REFERENCES comparisons (id) ON DELETE SET NULL,
      opened_at TEXT NOT NULL
    ) STRICT;
    CREATE INDEX openings_by_split ON openings (split_id, set_name);
    CREATE INDEX openings_by_comparison ON openings (comparison_id);

    -- What a run predicted for one set: validation, test, or the name of an evaluation set.
    CREATE TABLE evaluations (
      id INTEGER PRIMARY KEY,
      run_id INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
      set_name TEXT NOT NULL,
      evaluated_at TEXT NOT NULL,
      UNIQUE (run_id, set_name)
    ) STRICT;

    -- position: order within the set. The instance may go from the project; its prediction stays.
    CREATE TABLE predictions (
      evaluation_id INTEGER NOT NULL REFERENCES evaluations (id) ON DELETE CASCADE,
      position INTEGER NOT NULL,
      instance_id INTEGER REFERENCES instances (id) ON DELETE SET NULL,
      frame_index INTEGER NOT NULL,
      patient_key TEXT NOT NULL,
      subgroup TEXT,
      label INTEGER NOT NULL,
      -- float32, little-endian, in class order.
      probabilities BLOB NOT NULL,
      -- Why the image is left out of the main result; null for images that count.
      excluded TEXT,
      PRIMARY KEY (evaluation_id, position)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX predictions_by_instance ON predictions (instance_id);

    -- Models exported from runs; path is relative to the project's folder.
    CREATE TABLE models (
      id INTEGER PRIMARY KEY,
      run_id INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
      path TEXT NOT NULL,
      sha256 TEXT NOT NULL,
      bytes INTEGER NOT NULL,
      -- Largest difference between the file's predictions and the trainer's, and on how many images.
      largest_difference REAL NOT NULL,
      images_compared INTEGER NOT NULL,
      exported_at TEXT NOT NULL
    ) STRICT;
    CREATE INDEX models_by_run ON models (run_id);
  `,
};
