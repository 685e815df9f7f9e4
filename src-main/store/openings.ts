import { z } from 'zod';
import { appendAudit } from './audit.ts';
import type { ReadableDatabase, WritableDatabase } from './database.ts';

/** A held-out set of a split, opened on purpose for one comparison. */
export interface Opening {
  splitId: number;
  setName: string;
  comparisonId: number | null;
  /** The cross-validation that it was opened for instead. */
  crossValidationId: number | null;
  openedAt: string;
}

const openingRow = z
  .object({
    split_id: z.int(),
    set_name: z.string(),
    comparison_id: z.int().nullable(),
    cross_validation_id: z.int().nullable(),
    opened_at: z.string(),
  })
  .transform((row): Opening => ({
    splitId: row.split_id,
    setName: row.set_name,
    comparisonId: row.comparison_id,
    crossValidationId: row.cross_validation_id,
    openedAt: row.opened_at,
  }));

export function recordOpening(
  db: WritableDatabase,
  splitId: number,
  setName: string,
  /** Null: for a comparison of another project, whose capsule is verified. */
  comparisonId: number | null,
  crossValidationId: number | null = null,
): void {
  db.transaction(() => {
    const { lastInsertRowid } = db
      .prepare(
        'INSERT INTO openings (split_id, set_name, comparison_id, cross_validation_id, opened_at) VALUES (?, ?, ?, ?, ?)',
      )
      .run(splitId, setName, comparisonId, crossValidationId, new Date().toISOString());
    const opening = Number(lastInsertRowid);
    appendAudit(db, 'opening', {
      opening,
      split: splitId,
      set: setName,
      comparison: comparisonId,
      ...(crossValidationId === null ? {} : { crossValidation: crossValidationId }),
    });
  })();
}

/**
 * Every opening of the held-out sets of a split, the oldest first: by any comparison, and also of a split that was made
 * again with the same images on the same sides, which is the same test set.
 */
export function listOpenings(db: ReadableDatabase, splitHash: string): Opening[] {
  const rows = db
    .prepare(
      `SELECT openings.* FROM openings JOIN splits ON splits.id = openings.split_id
       WHERE splits.hash = ? ORDER BY openings.id`,
    )
    .all(splitHash);
  return z.array(openingRow).parse(rows);
}
