import type { Migration } from '../migrate.ts';

/** What a window shows of jobs and trainings beyond what the command line does. */
export const desk: Migration = {
  version: 3,
  name: 'desk',
  sql: `
    -- JSON: what the job came to, for whoever looks later.
    ALTER TABLE jobs ADD COLUMN result TEXT;
    -- As a person calls it; null: by its number.
    ALTER TABLE comparisons ADD COLUMN name TEXT;
  `,
};
