import { filterKeywords, type FilterKeyword } from '../contract/instances.ts';
import type { ReadableDatabase } from './database.ts';
import { answersByName, findingsText } from './answers.ts';

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
  const most = db.prepare('SELECT count(*) FROM instances').pluck().get() as number;
  const rows = db
    .prepare(
      `SELECT instances.id, patient_id, StudyInstanceUID, SeriesInstanceUID, sources.name, files.path, SeriesNumber,
        InstanceNumber, duplicate_of IS NOT NULL, PatientAge, RowSpacing, ${columns}
      FROM instances JOIN files ON files.id = instances.file_id AND files.present = 1
      JOIN sources ON sources.id = files.source_id`,
    )
    .raw()
    .iterate() as IterableIterator<unknown[]>;
  const ids = new Int32Array(most);
  const paths: string[] = [];
  const coders = new Map([1, 2, 3, 4].map((at) => [at, new ColumnCoder(most)]));
  filterKeywords.forEach((_, at) => coders.set(FIRST_ATTRIBUTE + at, new ColumnCoder(most)));
  const numbers = new Map([6, 7, 8, 9, 10].map((at) => [at, new Float64Array(most)]));
  const [coded, plain] = [[...coders], [...numbers]];
  let count = 0;
  // Row by row, so that what was read of one is gone before the next: keeping all takes twice as long.
  for (const row of rows) {
    ids[count] = row[0] as number;
    paths.push(row[5] as string);
    for (const [at, coder] of coded) coder.add(count, row[at] as Cell);
    for (const [at, column] of plain) column[count] = (row[at] as number | null) ?? NaN;
    count++;
  }
  return inOrder(ids.subarray(0, count), paths, coders, numbers);
}

/** Sorts by patient, study, series number, series, image number and path, and puts all columns into that order. */
function inOrder(
  ids: Int32Array,
  paths: readonly string[],
  coders: ReadonlyMap<number, ColumnCoder>,
  numbers: ReadonlyMap<number, Float64Array>,
): InstanceTable {
  const keys = [
    ranked(coders.get(1)!),
    ranked(coders.get(2)!),
    numbers.get(6)!,
    ranked(coders.get(3)!),
    numbers.get(7)!,
  ];
  const order = Uint32Array.from(ids, (_, row) => row).sort((a, b) => {
    for (const key of keys) {
      // What is not stated comes last; two of those are equal.
      const difference =
        (Number.isNaN(key[a]) ? Infinity : key[a]) - (Number.isNaN(key[b]) ? Infinity : key[b]);
      if (difference < 0 || difference > 0) return difference;
    }
    return paths[a] < paths[b] ? -1 : 1;
  });
  const coded = (at: number): CodedColumn => {
    const { codes, values } = coders.get(at)!;
    return { codes: order.map((row) => codes[row]), values };
  };
  const inPlace = (at: number): Float64Array => {
    const column = numbers.get(at)!;
    return Float64Array.from(order, (row) => column[row]);
  };
  const sorted = Int32Array.from(order, (row) => ids[row]);
  return {
    ids: sorted,
    rowOf: new Map(Array.from(sorted, (id, row) => [id, row])),
    patients: coded(1),
    studies: coded(2),
    series: coded(3),
    source: coded(4),
    attributes: Object.fromEntries(
      filterKeywords.map((keyword, at) => [keyword, coded(FIRST_ATTRIBUTE + at)]),
    ) as InstanceTable['attributes'],
    paths: Array.from(order, (row) => paths[row]),
    ages: inPlace(9),
    rowSpacings: inPlace(10),
    seriesNumbers: inPlace(6),
    instanceNumbers: inPlace(7),
    duplicate: Uint8Array.from(inPlace(8)),
  };
}

type Cell = string | number | null;

/** The place of each row's value among all values of its column, what is not stated first. */
function ranked({ codes, values }: ColumnCoder): Float64Array {
  const compare = (one: Cell, other: Cell): number => {
    const [a, b] = [one ?? '', other ?? ''];
    return a < b ? -1 : a > b ? 1 : 0;
  };
  const places = new Float64Array(values.length);
  values
    .map((_, code) => code)
    .sort((a, b) => compare(values[a], values[b]))
    .forEach((code, place) => (places[code] = place));
  return Float64Array.from(codes, (code) => places[code]);
}

/** Gives each value of a column a number as it comes. */
class ColumnCoder {
  readonly codes: Uint32Array;
  readonly values: Cell[] = [];
  readonly #known = new Map<Cell, number>();
  #last: Cell | undefined = undefined;
  #lastCode = 0;

  constructor(rows: number) {
    this.codes = new Uint32Array(rows);
  }

  add(row: number, value: Cell): void {
    // Images that lie side by side share most of what their headers say: comparing is quicker than looking up.
    if (value !== this.#last) {
      let code = this.#known.get(value);
      if (code === undefined) {
        code = this.values.length;
        this.#known.set(value, code);
        this.values.push(value);
      }
      this.#last = value;
      this.#lastCode = code;
    }
    this.codes[row] = this.#lastCode;
  }
}

/** The class of each labelled image of a set; of a multi-label set its findings in one text. */
export function loadLabelClasses(db: ReadableDatabase, labelSetId: number): Map<number, string> {
  const rows = db
    .prepare(
      `SELECT instance_id, classes.name FROM labels JOIN classes ON classes.id = class_id WHERE labels.label_set_id = ?`,
    )
    .raw()
    .all(labelSetId);
  const answers = answersByName(db, labelSetId);
  const texts = new Map([...(answers ?? [])].map(([name, findings]) => [name, findingsText(findings)]));
  return new Map((rows as [number, string][]).map(([id, name]) => [id, texts.get(name) ?? name]));
}
