import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { parse } from 'csv-parse/sync';
import { GraftError } from '../contract/errors.ts';

/** A table as it was written. */
export interface Table {
  header: string[];
  rows: { line: number; cells: string[] }[];
}

const delimiters = [',', ';', '\t', '|'];

/**
 * Reads a table with a header line as spreadsheets and scripts write them (RFC 4180): separated by comma, semicolon,
 * tab or bar, quoted or not, any line ends, with or without byte order mark, UTF-8, UTF-16 or Windows-1252.
 *
 * @throws GraftError `table-unreadable`, `table-empty`
 */
export async function readTable(path: string): Promise<Table> {
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
    throw new GraftError('table-unreadable', `Expected a file that can be read at ${path} (${code}).`, {
      cause: error,
    });
  }
  const text = decodeText(bytes);
  let records: { record: string[]; info: { lines: number } }[];
  try {
    records = parse(text, {
      delimiter: guessDelimiter(text),
      relax_column_count: true,
      skip_empty_lines: true,
      info: true,
      trim: true,
    }) as unknown as typeof records;
  } catch (error) {
    // The parser's own message can quote the table, and with it patients: its code does not.
    const { code, lines } = error as { code?: string; lines?: number };
    throw new GraftError(
      'table-unreadable',
      `Expected a table in ${basename(path)}, found what is none${lines ? ` near line ${lines}` : ''} (${code ?? 'unknown error'}); check its quotes.`,
    );
  }
  const [first, ...rest] = records;
  if (first) {
    return {
      header: first.record.map(rearmed),
      rows: rest.map(({ record, info }) => ({ line: info.lines, cells: record.map(rearmed) })),
    };
  }
  throw new GraftError('table-empty', `Expected a table with a header line in ${path}, found an empty file.`);
}

/** Tables that Graft and others write have an apostrophe before what a spreadsheet would take for a formula: the class `+`, say. */
const rearmed = (cell: string): string => (/^'[=+\-@]/.test(cell) ? cell.slice(1) : cell);

function decodeText(bytes: Buffer): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder('utf-16le').decode(bytes);
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return new TextDecoder('utf-16be').decode(bytes);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder('windows-1252').decode(bytes);
  }
}

/** The delimiter that the header line has most of, outside of quotes. */
function guessDelimiter(text: string): string {
  const [line] = text
    .replace(/"(?:[^"]|"")*"/g, '')
    .trimStart()
    .split(/\r\n|\n|\r/, 1);
  const counts = delimiters.map((delimiter) => line.split(delimiter).length);
  return delimiters[counts.indexOf(Math.max(...counts))];
}
