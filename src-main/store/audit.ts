import { z } from 'zod';
import { auditKinds, type AuditEntry, type AuditKind } from '../contract/audit.ts';
import { canonicalJson } from '../platform/canonical-json.ts';
import { sha256 } from '../platform/files.ts';
import { auditHeadMoved, lastAuditEntry } from './audit-head.ts';
import type { ReadableDatabase, WritableDatabase } from './database.ts';

/** What the first entry follows. */
export const NOTHING_BEFORE = '0'.repeat(64);

/** Changes of labels up to so many stand in the trail one by one; of more, their number and hash. */
const CHANGES_SHOWN = 50;

/** SHA-256 of an entry: of its number, time, kind, payload as stored, and the hash before it. */
export const auditHash = (seq: number, at: string, kind: string, payload: string, previous: string): string =>
  sha256(canonicalJson([seq, at, kind, payload, previous]));

/**
 * Enters an act into the audit trail. Call inside the transaction of the act, so that neither is without the other.
 *
 * @param payload numbers, hashes and words of Graft's own: never a name, a path or anything that was read from a file
 */
export function appendAudit(db: WritableDatabase, kind: AuditKind, payload: Record<string, unknown>): void {
  db.transaction(() => {
    auditLabelChanges(db);
    append(db, kind, payload);
  })();
}

function append(db: WritableDatabase, kind: AuditKind, payload: Record<string, unknown>): void {
  const before = lastAuditEntry(db);
  const seq = (before?.seq ?? 0) + 1;
  const previous = before?.hash ?? NOTHING_BEFORE;
  const at = new Date().toISOString();
  const text = canonicalJson(payload);
  db.prepare('INSERT INTO audit (seq, at, kind, payload, previous, hash) VALUES (?, ?, ?, ?, ?, ?)').run(
    seq,
    at,
    kind,
    text,
    previous,
    auditHash(seq, at, kind, text, previous),
  );
  auditHeadMoved(db);
}

const changeRow = z.tuple([
  z.int(),
  z.int(),
  z.string().nullable(),
  z.string().nullable(),
  z.string().nullable(),
]);

/**
 * Enters what was changed of labels since this was called last, one entry for each label set. Call at the end of a transaction that
 * changes labels; what is forgotten is entered with the next act.
 */
export function auditLabelChanges(db: WritableDatabase): void {
  const rows = z
    .array(changeRow)
    .parse(
      db
        .prepare(
          'SELECT label_set_id, instance_id, before, after, changed_by FROM audit_label_changes ORDER BY id',
        )
        .raw()
        .all(),
    );
  if (rows.length === 0) return;
  for (const [labelSet, changes] of Map.groupBy(rows, ([set]) => set)) {
    const list = changes.map(([, image, before, after]) => [image, before, after]);
    append(db, 'labels', {
      labelSet,
      by: [...new Set(changes.flatMap(([, , , , by]) => by ?? []))].sort(),
      changes: list.length,
      // Image, class before, class after.
      ...(list.length <= CHANGES_SHOWN ? { list } : {}),
      sha256: sha256(canonicalJson(list)),
    });
  }
  db.exec('DELETE FROM audit_label_changes');
}

/** The trail of a project that has none begins with how much there was by then. */
export function beginAudit(db: WritableDatabase): void {
  db.transaction(() => {
    if (lastAuditEntry(db)) return auditLabelChanges(db);
    const count = (table: string): unknown => db.prepare(`SELECT count(*) FROM ${table}`).pluck().get();
    const last = db.prepare('SELECT coalesce(max(id), 0) FROM openings').pluck().get();
    append(db, 'begun', {
      instances: count('instances'),
      labels: count('labels'),
      runs: count('runs'),
      openings: count('openings'),
      lastOpening: last,
    });
  })();
}

const entryRow = z
  .object({
    seq: z.int(),
    at: z.string(),
    kind: z.enum(auditKinds),
    payload: z.string(),
    previous: z.string(),
    hash: z.string(),
  })
  .transform((row): AuditEntry => ({
    ...row,
    payload: JSON.parse(row.payload) as Record<string, unknown>,
  }));

/**
 * Entries, the newest first.
 *
 * @param most how many; default all
 */
export function listAudit(db: ReadableDatabase, most = -1): AuditEntry[] {
  const rows = db.prepare('SELECT * FROM audit ORDER BY seq DESC LIMIT ?').all(most);
  return z.array(entryRow).parse(rows);
}
