import type { Migration } from '../migrate.ts';

/** The training plan that a person works on. */
export const plans: Migration = {
  version: 6,
  name: 'plans',
  sql: `
    -- JSON: Plan. One row for now: the plan of the project.
    CREATE TABLE plans (
      id INTEGER PRIMARY KEY,
      plan TEXT NOT NULL,
      saved_at TEXT NOT NULL
    ) STRICT;
  `,
};
