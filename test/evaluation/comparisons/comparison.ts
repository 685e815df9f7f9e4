import { readFileSync } from 'node:fs';

/** What one function gives, beside what its reference gave for the same input. */
export interface Comparison {
  /** As it stands in docs/statistics.md. */
  name: string;
  reference: string;
  /** Found and expected; null where the value is not defined. */
  pairs: () => (readonly [number | null, number | null])[];
}

/** As far as a value may lie from its reference. */
export const TOLERANCE = 1e-6;

/** One of the files that the scripts beside it wrote. */
export const readReference = <T>(name: string): T =>
  JSON.parse(readFileSync(new URL(`../reference/${name}.json`, import.meta.url), 'utf8')) as T;

/** Infinite where one is defined and the other is not. */
export const distance = (found: number | null, expected: number | null): number => {
  if (found === expected) return 0;
  return found === null || expected === null || Number.isNaN(found) ? Infinity : Math.abs(found - expected);
};

export const largestDifference = (comparison: Comparison): number =>
  Math.max(...comparison.pairs().map(([found, expected]) => distance(found, expected)));
