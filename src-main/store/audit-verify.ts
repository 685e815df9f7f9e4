import { z } from 'zod';
import type { AuditVerification } from '../contract/audit.ts';
import { canonicalJson } from '../platform/canonical-json.ts';
import { auditHash, NOTHING_BEFORE } from './audit.ts';
import { hasAuditEntry, lastAuditEntry, readAuditHead } from './audit-head.ts';
import type { ReadableDatabase } from './database.ts';

const rawRow = z.tuple([z.int(), z.string(), z.string(), z.string(), z.string(), z.string()]);

/**
 * Checks the whole trail: that every entry is there and as it was written, that it leads to the head that is kept outside the project,
 * and that the openings of held-out sets that it tells of are those that the project counts.
 */
export function verifyAudit(db: ReadableDatabase, projectId: string): AuditVerification {
  // One state of the database for all questions, while another process may write.
  return db.transaction(() => {
    const entries = z.int().parse(db.prepare('SELECT count(*) FROM audit').pluck().get());
    const head = lastAuditEntry(db)?.hash ?? null;
    const broken = firstBroken(db);
    const headKept = headState(db, projectId);
    const disagreements = broken ? [] : openingsThatDisagree(db);
    const intact = broken === null && headKept !== 'differs' && disagreements.length === 0;
    const verification = { entries, head, broken, headKept, disagreements, intact };
    return { ...verification, sentence: sentenceOf(verification, projectId) };
  })();
}

function firstBroken(db: ReadableDatabase): AuditVerification['broken'] {
  let expected = 1;
  let before = NOTHING_BEFORE;
  const rows = db.prepare('SELECT seq, at, kind, payload, previous, hash FROM audit ORDER BY seq').raw();
  for (const row of rows.iterate()) {
    const read = rawRow.safeParse(row);
    if (!read.success) return { seq: expected, what: 'it holds something that Graft does not write' };
    const [seq, at, kind, payload, previous, hash] = read.data;
    if (seq !== expected) return { seq: expected, what: `it is missing; the next one is entry ${seq}` };
    if (previous !== before) return { seq, what: 'it does not follow the entry before it' };
    if (!isCanonical(payload) || auditHash(seq, at, kind, payload, previous) !== hash)
      return { seq, what: 'it was changed after it was written' };
    before = hash;
    expected++;
  }
  return null;
}

function isCanonical(payload: string): boolean {
  try {
    return canonicalJson(JSON.parse(payload)) === payload;
  } catch {
    return false;
  }
}

function headState(db: ReadableDatabase, projectId: string): AuditVerification['headKept'] {
  const kept = readAuditHead(projectId);
  if (!kept) return 'missing';
  if (!hasAuditEntry(db, kept)) return 'differs';
  return kept.seq === lastAuditEntry(db)?.seq ? 'agrees' : 'behind';
}

const openingRow = z.tuple([z.int(), z.int(), z.string()]);
const begun = z.object({ lastOpening: z.int() });

/** Openings since the trail began, by what the trail says and by what the project counts. */
function openingsThatDisagree(db: ReadableDatabase): string[] {
  const first = z
    .string()
    .optional()
    .parse(db.prepare(`SELECT payload FROM audit WHERE kind = 'begun' ORDER BY seq LIMIT 1`).pluck().get());
  if (first === undefined) return [];
  const { lastOpening } = begun.parse(JSON.parse(first));
  const read = (sql: string, ...values: unknown[]): Map<number, string> =>
    new Map(
      z
        .array(openingRow)
        .parse(
          db
            .prepare(sql)
            .raw()
            .all(...values),
        )
        .map(([id, split, set]) => [id, `${split} ${set}`]),
    );
  const told = read(
    `SELECT json_extract(payload, '$.opening'), json_extract(payload, '$.split'), json_extract(payload, '$.set')
     FROM audit WHERE kind = 'opening'`,
  );
  const counted = read('SELECT id, split_id, set_name FROM openings WHERE id > ?', lastOpening);
  const gone = [...told].filter(([id, what]) => counted.get(id) !== what);
  const added = [...counted].filter(([id]) => !told.has(id));
  return [
    ...gone.map(
      ([id]) =>
        `Opening ${id} of a held-out set stands in the trail, and the project does not count it as it was.`,
    ),
    ...added.map(
      ([id]) =>
        `Opening ${id} of a held-out set is counted in the project, and the trail does not know of it.`,
    ),
  ];
}

function sentenceOf(found: Omit<AuditVerification, 'sentence'>, projectId: string): string {
  const { entries, broken, headKept, disagreements } = found;
  if (broken) return `Entry ${broken.seq} of ${entries} is broken: ${broken.what}.`;
  if (headKept === 'differs') {
    const kept = readAuditHead(projectId);
    return `The trail was cut or written anew: entry ${kept?.seq}, whose hash is kept outside the project, is not in it as it was. A project that was put back from a backup looks the same.`;
  }
  if (disagreements.length > 0) return disagreements[0];
  const whole = `All ${entries} entries are as they were written`;
  if (headKept === 'missing')
    return `${whole}; whether the last ones were cut off cannot be told, as their hash is not kept on this machine.`;
  return headKept === 'behind'
    ? `${whole}; the last of them are newer than the hash that is kept outside the project.`
    : `${whole}, and the last one is the one whose hash is kept outside the project.`;
}
