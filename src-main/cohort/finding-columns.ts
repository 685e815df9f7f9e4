import type { Finding } from '../contract/dataset.ts';
import { compareNames } from './identity.ts';
import type { LabelColumns } from './label-columns.ts';
import type { Table } from './read-table.ts';

/** Where a table has its findings: a column of 0 and 1 for each, or all of an image in one cell. */
export type FindingColumns =
  | {
      kind: 'columns';
      findings: readonly { name: string; column: number }[];
      /** A column that says that there is none (CheXpert's "No Finding"); null without one. */
      none: number | null;
    }
  | { kind: 'cells'; column: number; names: readonly string[] };

/** What a row says of each finding; one that is missing is not judged. */
export type RowFindings = Readonly<Record<string, Finding>>;

const plain = (text: string): string => text.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');

/** Words for an image that shows none of the findings. */
const noneWords = new Set(['nofinding', 'nofindings', 'none', 'normal']);

/** Whether a name says that there is no finding. */
export const meansNone = (name: string): boolean => noneWords.has(plain(name));

/** Columns of common tables that can hold nothing but 0 and 1 and are no findings. */
const otherColumns = new Set(
  [
    'age',
    'patientage',
    'sex',
    'patientsex',
    'gender',
    'patientgender',
    'view',
    'viewposition',
    'frontallateral',
  ].concat([
    'appa',
    'followup',
    'fold',
    'source',
    'pseudonym',
    'uncertain',
    'labelledby',
    'labelledat',
    'readings',
  ]),
);

const words = new Map<string, Finding | undefined>([
  ...['1', '1.0', 'true', 'yes', 'present', 'positive'].map((word) => [word, 1] as const),
  ...['0', '0.0', 'false', 'no', 'absent', 'negative'].map((word) => [word, 0] as const),
  ...['-1', '-1.0', '?', 'uncertain'].map((word) => [word, null] as const),
  ...['', 'nan', 'na'].map((word) => [word, undefined] as const),
]);

/**
 * Finds the findings of a table; null where it has single classes.
 *
 * @param wanted whether it is to have findings; default: where there is a column of 0 and 1 for each and no column `label`, or a bar (`|`)
 *   in a label
 */
export function findingsOfTable(
  table: Table,
  columns: LabelColumns,
  wanted?: boolean,
): FindingColumns | null {
  if (wanted === false) return null;
  if (columns.label !== null) {
    const column = columns.label;
    const barred = table.rows.some(({ cells }) => (cells[column] ?? '').includes('|'));
    if (!wanted && !barred) return null;
    const names = new Set(
      table.rows.flatMap(({ cells }) => namesIn(cells[column] ?? '').map(({ name }) => name)),
    );
    return { kind: 'cells', column, names: [...names].sort(compareNames) };
  }
  const used = new Set([...Object.values(columns.keys), columns.split]);
  const answers = table.header.flatMap((name, column) => {
    if (used.has(column) || name === '' || otherColumns.has(plain(name))) return [];
    const cells = table.rows.map(({ cells }) => (cells[column] ?? '').toLowerCase());
    const fits =
      cells.every((cell) => words.has(cell)) && cells.some((cell) => words.get(cell) !== undefined);
    return fits ? [{ name, column }] : [];
  });
  const none = answers.find(({ name }) => meansNone(name))?.column ?? null;
  const findings = answers.filter(({ column }) => column !== none);
  return findings.length === 0 ? null : { kind: 'columns', findings, none };
}

/** `Effusion|Mass?` */
function namesIn(cell: string): { name: string; doubtful: boolean }[] {
  return cell
    .split(/[|;]/)
    .map((part) => part.trim())
    .filter((part) => part !== '' && !meansNone(part))
    .map((part) => ({ name: part.replace(/\s*\?$/, ''), doubtful: part.endsWith('?') }));
}

/**
 * What a row says. In a cell: what it names is there (with a question mark behind it in doubt), what it does not name is not there, and a word
 * for none (`No Finding`, `none`, `normal`) says that nothing is. In columns: 1, 0, −1 for doubt; an empty cell says nothing, or, in a row that says
 * that there is none and where `blank` is `absent`, that the finding is not there.
 *
 * @returns null where nothing is said
 */
export function findingsInRow(
  found: FindingColumns,
  cells: readonly string[],
  blank: 'unknown' | 'absent',
): RowFindings | null {
  if (found.kind === 'cells') {
    const cell = cells[found.column] ?? '';
    if (cell === '') return null;
    const named = new Map(namesIn(cell).map(({ name, doubtful }) => [name, doubtful]));
    return Object.fromEntries(
      found.names.map((name): [string, Finding] => {
        const doubtful = named.get(name);
        return [name, doubtful === undefined ? 0 : doubtful ? null : 1];
      }),
    );
  }
  const answer = (column: number): Finding | undefined => words.get((cells[column] ?? '').toLowerCase());
  const none = found.none !== null && answer(found.none) === 1;
  const said = found.findings.flatMap(({ name, column }): [string, Finding][] => {
    const state = answer(column);
    if (state !== undefined) return [[name, state]];
    return none || blank === 'absent' ? [[name, 0]] : [];
  });
  return said.length === 0 ? null : Object.fromEntries(said);
}
