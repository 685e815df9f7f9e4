export type CsvValue = string | number | boolean | null | undefined;

export interface CsvTable {
  /** Of the file, without its ending. */
  name: string;
  head: string[];
  rows: CsvValue[][];
}

/**
 * Rows as RFC 4180 says: CRLF, quotes where a comma, a quote or a line break asks for them. Numbers as they are, not rounded; what is not defined
 * is empty. A text that a spreadsheet would take for a formula begins with a quotation mark of its own (OWASP, CSV injection).
 */
export const csvText = (head: readonly string[], rows: readonly (readonly CsvValue[])[]): string =>
  [head, ...rows].map((row) => `${row.map(field).join(',')}\r\n`).join('');

function field(value: CsvValue): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : '';
  const text = typeof value === 'string' && /^[=+\-@\t\r]/.test(value) ? `'${value}` : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replace(/"/g, '""')}"` : text;
}
