import { basename } from 'node:path';
import type { SplitRole } from '../contract/dataset.ts';
import { GraftError } from '../contract/errors.ts';
import type { LabelProblem } from '../contract/instances.ts';
import type { InstanceSummary, Project } from '../store/index.ts';
import { counted } from './identity.ts';
import type { ImageLookup } from './image-lookup.ts';
import { type LabelColumns, type LabelKey, roleOf } from './label-columns.ts';

/** What a row of a label file is about; without images where it cannot be used. */
export interface RowSubject {
  images: InstanceSummary[];
  role: SplitRole | null;
  problems: LabelProblem[];
}

export const unusable = (kind: LabelProblem['kind'], line: number, message: string): RowSubject => ({
  images: [],
  role: null,
  problems: [{ kind, line, message: `Line ${line}: ${message}` }],
});

/** The images that a row names, by UID before path, by the patient where it has neither; and the place it names for them. */
export function findImages(
  project: Project,
  lookup: ImageLookup,
  columns: LabelColumns,
  cells: readonly string[],
  line: number,
): RowSubject {
  const cell = (key: LabelKey): string => cells[columns.keys[key] ?? -1] ?? '';
  const uid = cell('sopInstanceUID');
  const path = cell('path');
  const patient = cell('patientId');
  if (uid === '' && path === '' && patient === '') {
    return unusable('no-key', line, 'neither image nor patient is named.');
  }
  let images = uid === '' ? [] : lookup.byUid(uid);
  if (images.length === 0 && path !== '') {
    images = lookup.byPath(path);
    if (images.length > 1) {
      return unusable('ambiguous-path', line, `the path fits ${images.length} images; write more of it.`);
    }
  }
  if (uid === '' && path === '') images = lookup.byPatient(project.hashPatientId(patient));
  if (images.length === 0) {
    const what = uid === '' && path === '' ? 'patient identifier' : path === '' ? 'SOP Instance UID' : 'path';
    return unusable('no-such-image', line, `no imported image has this ${what}.`);
  }
  const word = columns.split === null ? '' : (cells[columns.split] ?? '');
  const role = word === '' ? null : roleOf(word);
  const problems: LabelProblem[] =
    word !== '' && role === null
      ? [
          {
            kind: 'unknown-split',
            line,
            message: `Line ${line}: expected train, validation or test as split, found “${word}”; the label is kept.`,
          },
        ]
      : [];
  return { images, role, problems };
}

/** No row fits an image. */
export function noneMatched(path: string, rows: number, { keys }: LabelColumns, images: number): GraftError {
  const columnNames: Record<LabelKey, string> = {
    sopInstanceUID: 'SOP Instance UID',
    path: 'path',
    patientId: 'patient identifier',
  };
  const tried = (Object.keys(keys) as LabelKey[]).map((key) => columnNames[key]).join(' or ');
  return new GraftError(
    'labels-none-matched',
    images === 0
      ? `Expected images to label; none is imported. Import the folder that ${basename(path)} speaks of first.`
      : `Expected ${basename(path)} to name imported images; none of its ${counted(rows, 'row')} fits any of the ${counted(images, 'image')} by ${tried}. Paths must be relative to the imported folder or to the label file.`,
  );
}
