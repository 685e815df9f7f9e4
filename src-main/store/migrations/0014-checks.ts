import type { Migration } from '../migrate.ts';

/** What was asked of runs besides how often they are right: shortcuts, leakage, failures. */
export const checks: Migration = {
  version: 14,
  name: 'checks',
  sql: `
    -- set_name: empty for a check that looks at no set. report: JSON, by kind. The last of each is kept.
    CREATE TABLE checks (
      id INTEGER PRIMARY KEY,
      run_id INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
      kind TEXT NOT NULL CHECK (kind IN ('shortcuts', 'leakage', 'failures')),
      set_name TEXT NOT NULL,
      report TEXT NOT NULL,
      checked_at TEXT NOT NULL,
      UNIQUE (run_id, kind, set_name)
    ) STRICT;
  `,
};
