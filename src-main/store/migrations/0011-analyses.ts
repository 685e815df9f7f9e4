import type { Migration } from '../migrate.ts';

/** How results are analysed, and what validation data fitted for that. */
export const analyses: Migration = {
  version: 11,
  name: 'analyses',
  sql: `
    -- settings: JSON, AnalysisSettings. A row for each time that they were chosen; the last one counts, the others tell what was changed
    -- after a held-out set had been opened.
    CREATE TABLE analysis_settings (
      id INTEGER PRIMARY KEY,
      comparison_id INTEGER NOT NULL REFERENCES comparisons (id) ON DELETE CASCADE,
      settings TEXT NOT NULL,
      chosen_at TEXT NOT NULL
    ) STRICT;
    CREATE INDEX analysis_settings_by_comparison ON analysis_settings (comparison_id);

    -- fitted: JSON, FittedModel: thresholds, recalibrations and prediction sets. basis: hash of the validation predictions and the settings
    -- that it was fitted from.
    CREATE TABLE fits (
      run_id INTEGER PRIMARY KEY REFERENCES runs (id) ON DELETE CASCADE,
      basis TEXT NOT NULL,
      fitted TEXT NOT NULL,
      fitted_at TEXT NOT NULL
    ) STRICT;
  `,
};
