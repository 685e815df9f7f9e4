import { z } from 'zod';
import type { RefusedFile } from '../contract/instances.ts';
import type { ReadableDatabase, WritableDatabase } from './database.ts';

/** A file as the last scan left it. */
export interface KnownFile {
  id: number;
  /** Relative to the source, with forward slashes. */
  path: string;
  size: number;
  mtimeMs: number;
  present: boolean;
}

const knownRow = z
  .tuple([z.int(), z.string(), z.int(), z.number(), z.int()])
  .transform(([id, path, size, mtimeMs, present]): KnownFile => ({
    id,
    path,
    size,
    mtimeMs,
    present: present === 1,
  }));

/** Every file that was ever seen in a source, by path. */
export function knownFiles(db: ReadableDatabase, sourceId: number): Map<string, KnownFile> {
  const rows = db
    .prepare('SELECT id, path, size, mtime_ms, present FROM files WHERE source_id = ?')
    .raw()
    .iterate(sourceId);
  const files = new Map<string, KnownFile>();
  for (const row of rows) {
    const file = knownRow.parse(row);
    files.set(file.path, file);
  }
  return files;
}

/** Says of files whether they are there now. */
export function setFilesPresent(db: WritableDatabase, ids: readonly number[], present: boolean): void {
  const update = db.prepare('UPDATE files SET present = ? WHERE id = ?');
  for (const id of ids) update.run(present ? 1 : 0, id);
}

const refusedRow = z.object({
  source: z.string(),
  path: z.string(),
  reason: z.string(),
  message: z.string(),
});

/** The files of a source (default all) that give no image, by path. */
export function listRefusedFiles(db: ReadableDatabase, sourceId: number | null = null): RefusedFile[] {
  return db
    .prepare(
      `SELECT sources.name AS source, files.path, reason, message FROM files JOIN sources ON sources.id = source_id
      WHERE status = 'refused' AND present = 1 AND (@sourceId IS NULL OR source_id = @sourceId)
      ORDER BY source_id, files.path`,
    )
    .all({ sourceId })
    .map((row) => refusedRow.parse(row));
}

const countRow = z.tuple([z.string(), z.int()]);

/** How many files of a source are refused, by reason. */
export function countRefusedFiles(db: ReadableDatabase, sourceId: number): Record<string, number> {
  const rows = db
    .prepare(
      `SELECT reason, count(*) FROM files WHERE status = 'refused' AND present = 1 AND source_id = ?
      GROUP BY reason ORDER BY reason`,
    )
    .raw()
    .all(sourceId);
  return Object.fromEntries(rows.map((row) => countRow.parse(row)));
}
