import type { BrowseKeyword, BrowsePage, BrowseRow, Grouping } from '../../../contract/calls/data.ts';
import type { CodedColumn } from '../../../store/index.ts';
import type { ImageBrowser } from './browser.ts';
import { ranksOf, sharedCode } from './values.ts';

export interface TreeOptions {
  groupBy: Grouping;
  sort: 'name' | 'images' | 'labelled' | BrowseKeyword;
  descending: boolean;
  columns: readonly BrowseKeyword[];
  expanded: ReadonlySet<string>;
  offset: number;
  limit: number;
}

type Kind = BrowseRow['kind'];

/** What each level of the tree groups by. */
function levelsOf(browser: ImageBrowser, groupBy: Grouping): { kind: Kind; column: CodedColumn }[] {
  const { patients, studies, series } = browser.table;
  const below = [
    { kind: 'patient' as const, column: patients },
    { kind: 'study' as const, column: studies },
    { kind: 'series' as const, column: series },
  ];
  return groupBy === 'patient' ? below : [{ kind: 'group', column: browser.column(groupBy) }, ...below];
}

interface Node {
  /** The values on the way to it, one in each line: they mean the same after another import. */
  key: string;
  kind: Kind;
  depth: number;
  rows: Int32Array;
  /** Place among its siblings, from 1. */
  number: number;
}

/** A window of the tree's visible rows: what is expanded is followed by what it holds. */
export function browseTree(browser: ImageBrowser, rows: Int32Array, options: TreeOptions): BrowsePage {
  const levels = levelsOf(browser, options.groupBy);
  const { offset, limit, expanded } = options;
  const shown: Node[] = [];
  let total = 0;
  const take = (node: Node): void => {
    if (total >= offset && shown.length < limit) shown.push(node);
    total++;
  };
  const visit = (of: Int32Array, depth: number, parent: string): void => {
    if (depth === levels.length) {
      for (let at = 0; at < of.length; at++) {
        if (total >= offset && shown.length < limit) {
          const key = `${parent}\n${browser.table.ids[of[at]]}`;
          shown.push({ key, kind: 'image', depth, rows: of.subarray(at, at + 1), number: at + 1 });
        }
        total++;
      }
      return;
    }
    const { kind, column } = levels[depth];
    const groups = sortGroups(browser, groupRows(column, of), kind, column, depth === 0 ? options : null);
    groups.forEach(({ code, rows: held }, at) => {
      const value = String(column.values[code] ?? '');
      const key = depth === 0 ? value : `${parent}\n${value}`;
      take({ key, kind, depth, rows: held, number: at + 1 });
      if (expanded.has(key)) visit(held, depth + 1, key);
    });
  };
  visit(rows, 0, '');
  return {
    total,
    images: rows.length,
    patients: distinct(browser.table.patients, rows),
    rows: shown.map((node) => describe(browser, node, levels, options)),
  };
}

interface Group {
  code: number;
  rows: Int32Array;
}

/** Rows by code, groups in order of their first row. */
function groupRows({ codes, values }: CodedColumn, rows: Int32Array): Group[] {
  const counts = new Uint32Array(values.length);
  for (const row of rows) counts[codes[row]]++;
  const groups = new Map<number, { rows: Int32Array; next: number }>();
  for (const row of rows) {
    const code = codes[row];
    let group = groups.get(code);
    if (!group) groups.set(code, (group = { rows: new Int32Array(counts[code]), next: 0 }));
    group.rows[group.next++] = row;
  }
  return [...groups].map(([code, { rows: held }]) => ({ code, rows: held }));
}

