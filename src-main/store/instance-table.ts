import { filterKeywords, type FilterKeyword } from '../contract/instances.ts';
import type { ReadableDatabase } from './database.ts';

/** One attribute of all images: a code for each, and what the codes stand for. */
export interface CodedColumn {
  codes: Uint32Array;
  values: (string | number | null)[];
}

/*
 * STRICT tables hold their columns' types to what is declared, and a schema for each of millions of cells would take
 * longer than reading them: cells are cast here.
 */

/**
 * What browsing needs of every image, column by column: a hundred thousand images take some tens of megabytes and are
 * filtered in milliseconds, where SQL over as many joined rows takes a second.
 */
export interface InstanceTable {
  ids: Int32Array;
  /** Row by instance id. */
  rowOf: Map<number, number>;
  /** Place of each image's patient in `patientNumbers`. */
  patients: CodedColumn;
  studies: CodedColumn;
  series: CodedColumn;
  source: CodedColumn;
  attributes: Record<FilterKeyword, CodedColumn>;
  paths: string[];
  /** Years; NaN where not stated, as in all columns of numbers. */
  ages: Float64Array;
  /** Millimetres. */
  rowSpacings: Float64Array;
  seriesNumbers: Float64Array;
  instanceNumbers: Float64Array;
  /** 1 where another file with the same UID is used instead. */
  duplicate: Uint8Array;
}

const FIRST_ATTRIBUTE = 11;

/** Reads the table, images whose files are there now, in the order of patient, study, series and image number. */
export function loadInstanceTable(db: ReadableDatabase): InstanceTable {
  const columns = filterKeywords.map((keyword) => `instances.${keyword}`).join(', ');
  const rows = db
    .prepare(
      `SELECT instances.id, patient_id, StudyInstanceUID, SeriesInstanceUID, sources.name, files.path, SeriesNumber,
        InstanceNumber, duplicate_of IS NOT NULL, PatientAge, RowSpacing, ${columns}
      FROM instances JOIN files ON files.id = instances.file_id AND files.present = 1
      JOIN sources ON sources.id = files.source_id`,
    )
    .raw()
    .all() as unknown[][];
  rows.sort(byPlace);
  const coded = (at: number): CodedColumn => codeColumn(rows, at);
  const numbers = (at: number): Float64Array =>
    Float64Array.from(rows, (row) => (typeof row[at] === 'number' ? row[at] : NaN));
  return {
    ids: Int32Array.from(rows, (row) => row[0] as number),
    rowOf: new Map(rows.map((row, at) => [row[0] as number, at])),
    patients: coded(1),
    studies: coded(2),
    series: coded(3),
    source: coded(4),
    attributes: Object.fromEntries(
      filterKeywords.map((keyword, at) => [keyword, coded(FIRST_ATTRIBUTE + at)]),
    ) as InstanceTable['attributes'],
    paths: rows.map((row) => row[5] as string),
    ages: numbers(9),
    rowSpacings: numbers(10),
    seriesNumbers: numbers(6),
    instanceNumbers: numbers(7),
    duplicate: Uint8Array.from(rows, (row) => row[8] as number),
  };
}

/** Patient, study, series number, series, image number, path. */
function byPlace(one: unknown[], other: unknown[]): number {
  return (
    (one[1] as number) - (other[1] as number) ||
    compareText(one[2], other[2]) ||
    compareNumber(one[6], other[6]) ||
    compareText(one[3], other[3]) ||
    compareNumber(one[7], other[7]) ||
    compareText(one[5], other[5])
  );
}

function compareText(one: unknown, other: unknown): number {
  const [a, b] = [(one as string | null) ?? '', (other as string | null) ?? ''];
  return a < b ? -1 : a > b ? 1 : 0;
}

const compareNumber = (one: unknown, other: unknown): number =>
  ((one as number | null) ?? Infinity) - ((other as number | null) ?? Infinity) || 0;

function codeColumn(rows: readonly unknown[][], at: number): CodedColumn {
  const known = new Map<unknown, number>();
  const values: CodedColumn['values'] = [];
  const codes = new Uint32Array(rows.length);
  for (let row = 0; row < rows.length; row++) {
    const value = rows[row][at];
    let code = known.get(value);
    if (code === undefined) {
      code = values.length;
      known.set(value, code);
      values.push(value as string | number | null);
    }
    codes[row] = code;
  }
  return { codes, values };
}

/** The class of each labelled image of a set. */
export function loadLabelClasses(db: ReadableDatabase, labelSetId: number): Map<number, string> {
  const rows = db
    .prepare(
      `SELECT instance_id, classes.name FROM labels JOIN classes ON classes.id = class_id WHERE labels.label_set_id = ?`,
    )
    .raw()
    .all(labelSetId);
  return new Map(rows as [number, string][]);
}
