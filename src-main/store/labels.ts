import { z } from 'zod';
import type { Finding, SplitRole } from '../contract/dataset.ts';
import { splitRoles } from '../contract/dataset.ts';
import { GraftError } from '../contract/errors.ts';
import { answersByName } from './answers.ts';
import { auditLabelChanges } from './audit.ts';
import type { ReadableDatabase, WritableDatabase } from './database.ts';

export type LabelSource = 'csv' | 'folders' | 'person';

/** A label to be stored. */
export interface LabelToStore {
  instanceId: number;
  className: string;
  /** The place that the label file names for it. */
  role: SplitRole | null;
}

/** A label as it stands. */
export interface Label {
  instanceId: number;
  className: string;
  role: SplitRole | null;
  labelledBy: string;
  labelledAt: string;
  source: LabelSource;
  /** Of a multi-label set: what is said of each finding, by its name; null elsewhere. */
  findings: Readonly<Record<string, Finding>> | null;
}

export interface LabelSet {
  id: number;
  name: string;
  source: LabelSource;
  /** Whether an image may carry any number of the classes. */
  multiLabel: boolean;
  createdAt: string;
  updatedAt: string;
}

const sources = ['csv', 'folders', 'person'] as const;

const setRow = z
  .object({
    id: z.int(),
    name: z.string(),
    source: z.enum(sources),
    created_at: z.string(),
    updated_at: z.string(),
    multi_label: z.int(),
  })
  .transform(({ created_at: createdAt, updated_at: updatedAt, multi_label, ...rest }): LabelSet => ({
    ...rest,
    multiLabel: multi_label === 1,
    createdAt,
    updatedAt,
  }));

/** All label sets, the one changed last first. */
export function listLabelSets(db: ReadableDatabase): LabelSet[] {
  return db
    .prepare('SELECT * FROM label_sets ORDER BY updated_at DESC, id DESC')
    .all()
    .map((row) => setRow.parse(row));
}

/**
 * Puts labels into the set of a name, which is made where it is missing, in one transaction. An image that has another
 * label in it gets the new one, and the old one goes into the history; images not mentioned keep theirs.
 *
 * @param by who labelled: a login name or the name of the label file
 * @returns the set's id
 * @throws GraftError `label-set-kind`
 */
export function saveLabels(
  db: WritableDatabase,
  set: { name: string; source: LabelSource; by: string },
  labels: readonly LabelToStore[],
): number {
  const now = new Date().toISOString();
  return db.transaction(() => {
    const setId = openLabelSet(db, set, false, now);
    const upsertClass = db
      .prepare(
        `INSERT INTO classes (label_set_id, name) VALUES (?, ?)
        ON CONFLICT (label_set_id, name) DO UPDATE SET name = excluded.name RETURNING id`,
      )
      .pluck();
    const classIds = new Map<string, number>();
    for (const className of new Set(labels.map((label) => label.className))) {
      classIds.set(className, upsertClass.get(setId, className) as number);
    }
    const placed = labels.map(({ instanceId, className, role }) => ({
      instanceId,
      classId: classIds.get(className)!,
      role,
    }));
    upsertLabels(db, setId, set, placed, now);
    auditLabelChanges(db);
    return setId;
  })();
}

/**
 * The set of a name, made where it is missing. Call inside a transaction.
 *
 * @throws GraftError `label-set-kind`
 */
export function openLabelSet(
  db: WritableDatabase,
  set: { name: string; source: LabelSource },
  multiLabel: boolean,
  now: string,
): number {
  const [id, kind] = db
    .prepare(
      `INSERT INTO label_sets (name, source, created_at, updated_at, multi_label) VALUES (?, ?, ?, ?, ?)
      ON CONFLICT (name) DO UPDATE SET updated_at = excluded.updated_at RETURNING id, multi_label`,
    )
    .raw()
    .get(set.name, set.source, now, now, multiLabel ? 1 : 0) as [number, number];
  if ((kind === 1) === multiLabel) return id;
  const [has, found] = multiLabel
    ? ['one class for each image', 'findings']
    : ['findings, any number for each image', 'single classes'];
  throw new GraftError(
    'label-set-kind',
    `Expected labels that suit the label set “${set.name}”, which has ${has}; found ${found}. Give them a set of another name.`,
  );
}

