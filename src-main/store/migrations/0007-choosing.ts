import type { Migration } from '../migrate.ts';

/** What was found out before a training: which model suits, and which learning rate. */
export const choosing: Migration = {
  version: 7,
  name: 'choosing',
  sql: `
    -- JSON: ModelRanking.
    CREATE TABLE rankings (
      id INTEGER PRIMARY KEY,
      ranking TEXT NOT NULL,
      ranked_at TEXT NOT NULL
    ) STRICT;
    INSERT INTO rankings (ranking, ranked_at)
      SELECT result, finished_at FROM jobs
      WHERE kind = 'rank' AND state = 'done' AND result IS NOT NULL AND finished_at IS NOT NULL
      ORDER BY id;
    -- fingerprint: SHA-256 of all of the plan, its images and its split that the curve depends on. sweep: JSON, RateSweep.
    CREATE TABLE rate_sweeps (
      id INTEGER PRIMARY KEY,
      fingerprint TEXT NOT NULL,
      sweep TEXT NOT NULL,
      swept_at TEXT NOT NULL
    ) STRICT;
    CREATE INDEX rate_sweeps_by_plan ON rate_sweeps (fingerprint);
  `,
};
