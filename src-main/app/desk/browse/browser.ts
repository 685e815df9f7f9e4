import {
  derivedKeywords,
  type BrowseKeyword,
  type DerivedKeyword,
  type ImageQuery,
} from '../../../contract/calls/data.ts';
import type { ChangedThing } from '../../../contract/events.ts';
import type { FilterKeyword } from '../../../contract/instances.ts';
import {
  listLabelSets,
  loadInstanceTable,
  loadLabelClasses,
  type CodedColumn,
  type InstanceTable,
  type ReadableDatabase,
} from '../../../store/index.ts';
import { derivedColumn } from './derived-columns.ts';

/** `Effusion | Mass` carries both. */
function carriersOf(classes: readonly string[], multiLabel: boolean): Map<string, Set<number>> {
  const carriers = new Map<string, Set<number>>();
  classes.forEach((name, at) => {
    for (const part of multiLabel ? name.split(' | ') : [name])
      carriers.set(part, (carriers.get(part) ?? new Set()).add(at));
  });
  return multiLabel
    ? new Map([...carriers].sort(([a], [b]) => a.localeCompare(b, undefined, { numeric: true })))
    : carriers;
}

/** Selections kept: charts ask for the same images as the table, and each for one without its own filter. */
const SELECTIONS = 24;
const derived = new Set<string>(derivedKeywords);

/** All images of the open project as browsing sees them; made at the first look and again after a change. */
export class ImageBrowser {
  readonly table: InstanceTable;
  /** Class of each row in the current label set; -1 where it has none. */
  labels = new Int32Array(0);
  classes: string[] = [];
  /** What can be asked for, and the places in `classes` that carry it: of findings each by itself, in whatever company. */
  carriers = new Map<string, ReadonlySet<number>>();
  readonly #db: ReadableDatabase;
  readonly #rowsOfSeries = new Map<number, number[]>();
  readonly #derived = new Map<DerivedKeyword, CodedColumn>();
  readonly #selections = new Map<string, Int32Array>();
  readonly #digits: number;
  #searchable: string[] | null = null;

  constructor(db: ReadableDatabase) {
    this.#db = db;
    this.table = loadInstanceTable(db);
    this.readLabels(db);
    const largest = this.table.patients.values.reduce<number>((most, id) => Math.max(most, Number(id)), 0);
    this.#digits = Math.max(3, String(largest).length);
  }

  /** Takes the labels of the set that was changed last. */
  readLabels(db: ReadableDatabase): void {
    const [current] = listLabelSets(db);
    const byInstance = current ? loadLabelClasses(db, current.id) : new Map<number, string>();
    this.classes = [...new Set(byInstance.values())].sort((a, b) =>
      a.localeCompare(b, undefined, { numeric: true }),
    );
    const codes = new Map(this.classes.map((name, at) => [name, at]));
    this.carriers = carriersOf(this.classes, current?.multiLabel ?? false);
    this.labels = Int32Array.from(this.table.ids, (id) => codes.get(byInstance.get(id) ?? '') ?? -1);
    this.#selections.clear();
  }

  /** Forgets what it made of something that is no longer so. */
  hear(what: ChangedThing): void {
    if (what === 'splits') this.#derived.delete('SplitRole');
    else if (what === 'images') this.#derived.delete('Problem');
    else return;
    this.#selections.clear();
  }

  /** All images of the patient of one image. */
  imagesOfPatient(instanceId: number): number[] {
    const { ids, patients, rowOf } = this.table;
    const row = rowOf.get(instanceId);
    if (row === undefined) return [instanceId];
    // Rows are in order of patients: a patient's lie side by side.
    let from = row;
    let to = row;
    while (from > 0 && patients.codes[from - 1] === patients.codes[row]) from--;
    while (to + 1 < ids.length && patients.codes[to + 1] === patients.codes[row]) to++;
    return [...ids.subarray(from, to + 1)];
  }

