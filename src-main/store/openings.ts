import { z } from 'zod';
import type { ReadableDatabase, WritableDatabase } from './database.ts';

/** A held-out set of a split, opened on purpose for one comparison. */
export interface Opening {
  splitId: number;
  setName: string;
  comparisonId: number | null;
  openedAt: string;
}

const openingRow = z
  .object({
    split_id: z.int(),
    set_name: z.string(),
    comparison_id: z.int().nullable(),
    opened_at: z.string(),
  })
  .transform((row): Opening => ({
    splitId: row.split_id,
    setName: row.set_name,
    comparisonId: row.comparison_id,
    openedAt: row.opened_at,
  }));

export function recordOpening(
  db: WritableDatabase,
  splitId: number,
  setName: string,
  comparisonId: number,
): void {
  db.prepare('INSERT INTO openings (split_id, set_name, comparison_id, opened_at) VALUES (?, ?, ?, ?)').run(
    splitId,
    setName,
    comparisonId,
    new Date().toISOString(),
  );
}

/** Every opening of a split's held-out sets, by any comparison, the oldest first. */
export function listOpenings(db: ReadableDatabase, splitId: number): Opening[] {
  return z
    .array(openingRow)
    .parse(db.prepare('SELECT * FROM openings WHERE split_id = ? ORDER BY id').all(splitId));
}
