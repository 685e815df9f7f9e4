import { z } from 'zod';
import type { Finding, LeftOutReason, Split } from '../contract/dataset.ts';
import { splitOptions } from '../contract/dataset.ts';
import { appendAudit } from './audit.ts';
import type { ReadableDatabase, WritableDatabase } from './database.ts';

/** One image's place in a split. */
export interface SplitMember {
  instanceId: number;
  /** train, validation, test, or the name of an evaluation set. */
  role: string;
  /** −1 in a multi-label split. */
  classIndex: number;
  /** In a multi-label split: one for each class. */
  findings?: readonly Finding[];
}

export type SplitToStore = Pick<Split, 'labelSetId' | 'classes' | 'multiLabel' | 'options' | 'hash'> & {
  /** Of what it is a part; left out: it stands for itself. */
  partOf?: 'cross-validation';
  members: readonly SplitMember[];
  leftOut: readonly { instanceId: number; reason: LeftOutReason }[];
};

/** Stores a split, for good: splits are never changed. Returns its id. */
export function saveSplit(db: WritableDatabase, split: SplitToStore): number {
  return db.transaction(() => {
    const { lastInsertRowid } = db
      .prepare(
        `INSERT INTO splits (label_set_id, classes, seed, options, hash, created_at, multi_label, part_of)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
      )
      .run(
        split.labelSetId,
        JSON.stringify(split.classes),
        split.options.seed,
        JSON.stringify(split.options),
        split.hash,
        new Date().toISOString(),
        split.multiLabel ? 1 : 0,
        split.partOf ?? null,
      );
    const id = Number(lastInsertRowid);
    const addMember = db.prepare(
      'INSERT INTO split_members (split_id, instance_id, role, class_index, findings) VALUES (?, ?, ?, ?, ?)',
    );
    for (const { instanceId, role, classIndex, findings } of split.members) {
      addMember.run(id, instanceId, role, classIndex, findings ? JSON.stringify(findings) : null);
    }
    const leaveOut = db.prepare('INSERT INTO split_left_out VALUES (?, ?, ?)');
    for (const { instanceId, reason } of split.leftOut) leaveOut.run(id, instanceId, reason);
    const { labelSetId: labelSet, hash } = split;
    appendAudit(db, 'split', {
      split: id,
      labelSet,
      hash,
      seed: split.options.seed,
      members: split.members.length,
      ...(split.partOf ? { partOf: split.partOf } : {}),
    });
    return id;
  })();
}

const splitRow = z.object({
  id: z.int(),
  label_set_id: z.int(),
  classes: z.string(),
  options: z.string(),
  hash: z.string(),
  created_at: z.string(),
  multi_label: z.int(),
});
const countRow = z.object({ role: z.string(), class_index: z.int(), images: z.int() });
const patientRow = z.object({ role: z.string(), patients: z.int() });
const leftOutRow = z.tuple([z.string(), z.int()]);

function toSplit(db: ReadableDatabase, row: unknown): Split {
  const { id, label_set_id, classes, options, hash, created_at, multi_label } = splitRow.parse(row);
  const names = z.array(z.string()).parse(JSON.parse(classes));
  const counts: Split['counts'] = {};
  const patients = db
    .prepare(
      `SELECT role, count(DISTINCT patient_id) AS patients FROM split_members
      JOIN instances ON instances.id = instance_id WHERE split_id = ? GROUP BY role ORDER BY role`,
    )
    .all(id);
  for (const one of patients) {
    const { role, patients } = patientRow.parse(one);
    counts[role] = { images: 0, patients, classes: names.map(() => 0) };
  }
  const images = db
    .prepare(
      'SELECT role, class_index, count(*) AS images FROM split_members WHERE split_id = ? GROUP BY role, class_index',
    )
    .all(id);
  for (const one of images) {
    const { role, class_index, images } = countRow.parse(one);
    counts[role].images += images;
    if (class_index >= 0) counts[role].classes[class_index] = images;
  }
  if (multi_label === 1) countFindings(db, id, counts);
  const leftOut = db
    .prepare('SELECT reason, count(*) FROM split_left_out WHERE split_id = ? GROUP BY reason')
    .raw()
    .all(id)
    .map((one) => leftOutRow.parse(one));
  return {
    id,
    labelSetId: label_set_id,
    classes: names,
    multiLabel: multi_label === 1,
    options: splitOptions.parse(JSON.parse(options)),
    hash,
    createdAt: created_at,
    counts,
    leftOut: Object.fromEntries(leftOut) as Split['leftOut'],
  };
}

/** Images that show each finding, and those that show none. */
function countFindings(db: ReadableDatabase, splitId: number, counts: Split['counts']): void {
  for (const role of Object.values(counts)) role.none = 0;
  for (const { role, findings } of listSplitMembers(db, splitId)) {
    const count = counts[role];
    findings?.forEach((finding, at) => {
      if (finding === 1) count.classes[at]++;
    });
    if (!findings?.includes(1)) count.none!++;
  }
}

export function getSplit(db: ReadableDatabase, id: number): Split | null {
  const row = db.prepare('SELECT * FROM splits WHERE id = ?').get(id);
  return row === undefined ? null : toSplit(db, row);
}

/** All splits that stand for themselves, the newest first. */
export function listSplits(db: ReadableDatabase): Split[] {
  return db
    .prepare('SELECT * FROM splits WHERE part_of IS NULL ORDER BY id DESC')
    .all()
    .map((row) => toSplit(db, row));
}

const findingList = z.array(z.union([z.literal(0), z.literal(1), z.null()]));
const memberRow = z
  .tuple([z.int(), z.string(), z.int(), z.string().nullable()])
  .transform(([instanceId, role, classIndex, findings]): SplitMember => ({
    instanceId,
    role,
    classIndex,
    ...(findings === null ? {} : { findings: findingList.parse(JSON.parse(findings)) }),
  }));

export function listSplitMembers(db: ReadableDatabase, splitId: number): SplitMember[] {
  return db
    .prepare(
      'SELECT instance_id, role, class_index, findings FROM split_members WHERE split_id = ? ORDER BY instance_id',
    )
    .raw()
    .all(splitId)
    .map((row) => memberRow.parse(row));
}

/** Some training images of a split, the first of each patient, class by class in turn. */
export function listTrainingExamples(db: ReadableDatabase, splitId: number, most: number): number[] {
  const rows = db
    .prepare(
      `WITH first AS (
         SELECT min(instance_id) AS id, class_index FROM split_members JOIN instances ON instances.id = instance_id
         WHERE split_id = ? AND role = 'train' GROUP BY patient_id, class_index
       ), placed AS (SELECT id, class_index, row_number() OVER (PARTITION BY class_index ORDER BY id) AS place FROM first)
       SELECT id FROM placed ORDER BY place, class_index LIMIT ?`,
    )
    .pluck()
    .all(splitId, most);
  return z.array(z.int()).parse(rows);
}

/** The members of the newest split; none where there is no split. */
export function listNewestSplitMembers(db: ReadableDatabase): SplitMember[] {
  const id = z
    .int()
    .nullable()
    .parse(db.prepare('SELECT max(id) FROM splits WHERE part_of IS NULL').pluck().get());
  return id === null ? [] : listSplitMembers(db, id);
}
