import type { DuplicateGroup, ProblemList, UndecodableImage } from '../../contract/calls/data.ts';
import {
  countImages,
  getInstances,
  inspectedInstances,
  listPreparationFailures,
  listRepeatedFrames,
  searchRefusedFiles,
  type RepeatedFrame,
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

/** How much of each kind is listed; what is left out is counted. */
export interface ProblemLimits {
  files: number;
  groups: number;
}

/** What is wrong or odd in the open project's images. */
export function problemsOf(desk: Desk, text: string, limits: ProblemLimits): ProblemList {
  const { db } = desk.session.project;
  const browser = desk.browser();
  const wanted = text.trim().toLowerCase();
  const undecodable = undecodableImages(desk, wanted);
  const duplicates = duplicateGroups(browser, listRepeatedFrames(db)).filter(
    ({ images }) => wanted === '' || images.some((image) => mentions(Object.values(image), wanted)),
  );
  const inspected = inspectedInstances(db);
  let notCompared = 0;
  for (const id of browser.table.ids) if (!inspected.has(id)) notCompared++;
  const counts = countImages(db);
  const refused = Map.groupBy(searchRefusedFiles(db, wanted, limits.files), ({ reason }) => reason);
  return {
    refused: [...refused].map(([reason, files]) => ({
      reason,
      explanation: EXPLANATIONS[reason] ?? 'Files that could not be used.',
      count: files[0].total,
      files: files.map(({ source, path, message }) => ({ source, path, message })),
    })),
    undecodable: { count: undecodable.length, images: undecodable.slice(0, limits.files) },
    duplicates: { count: duplicates.length, groups: duplicates.slice(0, limits.groups) },
    duplicateUids: counts.duplicates,
    unidentified: counts.unidentified,
    notCompared,
  };
}

const mentions = (texts: readonly unknown[], wanted: string): boolean =>
  wanted === '' || texts.some((text) => typeof text === 'string' && text.toLowerCase().includes(wanted));

function undecodableImages(desk: Desk, wanted: string): UndecodableImage[] {
  const { db } = desk.session.project;
  const failures = listPreparationFailures(db);
  const ids = [...new Set(failures.map(({ instanceId }) => instanceId))];
  const instances = new Map(getInstances(db, ids).map((one) => [one.id, one]));
  return failures.flatMap(({ instanceId, frameIndex, code, message }) => {
    const instance = instances.get(instanceId);
    if (!instance) return [];
    const { source, path } = instance;
    return mentions([source, path, message], wanted)
      ? [{ instanceId, frameIndex, source, path, code, message }]
      : [];
  });
}

function duplicateGroups(browser: ImageBrowser, frames: readonly RepeatedFrame[]): DuplicateGroup[] {
  const there = frames.filter(({ instanceId }) => browser.table.rowOf.has(instanceId));
  return [...Map.groupBy(there, ({ sha256 }) => sha256).values()]
    .filter((group) => group.length > 1)
    .map((group) => duplicateGroup(browser, group))
    .sort((a, b) => Number(b.conflicting) - Number(a.conflicting) || b.patients - a.patients);
}

function duplicateGroup(browser: ImageBrowser, group: readonly RepeatedFrame[]): DuplicateGroup {
  const images = group.map(({ instanceId, frameIndex }) => {
    const row = browser.table.rowOf.get(instanceId)!;
    return {
      instanceId,
      frameIndex,
      pseudonym: browser.pseudonym(row),
      source: String(browser.table.source.values[browser.table.source.codes[row]]),
      path: browser.table.paths[row],
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
