import { z } from 'zod';
import { GraftError } from '../contract/errors.ts';
import type { ReadableDatabase, WritableDatabase } from './database.ts';

export type LabelUnit = 'image' | 'patient';

/** A class of a label set, in the set's order. */
export interface StoredClass {
  id: number;
  name: string;
  color: string | null;
  shortcut: string | null;
  images: number;
}

export interface ClassToStore {
  id?: number | undefined;
  name: string;
  color: string | null;
  shortcut: string | null;
}

const unitRow = z.enum(['image', 'patient']);

export function labelUnitOf(db: ReadableDatabase, labelSetId: number): LabelUnit {
  return unitRow.parse(db.prepare('SELECT unit FROM label_sets WHERE id = ?').pluck().get(labelSetId));
}

const classRow = z.object({
  id: z.int(),
  name: z.string(),
  color: z.string().nullable(),
  shortcut: z.string().nullable(),
  images: z.int(),
});

/** The classes of a set with the number of images that carry each. */
export function listClasses(db: ReadableDatabase, labelSetId: number): StoredClass[] {
  return db
    .prepare(
      `SELECT classes.id, classes.name, color, shortcut, count(labels.instance_id) AS images
      FROM classes LEFT JOIN labels ON labels.class_id = classes.id
      WHERE classes.label_set_id = ? GROUP BY classes.id ORDER BY position, classes.id`,
    )
    .all(labelSetId)
    .map((row) => classRow.parse(row));
}

/**
 * Makes a set for persons to label with.
 *
 * @throws GraftError `label-set-exists`
 */
export function createLabelSet(
  db: WritableDatabase,
  set: { name: string; unit: LabelUnit; classes: readonly ClassToStore[] },
): number {
  const now = new Date().toISOString();
  return db.transaction(() => {
    requireFreeName(db, set.name, null);
    const { lastInsertRowid } = db
      .prepare(
        `INSERT INTO label_sets (name, source, created_at, updated_at, unit) VALUES (?, 'person', ?, ?, ?)`,
      )
      .run(set.name, now, now, set.unit);
    const id = Number(lastInsertRowid);
    saveClasses(db, id, set.classes);
    return id;
  })();
}

/**
 * Renames a set and brings its classes to what is given, in its order.
 *
 * @throws GraftError `label-set-exists`, `class-in-use`, `class-twice`
 */
export function updateLabelSet(
  db: WritableDatabase,
  id: number,
  set: { name: string; unit: LabelUnit; classes: readonly ClassToStore[] },
): void {
  db.transaction(() => {
    requireFreeName(db, set.name, id);
    db.prepare('UPDATE label_sets SET name = ?, unit = ?, updated_at = ? WHERE id = ?').run(
      set.name,
      set.unit,
      new Date().toISOString(),
      id,
    );
    const kept = new Set(set.classes.map((one) => one.id));
    for (const one of listClasses(db, id)) {
      if (kept.has(one.id)) continue;
      if (one.images > 0) throw classInUse(one);
      db.prepare('DELETE FROM classes WHERE id = ?').run(one.id);
    }
    // Two that swap their names must not meet half way.
    db.prepare(`UPDATE classes SET name = name || char(0) || id WHERE label_set_id = ?`).run(id);
    saveClasses(db, id, set.classes);
  })();
}

/** Gives all labels and readings of one class to another, and deletes it. */
export function mergeClasses(db: WritableDatabase, from: number, into: number): void {
  db.transaction(() => {
    db.prepare('UPDATE labels SET class_id = ?, labelled_at = ? WHERE class_id = ?').run(
      into,
      new Date().toISOString(),
      from,
    );
    db.prepare('UPDATE readings SET class_id = ? WHERE class_id = ?').run(into, from);
    db.prepare('DELETE FROM classes WHERE id = ?').run(from);
  })();
}

function saveClasses(db: WritableDatabase, labelSetId: number, classes: readonly ClassToStore[]): void {
  const names = classes.map(({ name }) => name.toLowerCase());
  const twice = classes.find(({ name }, at) => names.indexOf(name.toLowerCase()) !== at);
  if (twice) {
    throw new GraftError(
      'class-twice',
      `Expected classes of different names, found "${twice.name}" twice. Rename one of them.`,
    );
  }
  const insert = db.prepare(
    'INSERT INTO classes (label_set_id, name, position, color, shortcut) VALUES (?, ?, ?, ?, ?)',
  );
  const update = db.prepare(
    'UPDATE classes SET name = ?, position = ?, color = ?, shortcut = ? WHERE id = ? AND label_set_id = ?',
  );
  classes.forEach(({ id, name, color, shortcut }, position) => {
    if (id === undefined) insert.run(labelSetId, name, position, color, shortcut);
    else update.run(name, position, color, shortcut, id, labelSetId);
  });
}

function requireFreeName(db: ReadableDatabase, name: string, self: number | null): void {
  const taken = db.prepare('SELECT 1 FROM label_sets WHERE name = ? AND id IS NOT ?').get(name, self);
  if (taken === undefined) return;
  throw new GraftError(
    'label-set-exists',
    `Expected a name that no other label set has, found "${name}". Choose another one.`,
  );
}

const classInUse = ({ name, images }: StoredClass): GraftError =>
  new GraftError(
    'class-in-use',
    `Expected a class without labels to delete; ${images} images carry "${name}". Merge it into another class instead.`,
  );
