import type { Migration } from '../migrate.ts';

/** Whether adapting helped: patients of the target that are labelled to judge by, what was found, and which model is kept. */
export const adaptationJudgements: Migration = {
  version: 13,
  name: 'adaptation-judgements',
  sql: `
    -- domains: JSON in canonical order, AdaptationDomains without the share. instance_ids: JSON. Chosen once: nobody may look for easier ones.
    CREATE TABLE target_audits (
      id INTEGER PRIMARY KEY,
      source_run_id INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
      domains TEXT NOT NULL,
      instance_ids TEXT NOT NULL,
      seed INTEGER NOT NULL,
      created_at TEXT NOT NULL,
      UNIQUE (source_run_id, domains)
    ) STRICT;

    -- judgement: JSON, AdaptationJudgement.
    CREATE TABLE adaptation_judgements (
      id INTEGER PRIMARY KEY,
      source_run_id INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
      domains TEXT NOT NULL,
      judgement TEXT NOT NULL,
      judged_at TEXT NOT NULL,
      kept_run_id INTEGER NOT NULL,
      kept_by TEXT NOT NULL CHECK (kept_by IN ('rule', 'person')),
      kept_at TEXT NOT NULL,
      UNIQUE (source_run_id, domains)
    ) STRICT;
  `,
};
