import { z } from 'zod';
import { GraftError } from '../contract/errors.ts';
import type { Finding } from '../contract/dataset.ts';
import { type FindingStates, isMultiLabel, listAnswers, renameAnswers, rewriteAnswers } from './answers.ts';
import { auditLabelChanges } from './audit.ts';
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

const countRow = z.tuple([z.int(), z.int()]);

/** Images that show each finding of a multi-label set. */
function imagesByFinding(db: ReadableDatabase, labelSetId: number): Map<number, number> {
  const answers = listAnswers(db, labelSetId);
  const images = new Map<number, number>();
  const rows = db
    .prepare('SELECT class_id, count(*) FROM labels WHERE label_set_id = ? GROUP BY class_id')
    .raw()
    .all(labelSetId);
  for (const row of rows) {
    const [answer, count] = countRow.parse(row);
    for (const [id, state] of Object.entries(answers.get(answer) ?? {}))
      if (state === 1) images.set(Number(id), (images.get(Number(id)) ?? 0) + count);
  }
  return images;
}

/** The classes of a set with the number of images that carry each; of a multi-label set its findings. */
export function listClasses(db: ReadableDatabase, labelSetId: number): StoredClass[] {
  const found = storedClasses(db, labelSetId);
  if (!isMultiLabel(db, labelSetId)) return found;
  const images = imagesByFinding(db, labelSetId);
  return found.map((one) => ({ ...one, images: images.get(one.id) ?? 0 }));
}

function storedClasses(db: ReadableDatabase, labelSetId: number): StoredClass[] {
  return db
    .prepare(
      `SELECT classes.id, classes.name, color, shortcut, count(labels.instance_id) AS images
      FROM classes LEFT JOIN labels ON labels.class_id = classes.id
      WHERE classes.label_set_id = ? AND answer IS NULL GROUP BY classes.id ORDER BY position, classes.id`,
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
  set: { name: string; unit: LabelUnit; multiLabel?: boolean; classes: readonly ClassToStore[] },
): number {
  const now = new Date().toISOString();
  return db.transaction(() => {
    requireFreeName(db, set.name, null);
    const { lastInsertRowid } = db
      .prepare(
        `INSERT INTO label_sets (name, source, created_at, updated_at, unit, multi_label) VALUES (?, 'person', ?, ?, ?, ?)`,
      )
      .run(set.name, now, now, set.unit, set.multiLabel ? 1 : 0);
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
    const multiLabel = isMultiLabel(db, id);
    const kept = new Set(set.classes.map((one) => one.id));
    for (const one of listClasses(db, id)) {
      if (kept.has(one.id)) continue;
      if (one.images > 0) throw classInUse(one);
      if (multiLabel) rewriteAnswers(db, id, (states) => without(states, one.id));
      db.prepare('DELETE FROM classes WHERE id = ?').run(one.id);
    }
    // Two that swap their names must not meet half way.
    db.prepare(
      `UPDATE classes SET name = name || char(0) || id WHERE label_set_id = ? AND answer IS NULL`,
    ).run(id);
    saveClasses(db, id, set.classes);
    if (multiLabel) renameAnswers(db, id);
    auditLabelChanges(db);
  })();
}

const without = (states: FindingStates, id: number): FindingStates =>
  Object.fromEntries(Object.entries(states).filter(([one]) => Number(one) !== id));

/** Of two findings that become one: there if one of them is, else in doubt if one is, else not there if that was said of one. */
function joined(one: Finding | undefined, other: Finding | undefined): Finding | undefined {
  for (const state of [1, null, 0] as const) if (one === state || other === state) return state;
  return undefined;
}

function mergeFindings(db: WritableDatabase, labelSetId: number, from: number, into: number): void {
  rewriteAnswers(db, labelSetId, (states) => {
    const state = joined(states[from], states[into]);
    return { ...without(states, from), ...(state === undefined ? {} : { [into]: state }) };
  });
  db.prepare('DELETE FROM classes WHERE id = ?').run(from);
  renameAnswers(db, labelSetId);
}

/** Gives all labels and readings of one class to another, and deletes it. */
export function mergeClasses(db: WritableDatabase, from: number, into: number): void {
  const set = z.int().parse(db.prepare('SELECT label_set_id FROM classes WHERE id = ?').pluck().get(from));
  db.transaction(() => {
    if (isMultiLabel(db, set)) mergeFindings(db, set, from, into);
    else mergeSingle(db, from, into);
    auditLabelChanges(db);
  })();
}

function mergeSingle(db: WritableDatabase, from: number, into: number): void {
  db.prepare('UPDATE labels SET class_id = ?, labelled_at = ? WHERE class_id = ?').run(
    into,
    new Date().toISOString(),
    from,
  );
  db.prepare('UPDATE readings SET class_id = ? WHERE class_id = ?').run(into, from);
  db.prepare('DELETE FROM classes WHERE id = ?').run(from);
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
