import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { GraftError } from '../../contract/errors.ts';
import type { Resource } from '../../contract/resources.ts';
import type { Desk } from './desk.ts';

const TYPES: Record<string, string> = {
  html: 'text/html; charset=utf-8',
  json: 'application/json',
  pdf: 'application/pdf',
  md: 'text/markdown; charset=utf-8',
  onnx: 'application/octet-stream',
  csv: 'text/csv; charset=utf-8',
};

/**
 * A file of the project's `reports` folder, by its bare name.
 *
 * @throws GraftError `report-file-missing`
 */
export async function readReportFile({ session }: Desk, name: string): Promise<Resource> {
  const path = join(session.project.paths.reports, name);
  const type = TYPES[name.split('.').at(-1) ?? ''];
  if (!/^[\w-]+(\.[\w-]+)+$/.test(name) || type === undefined || !existsSync(path)) {
    throw new GraftError(
      'report-file-missing',
      `Expected a file of this project's reports, found no "${name}". Write the report again.`,
    );
  }
  return { status: 200, type, body: await readFile(path), headers: { 'cache-control': 'no-store' } };
}
