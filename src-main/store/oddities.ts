import { z } from 'zod';
import type { RefusedFile } from '../contract/instances.ts';
import type { ReadableDatabase } from './database.ts';

const ids = (rows: unknown[]): Set<number> => new Set(rows as number[]);

/** Images with a frame that could not be decoded. */
export function undecodableInstances(db: ReadableDatabase): Set<number> {
  return ids(db.prepare('SELECT DISTINCT instance_id FROM preparation_failures').pluck().all());
}

/** Images whose pixels were compared, or could not be. */
export function inspectedInstances(db: ReadableDatabase): Set<number> {
  const rows = db
    .prepare(
      'SELECT DISTINCT instance_id FROM pixel_hashes UNION SELECT DISTINCT instance_id FROM preparation_failures',
    )
    .pluck()
    .all();
  return ids(rows);
}

/** Patients that stand for a study or a file, because it names none. */
export function unidentifiedPatients(db: ReadableDatabase): Set<number> {
  return ids(db.prepare('SELECT id FROM patients WHERE identified = 0').pluck().all());
}

/** A frame whose pixels another frame has too. */
export interface RepeatedFrame {
  instanceId: number;
  frameIndex: number;
  sha256: string;
}

const repeatedRow = z
  .tuple([z.int(), z.int(), z.string()])
  .transform(([instanceId, frameIndex, sha256]): RepeatedFrame => ({ instanceId, frameIndex, sha256 }));

/** Frames whose pixels occur more than once, equal ones in a row; files that are gone count too. */
export function listRepeatedFrames(db: ReadableDatabase): RepeatedFrame[] {
  return db
    .prepare(
      `SELECT instance_id, frame_index, sha256 FROM pixel_hashes
      WHERE sha256 IN (SELECT sha256 FROM pixel_hashes GROUP BY sha256 HAVING count(*) > 1)
      ORDER BY sha256, instance_id, frame_index`,
    )
    .raw()
    .all()
    .map((row) => repeatedRow.parse(row));
}

const refusedRow = z.object({
  source: z.string(),
  path: z.string(),
  reason: z.string(),
  message: z.string(),
  total: z.int(),
});

/** The first refused files of each reason, with how many there are of it. */
export function searchRefusedFiles(
  db: ReadableDatabase,
  text: string,
  perReason: number,
): (RefusedFile & { total: number })[] {
  return db
    .prepare(
      `SELECT * FROM (
        SELECT sources.name AS source, files.path, reason, message, count(*) OVER (PARTITION BY reason) AS total,
          row_number() OVER (PARTITION BY reason ORDER BY source_id, files.path) AS place
        FROM files JOIN sources ON sources.id = source_id
        WHERE status = 'refused' AND present = 1
          AND (@text = '' OR instr(lower(sources.name || '/' || files.path || ' ' || message), lower(@text)) > 0)
      ) WHERE place <= @perReason ORDER BY total DESC, reason, place`,
    )
    .all({ text, perReason })
    .map((row) => refusedRow.parse(row));
}