  /** The rows of the series of one row, in order. */
  seriesRows(row: number): number[] {
    const { codes } = this.table.series;
    if (this.#rowsOfSeries.size === 0) {
      codes.forEach((code, at) => {
        const rows = this.#rowsOfSeries.get(code);
        if (rows) rows.push(at);
        else this.#rowsOfSeries.set(code, [at]);
      });
    }
    return this.#rowsOfSeries.get(codes[row])!;
  }

  /**
   * `P-017`, by the order in which patients came into the project: it stays when others come or go, and says nothing
   * about who that is.
   */
  pseudonym(row: number): string {
    const { codes, values } = this.table.patients;
    return `P-${String(values[codes[row]]).padStart(this.#digits, '0')}`;
  }

  column(keyword: BrowseKeyword): CodedColumn {
    if (keyword === 'source') return this.table.source;
    if (!derived.has(keyword)) return this.table.attributes[keyword as FilterKeyword];
    const name = keyword as DerivedKeyword;
    let column = this.#derived.get(name);
    if (!column) this.#derived.set(name, (column = derivedColumn(name, this.#db, this.table)));
    return column;
  }

  /** The rows that a query means, in the table's order. */
  select(query: ImageQuery): Int32Array {
    const key = JSON.stringify(query);
    const known = this.#selections.get(key);
    if (known) return known;
    const tests = [...this.#attributeTests(query), ...this.#labelTests(query), ...this.#textTests(query)];
    const rows: number[] = [];
    for (let row = 0; row < this.table.ids.length; row++) {
      if (tests.every((test) => test(row))) rows.push(row);
    }
    const selected = Int32Array.from(rows);
    const [oldest] = this.#selections.keys();
    if (this.#selections.size >= SELECTIONS) this.#selections.delete(oldest);
    this.#selections.set(key, selected);
    return selected;
  }

  /** The rows that a query means but for what it asks of one attribute (or of classes): what could be chosen beside. */
  selectBut(query: ImageQuery, but: BrowseKeyword | 'classes'): Int32Array {
    if (but === 'classes') return this.select({ ...query, label: 'any', classes: [] });
    const filter = Object.fromEntries(Object.entries(query.filter).filter(([keyword]) => keyword !== but));
    return this.select({ ...query, filter });
  }

  #attributeTests({ filter }: ImageQuery): ((row: number) => boolean)[] {
    return Object.entries(filter).map(([keyword, wanted]) => {
      const { codes, values } = this.column(keyword as BrowseKeyword);
      const list = (Array.isArray(wanted) ? wanted : [wanted]).map((one) => String(one).toLowerCase());
      // An empty text asks for images that do not state the attribute.
      const allowed = values.map((value) => list.includes(value === null ? '' : String(value).toLowerCase()));
      return (row) => allowed[codes[row]];
    });
  }

  #labelTests({ label, classes }: ImageQuery): ((row: number) => boolean)[] {
    const tests: ((row: number) => boolean)[] = [];
    if (label !== 'any') tests.push((row) => this.labels[row] >= 0 === (label === 'labelled'));
    if (classes.length > 0) {
      const wanted = new Set(classes.flatMap((name) => [...(this.carriers.get(name) ?? [])]));
      tests.push((row) => this.labels[row] >= 0 && wanted.has(this.labels[row]));
    }
    return tests;
  }

  #textTests({ text }: ImageQuery): ((row: number) => boolean)[] {
    const words = text.toLowerCase().split(/\s+/).filter(Boolean);
    if (words.length === 0) return [];
    const haystack = (this.#searchable ??= this.#searchTexts());
    return [(row) => words.every((word) => haystack[row].includes(word))];
  }

  #searchTexts(): string[] {
    const keywords = [
      'Modality',
      'SeriesDescription',
      'ProtocolName',
      'BodyPartExamined',
      'Manufacturer',
      'ManufacturerModelName',
      'InstitutionName',
    ] as const;
    const columns = [...keywords.map((keyword) => this.table.attributes[keyword]), this.table.source];
    return this.table.paths.map((path, row) =>
      [this.pseudonym(row), path, ...columns.map(({ codes, values }) => values[codes[row]] ?? '')]
        .join('\n')
        .toLowerCase(),
    );
  }
}
