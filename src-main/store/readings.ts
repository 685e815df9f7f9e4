import { z } from 'zod';
import { auditLabelChanges } from './audit.ts';
import type { ReadableDatabase, WritableDatabase } from './database.ts';

/** What a reader is about to say of an image; null takes the label away. */
export interface ReadingToStore {
  instanceId: number;
  classId: number | null;
  uncertain: boolean;
}

/** What one reader last said of an image. */
export interface Reading {
  instanceId: number;
  reader: string;
  classId: number;
  uncertain: boolean;
  readAt: string;
}

const giverRow = z.tuple([z.string(), z.string()]).optional();
const stateRow = z.object({ classId: z.int(), uncertain: z.int() });

/**
 * Stores what a reader says, as the label and as that reader's own reading, in one transaction. A label that was taken away and is given
 * again has the place in the split that a table had named for its image.
 *
 * @param restores whether they undo something: a label is then again of whoever gave it, and no reading of a reader who did not
 * @returns the labels as they were before, in the same order
 */
export function saveReadings(
  db: WritableDatabase,
  labelSetId: number,
  reader: string,
  readings: readonly ReadingToStore[],
  restores = false,
): ReadingToStore[] {
  const now = new Date().toISOString();
  const before = db.prepare(
    'SELECT class_id AS classId, uncertain FROM labels WHERE label_set_id = ? AND instance_id = ?',
  );
  const remove = db.prepare('DELETE FROM labels WHERE label_set_id = ? AND instance_id = ?');
  const removeReading = db.prepare(
    'DELETE FROM readings WHERE label_set_id = ? AND instance_id = ? AND reader = ?',
  );
  const save = db.prepare(
    `INSERT INTO labels (label_set_id, instance_id, class_id, role, labelled_by, labelled_at, source, uncertain)
    VALUES (@set, @image, @class, (
      SELECT role FROM label_history WHERE label_set_id = @set AND instance_id = @image ORDER BY id DESC LIMIT 1
    ), @by, @now, @source, @doubt)
    ON CONFLICT (label_set_id, instance_id) DO UPDATE SET class_id = excluded.class_id,
      labelled_by = excluded.labelled_by, labelled_at = excluded.labelled_at, source = excluded.source,
      uncertain = excluded.uncertain`,
  );
  const gave = db
    .prepare(
      `SELECT labelled_by, source FROM label_history JOIN classes ON classes.id = @class AND classes.name = class_name
      WHERE label_history.label_set_id = @set AND instance_id = @image AND uncertain = @doubt
      ORDER BY label_history.id DESC LIMIT 1`,
    )
    .raw();
  const saveReading = db.prepare('INSERT OR REPLACE INTO readings VALUES (?, ?, ?, ?, ?, ?)');
  return db.transaction(() => {
    const were = readings.map(({ instanceId }): ReadingToStore => {
      const row = before.get(labelSetId, instanceId);
      if (row === undefined) return { instanceId, classId: null, uncertain: false };
      const { classId, uncertain } = stateRow.parse(row);
      return { instanceId, classId, uncertain: uncertain === 1 };
    });
    for (const { instanceId, classId, uncertain } of readings) {
      if (classId === null) {
        remove.run(labelSetId, instanceId);
        removeReading.run(labelSetId, instanceId, reader);
      } else {
        const doubt = uncertain ? 1 : 0;
        const label = { set: labelSetId, image: instanceId, class: classId, doubt };
        const [by, source] = (restores ? giverRow.parse(gave.get(label)) : null) ?? [reader, 'person'];
        save.run({ ...label, by, now, source });
        if (by === reader) saveReading.run(labelSetId, instanceId, reader, classId, doubt, now);
        else removeReading.run(labelSetId, instanceId, reader);
      }
    }
    db.prepare('UPDATE label_sets SET updated_at = ? WHERE id = ?').run(now, labelSetId);
    auditLabelChanges(db);
    return were;
  })();
}

const readingRow = z
  .object({
    instance_id: z.int(),
    reader: z.string(),
    class_id: z.int(),
    uncertain: z.int(),
    read_at: z.string(),
  })
  .transform((row): Reading => ({
    instanceId: row.instance_id,
    reader: row.reader,
    classId: row.class_id,
    uncertain: row.uncertain === 1,
    readAt: row.read_at,
  }));

/** All readings of a set (of one image, where it is given), by image and reader. */
export function listReadings(
  db: ReadableDatabase,
  labelSetId: number,
  instanceId: number | null = null,
): Reading[] {
  return db
    .prepare(
      `SELECT instance_id, reader, class_id, uncertain, read_at FROM readings
      WHERE label_set_id = @labelSetId AND (@instanceId IS NULL OR instance_id = @instanceId) ORDER BY 1, 2`,
    )
    .all({ labelSetId, instanceId })
    .map((row) => readingRow.parse(row));
}

const idRow = z.int();

/** Images that readers do not agree on. */
export function listDisagreements(db: ReadableDatabase, labelSetId: number): Set<number> {
  const rows = db
    .prepare(
      `SELECT instance_id FROM readings WHERE label_set_id = ? GROUP BY instance_id HAVING count(DISTINCT class_id) > 1`,
    )
    .pluck()
    .all(labelSetId);
  return new Set(rows.map((row) => idRow.parse(row)));
}

const labelStateRow = z.tuple([z.int(), z.int(), z.int()]);

/** Class id and doubt of every labelled image of a set. */
export function listLabelStates(
  db: ReadableDatabase,
  labelSetId: number,
): Map<number, { classId: number; uncertain: boolean }> {
  const rows = db
    .prepare('SELECT instance_id, class_id, uncertain FROM labels WHERE label_set_id = ?')
    .raw()
    .all(labelSetId);
  return new Map(
    rows.map((row) => {
      const [instanceId, classId, uncertain] = labelStateRow.parse(row);
      return [instanceId, { classId, uncertain: uncertain === 1 }];
    }),
  );
}

/** Class id and doubt of one image's label; null where it has none. */
export function getLabelState(
  db: ReadableDatabase,
  labelSetId: number,
  instanceId: number,
): { classId: number; uncertain: boolean } | null {
  const row = db
    .prepare('SELECT class_id AS classId, uncertain FROM labels WHERE label_set_id = ? AND instance_id = ?')
    .get(labelSetId, instanceId);
  if (row === undefined) return null;
  const { classId, uncertain } = stateRow.parse(row);
  return { classId, uncertain: uncertain === 1 };
}
