import type { BrowseKeyword } from '../../contract/calls/data.ts';
import { toCsv } from '../../platform/csv.ts';
import type { ImageBrowser } from './browse/browser.ts';
import type { Desk } from './desk.ts';
import { problemsOf } from './problem-list.ts';

const IDENTITY = {
  'duplicate-uid': 'Another file carries the same SOP Instance UID and is used instead.',
  'no-patient-id': 'The file names no patient; its study counts as a patient of its own.',
} as const;

/** Every problem as a CSV table: kind, source, path, patient, code, message. */
export function problemsAsCsv(desk: Desk): string {
  const browser = desk.browser();
  const { refused, undecodable, duplicates } = problemsOf(desk, '', { files: Infinity, groups: Infinity });
  const patientOf = (instanceId: number): string => browser.pseudonym(browser.table.rowOf.get(instanceId)!);
  return toCsv([
    ['kind', 'source', 'path', 'patient', 'code', 'message'],
    ...refused.flatMap(({ reason, files }) =>
      files.map(({ source, path, message }) => ['refused', source, path, '', reason, message]),
    ),
    ...undecodable.images.map(({ instanceId, source, path, code, message }) => [
      'undecodable',
      source,
      path,
      patientOf(instanceId),
      code,
      message,
    ]),
    ...identityRows(browser),
    ...duplicates.groups.flatMap(({ images, conflicting }, at) =>
      images.map(({ source, path, pseudonym, label }) => [
        'same pixels',
        source,
        path,
        pseudonym,
        `group ${at + 1}`,
        `${label ?? 'unlabelled'}${conflicting ? ' (labels disagree)' : ''}`,
      ]),
    ),
  ]);
}

function identityRows(browser: ImageBrowser): string[][] {
  const at = (keyword: BrowseKeyword, row: number): string => {
    const { codes, values } = browser.column(keyword);
    return String(values[codes[row]]);
  };
  return browser.table.paths.flatMap((path, row) => {
    const problem = at('Problem', row);
    if (problem !== 'duplicate-uid' && problem !== 'no-patient-id') return [];
    return [['identity', at('source', row), path, browser.pseudonym(row), problem, IDENTITY[problem]]];
  });
}
