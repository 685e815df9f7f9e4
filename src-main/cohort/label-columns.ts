import type { SplitRole } from '../contract/dataset.ts';
import { GraftError } from '../contract/errors.ts';

/** Columns that name the image, the most exact first; patient last, because it means all images of a patient. */
export type LabelKey = 'sopInstanceUID' | 'path' | 'patientId';

export interface LabelColumns {
  keys: Partial<Record<LabelKey, number>>;
  /** Null where each finding has a column of its own. */
  label: number | null;
  split: number | null;
}

const names: Record<LabelKey | 'label' | 'split', string[]> = {
  sopInstanceUID: ['sopinstanceuid', 'sopuid', 'instanceuid', 'imageuid', 'uid'],
  path: [
    'path',
    'file',
    'filename',
    'filepath',
    'image',
    'imageindex',
    'imagepath',
    'imagefile',
    'dicom',
    'dicompath',
  ],
  patientId: ['patientid', 'patient', 'subjectid', 'subject', 'pid'],
  label: [
    'label',
    'labels',
    'class',
    'classname',
    'diagnosis',
    'finding',
    'findings',
    'findinglabels',
    'category',
    'target',
    'y',
  ],
  split: ['split', 'subset', 'partition', 'set', 'usage'],
};

const allNames = new Set(Object.values(names).flat());

/** Lower case, letters and digits only: `SOP Instance UID` and `sop_instance_uid` are the same column. */
const plain = (name: string): string => name.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');

/**
 * Finds the columns of a label file by their names; others are ignored.
 *
 * @throws GraftError `labels-no-header`, `labels-no-key`
 */
export function findLabelColumns(header: readonly string[], path: string): LabelColumns {
  const plainHeader = header.map(plain);
  const find = (kind: keyof typeof names): number | null => {
    const alias = names[kind].find((name) => plainHeader.includes(name));
    return alias === undefined ? null : plainHeader.indexOf(alias);
  };
  // A table without a header line has a patient where a name is expected: its first line is not to be repeated.
  if (!plainHeader.some((name) => allNames.has(name))) {
    throw new GraftError(
      'labels-no-header',
      `${path} needs a first line that names its columns, such as path,label; none of the ${header.length} in its first line is a name that Graft knows. Add or rename them.`,
    );
  }
  const keys: LabelColumns['keys'] = {};
  for (const key of ['sopInstanceUID', 'path', 'patientId'] as const) {
    const column = find(key);
    if (column !== null) keys[key] = column;
  }
  if (Object.keys(keys).length === 0) {
    throw new GraftError(
      'labels-no-key',
      `${path} needs a column path, sop_instance_uid or patient_id; found: ${header.join(', ')}. Rename one of them.`,
    );
  }
  return { keys, label: find('label'), split: find('split') };
}

/** @throws GraftError `labels-no-label-column` */
export function requireLabelColumn({ label }: LabelColumns, header: readonly string[], path: string): number {
  if (label !== null) return label;
  throw new GraftError(
    'labels-no-label-column',
    `${path} needs a column label, or one column of 0 and 1 for each finding; found: ${header.join(', ')}. Rename the one that holds the classes.`,
  );
}

const roles: Record<string, SplitRole> = {
  train: 'train',
  training: 'train',
  trn: 'train',
  validation: 'validation',
  valid: 'validation',
  val: 'validation',
  dev: 'validation',
  tuning: 'validation',
  test: 'test',
  testing: 'test',
  tst: 'test',
  holdout: 'test',
  heldout: 'test',
};

/** The role that a word names, or null. */
export function roleOf(word: string): SplitRole | null {
  return roles[plain(word)] ?? null;
}
