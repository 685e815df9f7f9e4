import type { CodedColumn } from '../../../store/index.ts';

type Value = string | number | null;

const { compare } = new Intl.Collator('en', { numeric: true });

/** Numbers by size, text as a person sorts it, what is not stated at the end. */
export function compareValues(one: Value, other: Value): number {
  if (one === null || other === null) return Number(one === null) - Number(other === null);
  if (typeof one === 'number' && typeof other === 'number') return one - other;
  return compare(String(one), String(other));
}

/** The place of each of a column's codes in that order. */
export function ranksOf({ values }: CodedColumn): Float64Array {
  const order = values.map((_, code) => code).sort((a, b) => compareValues(values[a], values[b]));
  const ranks = new Float64Array(values.length);
  order.forEach((code, rank) => (ranks[code] = rank));
  return ranks;
}

/** The code that all rows share, or null. */
export function sharedCode({ codes }: CodedColumn, rows: Int32Array): number | null {
  const first = codes[rows[0]];
  for (let at = 1; at < rows.length; at++) if (codes[rows[at]] !== first) return null;
  return first;
}
