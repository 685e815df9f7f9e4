export interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}
export function countTests(report: object | undefined): Counts;
export function addCounts(one: Counts, other: Counts): Counts;
export function countsLine(counts: Counts): string;
