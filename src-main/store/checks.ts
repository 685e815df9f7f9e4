import { z } from 'zod';
import { checkKinds, type CheckKind, type CheckReports, type StoredCheck } from '../contract/checks.ts';
import type { ReadableDatabase, WritableDatabase } from './database.ts';

const checkRow = z
  .object({
    run_id: z.int(),
    kind: z.enum(checkKinds),
    set_name: z.string(),
    report: z.string(),
    checked_at: z.string(),
  })
  .transform((row): StoredCheck => ({
    kind: row.kind,
    runId: row.run_id,
    setName: row.set_name === '' ? null : row.set_name,
    report: JSON.parse(row.report) as CheckReports[CheckKind],
    checkedAt: row.checked_at,
  }));

/** Keeps a check in place of an earlier one of the same kind on the same set. */
export function saveCheck<Kind extends CheckKind>(
  db: WritableDatabase,
  { kind, runId, setName, report }: Omit<StoredCheck<Kind>, 'checkedAt'>,
): void {
  db.prepare(
    `INSERT INTO checks (run_id, kind, set_name, report, checked_at) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT (run_id, kind, set_name) DO UPDATE SET report = excluded.report, checked_at = excluded.checked_at`,
  ).run(runId, kind, setName ?? '', JSON.stringify(report), new Date().toISOString());
}

/** What was checked of a run, by kind and set. */
export function listChecks(db: ReadableDatabase, runId: number): StoredCheck[] {
  const rows = db.prepare('SELECT * FROM checks WHERE run_id = ? ORDER BY kind, set_name').all(runId);
  return z.array(checkRow).parse(rows);
}

/** The checks of one kind. */
export const checksOfKind = <Kind extends CheckKind>(
  checks: readonly StoredCheck[],
  kind: Kind,
): StoredCheck<Kind>[] => checks.filter((one): one is StoredCheck<Kind> => one.kind === kind);
