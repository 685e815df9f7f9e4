import { z } from 'zod';
import type { ReadableDatabase, WritableDatabase } from './database.ts';
import type { JudgementKey } from './judgements.ts';

/** Images of the target that were chosen to judge by. */
export interface StoredAudit {
  id: number;
  sourceRunId: number;
  instanceIds: number[];
  seed: number;
  createdAt: string;
}

const auditRow = z
  .object({
    id: z.int(),
    source_run_id: z.int(),
    instance_ids: z.string(),
    seed: z.int(),
    created_at: z.string(),
  })
  .transform((row): StoredAudit => ({
    id: row.id,
    sourceRunId: row.source_run_id,
    instanceIds: z.array(z.int()).parse(JSON.parse(row.instance_ids)),
    seed: row.seed,
    createdAt: row.created_at,
  }));

export function getAudit(db: ReadableDatabase, { sourceRunId, domains }: JudgementKey): StoredAudit | null {
  const row = db
    .prepare('SELECT * FROM target_audits WHERE source_run_id = ? AND domains = ?')
    .get(sourceRunId, domains);
  return row === undefined ? null : auditRow.parse(row);
}

/** Further images behind those that are there; none is ever taken away. */
export function saveAudit(
  db: WritableDatabase,
  { sourceRunId, domains }: JudgementKey,
  instanceIds: readonly number[],
  seed: number,
): StoredAudit {
  db.prepare(
    `INSERT INTO target_audits (source_run_id, domains, instance_ids, seed, created_at) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT (source_run_id, domains) DO UPDATE SET instance_ids = excluded.instance_ids`,
  ).run(sourceRunId, domains, JSON.stringify(instanceIds), seed, new Date().toISOString());
  return getAudit(db, { sourceRunId, domains })!;
}

/** Images of all audits of a model that arrived, and of what it was adapted to. @param weights its hash */
export function listAuditedInstances(db: ReadableDatabase, weights: string): number[] {
  const rows = db
    .prepare(
      `SELECT instance_ids FROM target_audits JOIN runs_of_arrived ON run_id = source_run_id WHERE weights = ?`,
    )
    .pluck()
    .all(weights);
  return rows.flatMap((row) => z.array(z.int()).parse(JSON.parse(z.string().parse(row))));
}
