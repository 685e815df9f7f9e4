import { z } from 'zod';
import {
  adaptationDomainsSchema,
  type AdaptationFacts,
  type AdaptationRecord,
  adaptationSchema,
} from '../contract/adaptation.ts';
import type { ReadableDatabase, WritableDatabase } from './database.ts';

const row = z
  .object({
    run_id: z.int(),
    source_run_id: z.int().nullable(),
    config: z.string(),
    domains: z.string(),
    facts: z.string(),
  })
  .transform((one): AdaptationRecord => ({
    runId: one.run_id,
    sourceRunId: one.source_run_id,
    // Rows that do not say were made when both domains were always normalised together.
    config: adaptationSchema.parse({ normalization: 'together', ...(JSON.parse(one.config) as object) }),
    domains: adaptationDomainsSchema.parse(JSON.parse(one.domains)),
    facts: JSON.parse(one.facts) as AdaptationFacts,
  }));

export function addAdaptation(db: WritableDatabase, record: AdaptationRecord): void {
  const { runId, sourceRunId, config, domains, facts } = record;
  const json = [config, domains, facts].map((value) => JSON.stringify(value));
  db.prepare(
    'INSERT INTO adaptations (run_id, source_run_id, config, domains, facts) VALUES (?, ?, ?, ?, ?)',
  ).run(runId, sourceRunId, ...json);
}

/** What a run was adapted from and to; null where it was not adapted. */
export function adaptationOfRun(db: ReadableDatabase, runId: number): AdaptationRecord | null {
  const found = db.prepare('SELECT * FROM adaptations WHERE run_id = ?').get(runId);
  return found === undefined ? null : row.parse(found);
}

/** Of all adapted runs, or of those that one run was adapted to; in the order in which they were made. */
export function listAdaptations(db: ReadableDatabase, sourceRunId: number | null = null): AdaptationRecord[] {
  const rows = db
    .prepare('SELECT * FROM adaptations WHERE ? IS NULL OR source_run_id = ? ORDER BY run_id')
    .all(sourceRunId, sourceRunId);
  return z.array(row).parse(rows);
}