function sortGroups(
  browser: ImageBrowser,
  groups: Group[],
  kind: Kind,
  column: CodedColumn,
  order: Pick<TreeOptions, 'sort' | 'descending'> | null,
): Group[] {
  if (!order) return groups;
  const { sort, descending } = order;
  // Patients are in order as they come.
  if (sort === 'name' && kind === 'patient') return descending ? groups.reverse() : groups;
  const last = descending ? -Infinity : Infinity;
  const rankIn = (sorted: CodedColumn): ((group: Group) => number) => {
    const ranks = ranksOf(sorted);
    return ({ rows }) => {
      const code = sharedCode(sorted, rows);
      return code === null || sorted.values[code] === null ? last : ranks[code];
    };
  };
  const measure: (group: Group) => number =
    sort === 'images'
      ? ({ rows }) => rows.length
      : sort === 'labelled'
        ? ({ rows }) => labelled(browser, rows)
        : rankIn(sort === 'name' ? column : browser.column(sort));
  const direction = descending ? -1 : 1;
  // Infinity − Infinity is no number: such groups are equal, and stay in their order.
  return groups
    .map((group) => ({ group, size: measure(group) }))
    .sort((a, b) => direction * (a.size - b.size) || 0)
    .map(({ group }) => group);
}

function describe(
  browser: ImageBrowser,
  { key, kind, depth, rows, number }: Node,
  levels: readonly { column: CodedColumn }[],
  { expanded, columns }: TreeOptions,
): BrowseRow {
  const { table } = browser;
  const middle = rows[rows.length >> 1];
  return {
    key,
    kind,
    depth,
    title: titleOf(browser, kind, rows[0], number, levels[depth]?.column),
    expanded: kind !== 'image' && expanded.has(key),
    images: rows.length,
    patients: kind === 'group' ? distinct(table.patients, rows) : 1,
    labelled: labelled(browser, rows),
    labels: labelText(browser, rows),
    instanceId: table.ids[middle],
    frames: Number(valueOf(table.attributes.NumberOfFrames, middle) ?? 1),
    values: Object.fromEntries(
      columns.map((keyword) => [keyword, sharedValue(browser.column(keyword), rows)]),
    ),
  };
}

function titleOf(
  browser: ImageBrowser,
  kind: Kind,
  row: number,
  number: number,
  column?: CodedColumn,
): string {
  const { attributes, seriesNumbers, instanceNumbers } = browser.table;
  switch (kind) {
    case 'group':
      return String(valueOf(column!, row) ?? 'not stated');
    case 'patient':
      return browser.pseudonym(row);
    case 'study': {
      const year = valueOf(attributes.StudyYear, row);
      return `Study ${number}${year === null ? '' : ` (${year})`}`;
    }
    case 'series': {
      const given = seriesNumbers[row];
      const description = valueOf(attributes.SeriesDescription, row);
      return `Series ${Number.isNaN(given) ? number : given}${description === null ? '' : ` · ${description}`}`;
    }
    case 'image': {
      const given = instanceNumbers[row];
      return `Image ${Number.isNaN(given) ? number : given}`;
    }
  }
}

export const valueOf = ({ codes, values }: CodedColumn, row: number): string | number | null =>
  values[codes[row]];

function sharedValue(column: CodedColumn, rows: Int32Array): string | null {
  const code = sharedCode(column, rows);
  if (code === null) return 'several';
  const value = column.values[code];
  return value === null ? null : String(value);
}

export function distinct({ codes, values }: CodedColumn, rows: Int32Array): number {
  const seen = new Uint8Array(values.length);
  let found = 0;
  for (const row of rows) {
    if (seen[codes[row]]) continue;
    seen[codes[row]] = 1;
    found++;
  }
  return found;
}

function labelled({ labels }: ImageBrowser, rows: Int32Array): number {
  let found = 0;
  for (const row of rows) if (labels[row] >= 0) found++;
  return found;
}

/** "nodule" where all carry the same, else "nodule 3, normal 2". */
function labelText({ labels, classes }: ImageBrowser, rows: Int32Array): string {
  const counts = new Uint32Array(classes.length);
  for (const row of rows) if (labels[row] >= 0) counts[labels[row]]++;
  const present = [...counts].flatMap((count, at) => (count > 0 ? [{ name: classes[at], count }] : []));
  if (present.length === 1 && present[0].count === rows.length) return present[0].name;
  return present.map(({ name, count }) => `${name} ${count}`).join(', ');
}
