import { z } from 'zod';
import type { AdaptationJudgement, StoredJudgement } from '../contract/adaptation-judgement.ts';
import type { ReadableDatabase, WritableDatabase } from './database.ts';

/** One adapted run's origin and target, in canonical words: runs that share them are judged together. */
export interface JudgementKey {
  sourceRunId: number;
  domains: string;
}

const judgementRow = z
  .object({
    id: z.int(),
    judgement: z.string(),
    judged_at: z.string(),
    kept_run_id: z.int(),
    kept_by: z.enum(['rule', 'person']),
    kept_at: z.string(),
  })
  .transform((row): StoredJudgement => ({
    id: row.id,
    judgement: JSON.parse(row.judgement) as AdaptationJudgement,
    judgedAt: row.judged_at,
    kept: { runId: row.kept_run_id, by: row.kept_by, keptAt: row.kept_at },
  }));

/** Replaces what was found before. What a person decided stays decided, as long as that run still stands for election. */
export function saveJudgement(
  db: WritableDatabase,
  { sourceRunId, domains }: JudgementKey,
  judgement: AdaptationJudgement,
): StoredJudgement {
  const now = new Date().toISOString();
  return db.transaction(() => {
    const before = getJudgement(db, { sourceRunId, domains });
    const decided =
      before?.kept.by === 'person' && judgement.candidates.some(({ runId }) => runId === before.kept.runId)
        ? before.kept
        : { runId: judgement.selected, by: 'rule', keptAt: now };
    db.prepare(
      `INSERT INTO adaptation_judgements (source_run_id, domains, judgement, judged_at, kept_run_id, kept_by, kept_at)
       VALUES (?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (source_run_id, domains) DO UPDATE SET judgement = excluded.judgement, judged_at = excluded.judged_at,
         kept_run_id = excluded.kept_run_id, kept_by = excluded.kept_by, kept_at = excluded.kept_at`,
    ).run(sourceRunId, domains, JSON.stringify(judgement), now, decided.runId, decided.by, decided.keptAt);
    return getJudgement(db, { sourceRunId, domains })!;
  })();
}

export function getJudgement(
  db: ReadableDatabase,
  { sourceRunId, domains }: JudgementKey,
): StoredJudgement | null {
  const row = db
    .prepare('SELECT * FROM adaptation_judgements WHERE source_run_id = ? AND domains = ?')
    .get(sourceRunId, domains);
  return row === undefined ? null : judgementRow.parse(row);
}

/** The newest first. */
export function listJudgements(db: ReadableDatabase): StoredJudgement[] {
  const rows = db.prepare('SELECT * FROM adaptation_judgements ORDER BY judged_at DESC, id DESC').all();
  return z.array(judgementRow).parse(rows);
}

/** A person's decision. */
export function keepModel(db: WritableDatabase, judgementId: number, runId: number): void {
  db.prepare(
    `UPDATE adaptation_judgements SET kept_run_id = ?, kept_by = 'person', kept_at = ? WHERE id = ?`,
  ).run(runId, new Date().toISOString(), judgementId);
}
