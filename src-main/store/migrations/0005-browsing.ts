import type { Migration } from '../migrate.ts';

/** What opening and browsing a project of a hundred thousand images asks for most. */
export const browsing: Migration = {
  version: 5,
  name: 'browsing',
  sql: `
    CREATE INDEX files_present ON files (present, status, source_id);
    CREATE INDEX instances_by_file_and_patient ON instances (file_id, patient_id);
    CREATE INDEX instances_by_series ON instances (SeriesInstanceUID);
  `,
};
