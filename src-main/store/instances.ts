import { z } from 'zod';
import type { ImageKind } from '../contract/augmentation-choice.ts';
import type { FilterKeyword, InstanceAttributes, InstanceFilter } from '../contract/instances.ts';
import { filterKeywords } from '../contract/instances.ts';
import type { ReadableDatabase, WritableDatabase } from './database.ts';
import { attributeColumns } from './instance-writer.ts';

/** What the cohort needs to know of an image. */
export interface InstanceSummary {
  id: number;
  source: string;
  /** Relative to its source, with forward slashes. */
  path: string;
  absolutePath: string;
  size: number;
  mtimeMs: number;
  patientKey: string;
  SOPInstanceUID: string | null;
  SamplesPerPixel: number;
  PhotometricInterpretation: string;
  NumberOfFrames: number;
  RowSpacing: number | null;
  ColumnSpacing: number | null;
  /** The instance used in its place: it carries the same SOP Instance UID. */
  duplicateOf: number | null;
}

const summaryRow = z
  .object({
    id: z.int(),
    source: z.string(),
    source_path: z.string(),
    path: z.string(),
    size: z.int(),
    mtime_ms: z.number(),
    patient_key: z.string(),
    SOPInstanceUID: z.string().nullable(),
    SamplesPerPixel: z.int(),
    PhotometricInterpretation: z.string(),
    NumberOfFrames: z.int(),
    RowSpacing: z.number().nullable(),
    ColumnSpacing: z.number().nullable(),
    duplicate_of: z.int().nullable(),
  })
  .transform(({ source_path, mtime_ms, patient_key, duplicate_of, ...rest }): InstanceSummary => ({
    ...rest,
    absolutePath: `${source_path}/${rest.path}`,
    mtimeMs: mtime_ms,
    patientKey: patient_key,
    duplicateOf: duplicate_of,
  }));

const from = `FROM instances
  JOIN files ON files.id = instances.file_id AND files.present = 1
  JOIN sources ON sources.id = files.source_id
  JOIN patients ON patients.id = instances.patient_id`;

const summary = `SELECT instances.id, sources.name AS source, sources.path AS source_path, files.path, files.size,
  files.mtime_ms, patients.key AS patient_key, SOPInstanceUID, SamplesPerPixel, PhotometricInterpretation,
  NumberOfFrames, RowSpacing, ColumnSpacing, duplicate_of ${from}`;

/** Images whose files are there now, by source and path. */
export function listInstances(db: ReadableDatabase, filter: InstanceFilter = {}): InstanceSummary[] {
  const { where, values } = filterClause(filter);
  return db
    .prepare(`${summary} WHERE ${where} ORDER BY sources.id, files.path`)
    .all(values)
    .map((row) => summaryRow.parse(row));
}

/** Whether any of the images is in colour. */
export function hasColour(db: ReadableDatabase): boolean {
  const colour = "SamplesPerPixel = 3 OR PhotometricInterpretation = 'PALETTE COLOR'";
  return db.prepare(`SELECT EXISTS (SELECT 1 ${from} WHERE ${colour})`).pluck().get() === 1;
}

/** The images of these ids, in their order; ids of images that are not there (any more) are left out. */
export function getInstances(db: ReadableDatabase, ids: readonly number[]): InstanceSummary[] {
  const rows = db
    .prepare(`${summary} WHERE instances.id IN (SELECT value FROM json_each(?))`)
    .all(JSON.stringify(ids));
  const found = new Map(rows.map((row) => summaryRow.parse(row)).map((one) => [one.id, one]));
  return ids.flatMap((id) => found.get(id) ?? []);
}

const idRow = z.int();

/** Ids of the images that a filter means. */
export function findInstanceIds(db: ReadableDatabase, filter: InstanceFilter): Set<number> {
  const { where, values } = filterClause(filter);
  const rows = db.prepare(`SELECT instances.id ${from} WHERE ${where}`).pluck().all(values);
  return new Set(rows.map((row) => idRow.parse(row)));
}

/** A filter as SQL with its values; column names come from a closed list, values are bound. */
function filterClause(filter: InstanceFilter): { where: string; values: string[] } {
  const values: string[] = [];
  const clauses = Object.entries(filter).map(([keyword, wanted]) => {
    const list = Array.isArray(wanted) ? wanted : [wanted];
    // As text, which SQLite compares with a column of numbers as a number. A number it would compare with a column of text as "451.0".
    values.push(...list.map(String));
    const column =
      keyword === 'source' ? 'sources.name' : `instances.${checkedKeyword(keyword as FilterKeyword)}`;
    return `${column} COLLATE NOCASE IN (${list.map(() => '?').join(', ')})`;
  });
  return { where: clauses.length > 0 ? clauses.join(' AND ') : 'true', values };
}

