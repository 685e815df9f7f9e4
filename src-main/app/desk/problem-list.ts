import type { DuplicateGroup, ProblemList } from '../../contract/calls/data.ts';
import { toCsv } from '../../platform/csv.ts';
import {
  countImages,
  getInstances,
  listPixelHashes,
  listPreparationFailures,
  listRefusedFiles,
  type PixelHash,
} from '../../store/index.ts';
import type { ImageBrowser } from './browse/browser.ts';
import type { Desk } from './desk.ts';

/** What a reason means to somebody who has never opened the standard. */
const EXPLANATIONS: Record<string, string> = {
  unreadable: 'The system does not let Graft read these files.',
  'not-dicom': 'Not DICOM files: text, spreadsheets, pictures of other kinds.',
  dicomdir: 'Tables of contents of a DICOM disc; the images they list are read by themselves.',
  'no-pixel-data': 'DICOM without a picture: reports, plans, structures, signals.',
  'unsupported-transfer-syntax': 'Compressed in a way that Graft has no decoder for, such as video.',
  'unsupported-pixels':
    'Pictures of a kind that Graft cannot show, with an unusual number of bits or colours.',
  truncated: 'Cut off: the file ends before its picture does. Copy it again from where it came.',
  'too-large': 'Larger than anything that one picture should be.',
  broken: 'Damaged: what the header says and what is in the file do not fit together.',
};

/** What is wrong or odd in the open project's images. */
export function problemsOf(desk: Desk): ProblemList {
  const { db } = desk.session.project;
  const browser = desk.browser();
  const hashes = listPixelHashes(db).filter(({ instanceId }) => browser.table.rowOf.has(instanceId));
  const failures = listPreparationFailures(db).filter(({ instanceId }) =>
    browser.table.rowOf.has(instanceId),
  );
  const failed = new Map(
    getInstances(db, [...new Set(failures.map(({ instanceId }) => instanceId))]).map((one) => [one.id, one]),
  );
  const compared = new Set([...hashes, ...failures].map(({ instanceId }) => instanceId));
  const { duplicates, unidentified } = countImages(db);
  return {
    refused: [...Map.groupBy(listRefusedFiles(db), ({ reason }) => reason)]
      .map(([reason, files]) => ({
        reason,
        explanation: EXPLANATIONS[reason] ?? 'Files that could not be used.',
        files: files.map(({ source, path, message }) => ({ source, path, message })),
      }))
      .sort((a, b) => b.files.length - a.files.length),
    undecodable: failures.map(({ instanceId, frameIndex, code, message }) => {
      const { source, path } = failed.get(instanceId)!;
      return { instanceId, frameIndex, source, path, code, message };
    }),
    duplicates: [...Map.groupBy(hashes, ({ sha256 }) => sha256).values()]
      .filter((group) => group.length > 1)
      .map((group) => duplicateGroup(browser, group))
      .sort((a, b) => Number(b.conflicting) - Number(a.conflicting) || b.patients - a.patients),
    duplicateUids: duplicates,
    unidentified,
    notCompared: browser.table.ids.length - compared.size,
  };
}

function duplicateGroup(browser: ImageBrowser, group: readonly PixelHash[]): DuplicateGroup {
  const images = group.map(({ instanceId, frameIndex }) => {
    const row = browser.table.rowOf.get(instanceId)!;
    return {
      instanceId,
      frameIndex,
      pseudonym: browser.pseudonym(row),
      source: String(browser.table.source.values[browser.table.source.codes[row]]),
      label: browser.classes[browser.labels[row]] ?? null,
    };
  });
  const labels = new Set(images.map(({ label }) => label).filter((label) => label !== null));
  return {
    images,
    patients: new Set(images.map(({ pseudonym }) => pseudonym)).size,
    conflicting: labels.size > 1,
  };
}

/** The same as a table: kind, source, path, code, message. */
export function problemsAsCsv({ refused, undecodable, duplicates }: ProblemList): string {
  const rows = [
    ['kind', 'source', 'path', 'code', 'message'],
    ...refused.flatMap(({ reason, files }) =>
      files.map(({ source, path, message }) => ['refused', source, path, reason, message]),
    ),
    ...undecodable.map(({ source, path, code, message }) => ['undecodable', source, path, code, message]),
    ...duplicates.flatMap(({ images }, at) =>
      images.map(({ source, pseudonym, instanceId, label }) => [
        'same pixels',
        source,
        `image ${instanceId} of ${pseudonym}`,
        `group ${at + 1}`,
        label ?? 'unlabelled',
      ]),
    ),
  ];
  return toCsv(rows);
}
