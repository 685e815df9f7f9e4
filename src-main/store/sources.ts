import { z } from 'zod';
import type { Source } from '../contract/instances.ts';
import { appendAudit } from './audit.ts';
import type { ReadableDatabase, WritableDatabase } from './database.ts';

const sourceRow = z
  .object({ id: z.int(), name: z.string(), path: z.string(), added_at: z.string() })
  .transform(({ added_at: addedAt, ...rest }): Source => ({ ...rest, addedAt }));

/** All sources, in the order in which they were added. */
export function listSources(db: ReadableDatabase): Source[] {
  return db
    .prepare('SELECT * FROM sources ORDER BY id')
    .all()
    .map((row) => sourceRow.parse(row));
}

/** The source of a folder, added where it is new. A name that is taken gets a number behind it. */
export function ensureSource(db: WritableDatabase, path: string, name: string): Source {
  const sources = listSources(db);
  const known = sources.find((source) => source.path === path);
  if (known) return known;
  const taken = new Set(sources.map((source) => source.name));
  let free = name;
  for (let number = 2; taken.has(free); number++) free = `${name}-${number}`;
  const addedAt = new Date().toISOString();
  const { lastInsertRowid } = db
    .prepare('INSERT INTO sources (name, path, added_at) VALUES (?, ?, ?)')
    .run(free, path, addedAt);
  return { id: Number(lastInsertRowid), name: free, path, addedAt };
}

const stakesRow = z.object({ labels: z.int(), splitMembers: z.int() });

/** What hangs on a source's images: labels, and places in stored splits. */
export function sourceStakes(db: ReadableDatabase, sourceId: number): z.output<typeof stakesRow> {
  const row = db
    .prepare(
      `WITH mine AS (
        SELECT instances.id FROM instances JOIN files ON files.id = file_id WHERE source_id = ?
      ) SELECT (SELECT count(*) FROM labels WHERE instance_id IN mine) AS labels,
        (SELECT count(*) FROM split_members WHERE instance_id IN mine) AS splitMembers`,
    )
    .get(sourceId);
  return stakesRow.parse(row);
}

/** Deletes a source with everything that is stored of its files. Patients without images go with it. */
export function deleteSource(db: WritableDatabase, sourceId: number): void {
  db.transaction(() => {
    const stakes = sourceStakes(db, sourceId);
    db.prepare('DELETE FROM sources WHERE id = ?').run(sourceId);
    db.exec('DELETE FROM patients WHERE id NOT IN (SELECT patient_id FROM instances)');
    appendAudit(db, 'source-removed', { source: sourceId, ...stakes });
  })();
}
