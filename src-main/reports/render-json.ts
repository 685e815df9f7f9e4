import type { ReportModel } from '../contract/report.ts';

/** The report as data, keys in a fixed order, so that equal reports are equal files. */
export function renderJson(model: ReportModel): string {
  return `${JSON.stringify(model, sortKeys, 2)}\n`;
}

function sortKeys(_key: string, value: unknown): unknown {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