/** Puts labels into a set; what was said before, and the doubt of it, goes into the history. Call inside a transaction. */
export function upsertLabels(
  db: WritableDatabase,
  labelSetId: number,
  { by, source }: { by: string; source: LabelSource },
  labels: readonly { instanceId: number; classId: number; role: SplitRole | null }[],
  now: string,
): void {
  const upsert = db.prepare(
    `INSERT INTO labels (label_set_id, instance_id, class_id, role, labelled_by, labelled_at, source)
    VALUES (?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (label_set_id, instance_id) DO UPDATE SET class_id = excluded.class_id, role = excluded.role,
      labelled_by = excluded.labelled_by, labelled_at = excluded.labelled_at, source = excluded.source,
      uncertain = iif(class_id IS excluded.class_id, uncertain, 0)
    WHERE class_id IS NOT excluded.class_id OR role IS NOT excluded.role`,
  );
  for (const { instanceId, classId, role } of labels)
    upsert.run(labelSetId, instanceId, classId, role, by, now, source);
}

/** Takes labels away; they stay in the history. */
export function removeLabels(db: WritableDatabase, labelSetId: number, instanceIds: readonly number[]): void {
  const remove = db.prepare('DELETE FROM labels WHERE label_set_id = ? AND instance_id = ?');
  db.transaction(() => {
    for (const id of instanceIds) remove.run(labelSetId, id);
    auditLabelChanges(db);
  })();
}

const labelRow = z
  .object({
    instance_id: z.int(),
    name: z.string(),
    role: z.enum(splitRoles).nullable(),
    labelled_by: z.string(),
    labelled_at: z.string(),
    source: z.enum(sources),
  })
  .transform((row): Omit<Label, 'findings'> => ({
    instanceId: row.instance_id,
    className: row.name,
    role: row.role,
    labelledBy: row.labelled_by,
    labelledAt: row.labelled_at,
    source: row.source,
  }));

/** The labels of images whose files are there now, by instance. */
export function listLabels(db: ReadableDatabase, labelSetId: number): Label[] {
  return db
    .prepare(
      `SELECT labels.instance_id, classes.name, role, labelled_by, labelled_at, source FROM labels
      JOIN classes ON classes.id = labels.class_id
      JOIN instances ON instances.id = labels.instance_id
      JOIN files ON files.id = instances.file_id AND files.present = 1
      WHERE labels.label_set_id = ? ORDER BY labels.instance_id`,
    )
    .all(labelSetId)
    .map((row) => labelRow.parse(row))
    .map(withFindings(db, labelSetId));
}

/** Adds what labels of a multi-label set say of each finding. */
function withFindings(db: ReadableDatabase, labelSetId: number): (label: Omit<Label, 'findings'>) => Label {
  const answers = answersByName(db, labelSetId);
  return (label) => ({ ...label, findings: answers?.get(label.className) ?? null });
}

/** One image's label in a set; null where it has none. */
export function getLabel(db: ReadableDatabase, labelSetId: number, instanceId: number): Label | null {
  const row = db
    .prepare(
      `SELECT labels.instance_id, classes.name, role, labelled_by, labelled_at, source FROM labels
      JOIN classes ON classes.id = labels.class_id WHERE labels.label_set_id = ? AND labels.instance_id = ?`,
    )
    .get(labelSetId, instanceId);
  return row === undefined ? null : withFindings(db, labelSetId)(labelRow.parse(row));
}

const historyRow = z
  .object({
    class_name: z.string(),
    role: z.enum(splitRoles).nullable(),
    labelled_by: z.string(),
    labelled_at: z.string(),
    source: z.enum(sources),
    ended_at: z.string(),
    uncertain: z.int(),
  })
  .transform((row) => ({
    className: row.class_name,
    role: row.role,
    labelledBy: row.labelled_by,
    labelledAt: row.labelled_at,
    source: row.source,
    endedAt: row.ended_at,
    uncertain: row.uncertain === 1,
  }));

/** What an image was labelled before, the oldest first. */
export function listLabelHistory(
  db: ReadableDatabase,
  labelSetId: number,
  instanceId: number,
): z.output<typeof historyRow>[] {
  return db
    .prepare('SELECT * FROM label_history WHERE label_set_id = ? AND instance_id = ? ORDER BY id')
    .all(labelSetId, instanceId)
    .map((row) => historyRow.parse(row));
}