function checkedKeyword(keyword: FilterKeyword): FilterKeyword {
  if (filterKeywords.includes(keyword)) return keyword;
  throw new TypeError(`${keyword} is no attribute to filter by`);
}

const groupRow = z.tuple([z.int(), z.union([z.string(), z.number()]).nullable()]);

/** The value of one attribute (or the source's name) for every image, by id. */
export function attributeOfInstances(
  db: ReadableDatabase,
  keyword: FilterKeyword | 'source',
): Map<number, string | number | null> {
  const column = keyword === 'source' ? 'sources.name' : `instances.${checkedKeyword(keyword)}`;
  const rows = db.prepare(`SELECT instances.id, ${column} ${from}`).raw().all();
  return new Map(rows.map((row) => groupRow.parse(row)));
}

const valueRow = z.object({ value: z.union([z.string(), z.number()]).nullable(), images: z.int() });

/** The values that an attribute takes, the most frequent first: what a filter can be made of. */
export function listAttributeValues(
  db: ReadableDatabase,
  keyword: FilterKeyword,
): { value: string | number | null; images: number }[] {
  const column = `instances.${checkedKeyword(keyword)}`;
  return db
    .prepare(`SELECT ${column} AS value, count(*) AS images ${from} GROUP BY 1 ORDER BY 2 DESC, 1`)
    .all()
    .map((row) => valueRow.parse(row));
}

const kindRow = z.object({
  Modality: z.string().nullable(),
  BodyPartExamined: z.string().nullable(),
  ViewPosition: z.string().nullable(),
  Laterality: z.string().nullable(),
  images: z.int(),
});

/** How many images there are of each kind, the most frequent first: those that a split trains on, or those that a filter means. */
export function countImageKinds(
  db: ReadableDatabase,
  of: { trainingOf: number } | { filter: InstanceFilter },
): ImageKind[] {
  const clause = 'filter' in of ? filterClause(of.filter) : { where: trainedOn, values: [of.trainingOf] };
  return db
    .prepare(
      `SELECT Modality, BodyPartExamined, ViewPosition, Laterality, count(*) AS images ${from}
       WHERE ${clause.where} GROUP BY 1, 2, 3, 4 ORDER BY 5 DESC`,
    )
    .all(clause.values)
    .map((row) => kindRow.parse(row));
}

const trainedOn = `instances.id IN (SELECT instance_id FROM split_members WHERE split_id = ? AND role = 'train')`;

const countRow = z.object({ images: z.int(), patients: z.int(), unidentified: z.int(), duplicates: z.int() });

/** The same of the whole project. */
export function countImages(db: ReadableDatabase): z.output<typeof countRow> {
  const row = db
    .prepare(
      `SELECT count(*) AS images, count(DISTINCT patient_id) AS patients,
        count(*) FILTER (WHERE identified = 0) AS unidentified, count(duplicate_of) AS duplicates ${from}`,
    )
    .get();
  return countRow.parse(row);
}

/** Everything that is kept of one image's header; null where there is none. */
export function getAttributes(db: ReadableDatabase, instanceId: number): InstanceAttributes | null {
  const row = db
    .prepare(`SELECT ${attributeColumns.join(', ')} FROM instances WHERE id = ?`)
    .get(instanceId) as InstanceAttributes | undefined;
  return row ?? null;
}

/** Images and patients of a source; `unidentified` images name no patient, `duplicates` carry a UID seen before. */
export function countInstances(db: ReadableDatabase, sourceId: number): z.output<typeof countRow> {
  const row = db
    .prepare(
      `SELECT count(*) AS images, count(DISTINCT patient_id) AS patients,
        count(*) FILTER (WHERE identified = 0) AS unidentified, count(duplicate_of) AS duplicates
      ${from} WHERE sources.id = ?`,
    )
    .get(sourceId);
  return countRow.parse(row);
}

/**
 * Of every set of images that carry one SOP Instance UID, marks all but the first (by source and path) as duplicates of
 * that one, and takes back marks that no longer hold.
 */
export function markDuplicateUids(db: WritableDatabase): void {
  db.exec(`
    WITH repeated AS (
      SELECT instances.id, first_value(instances.id) OVER (
        PARTITION BY SOPInstanceUID ORDER BY files.source_id, files.path) AS first
      FROM instances JOIN files ON files.id = instances.file_id
      WHERE files.present = 1 AND SOPInstanceUID IN (
        SELECT SOPInstanceUID FROM instances JOIN files ON files.id = instances.file_id
        WHERE files.present = 1 AND SOPInstanceUID IS NOT NULL GROUP BY 1 HAVING count(*) > 1)
    ), wanted AS (SELECT id, first FROM repeated WHERE id <> first)
    UPDATE instances SET duplicate_of = (SELECT first FROM wanted WHERE wanted.id = instances.id)
    WHERE duplicate_of IS NOT NULL OR id IN (SELECT id FROM wanted)`);
}
