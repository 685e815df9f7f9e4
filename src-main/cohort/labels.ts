import { userInfo } from 'node:os';
import { basename } from 'node:path';
import type { SplitRole } from '../contract/dataset.ts';
import { GraftError } from '../contract/errors.ts';
import type { LabelProblem, LabelReport } from '../contract/instances.ts';
import type { InstanceSummary, LabelToStore, Project } from '../store/index.ts';
import { listInstances, saveLabels } from '../store/index.ts';
import { counted } from './identity.ts';
import { ImageLookup } from './image-lookup.ts';
import type { LabelColumns, LabelKey } from './label-columns.ts';
import { findLabelColumns, roleOf } from './label-columns.ts';
import { labelReport } from './label-report.ts';
import { readTable } from './read-table.ts';

export interface LabelOptions {
  /** Name of the label set, default `labels`; an existing one is added to, and its history kept. */
  name?: string;
  /** Only images of this source are labelled; default all. */
  source?: string;
  /** Who labelled, default the login name. */
  by?: string;
}

/** What a label file says of one image. */
interface Claim {
  label: string;
  role: SplitRole | null;
  line: number;
}

/** The login name, for the record of who labelled. */
export function loginName(): string {
  try {
    return userInfo().username;
  } catch {
    return 'unknown';
  }
}

/**
 * Reads labels from a table with a column `label` and one or more of `sop_instance_uid`, `path` and `patient_id` (names
 * in any case, and common others); `split` with train, validation or test is kept as predefined place. A row's UID counts
 * before its path; the patient counts only where a row has neither, and means all images of the patient. Patient
 * identifiers are hashed before they are compared, and never stored.
 *
 * Images that get two labels get none, and are reported, as is every row that cannot be used.
 *
 * @example
 * const report = await importLabels(project, '/data/labels.csv');
 * report.sentences.forEach((sentence) => say(sentence));
 * @throws GraftError `table-unreadable`, `table-empty`, `labels-no-key`, `labels-no-label-column`, `labels-none-matched`
 */
export async function importLabels(
  project: Project,
  path: string,
  options: LabelOptions = {},
): Promise<LabelReport> {
  const table = await readTable(path);
  const columns = findLabelColumns(table.header, basename(path));
  const instances = listInstances(project.db, options.source === undefined ? {} : { source: options.source });
  const lookup = new ImageLookup(instances, path);
  const claims = new Map<number, Claim[]>();
  const problems: LabelProblem[] = [];
  let matchedRows = 0;
  for (const { line, cells } of table.rows) {
    const read = readRow(project, lookup, columns, cells, line);
    problems.push(...read.problems);
    if (read.images.length === 0) continue;
    matchedRows++;
    for (const { id } of read.images) {
      const claim: Claim = { label: read.label, role: read.role, line };
      const others = claims.get(id);
      if (others) others.push(claim);
      else claims.set(id, [claim]);
    }
  }
  if (matchedRows === 0) throw noneMatched(path, table.rows.length, columns, instances.length);
  const labels = settle(claims, problems);
  const labelSetId = saveLabels(
    project.db,
    { name: options.name ?? 'labels', source: 'csv', by: options.by ?? loginName() },
    labels,
  );
  return labelReport(project.db, labelSetId, {
    labels,
    rows: table.rows.length,
    matchedRows,
    problems,
  });
}

interface ReadRow {
  images: InstanceSummary[];
  label: string;
  role: SplitRole | null;
  problems: LabelProblem[];
}

function readRow(
  project: Project,
  lookup: ImageLookup,
  columns: LabelColumns,
  cells: readonly string[],
  line: number,
): ReadRow {
  const label = cells[columns.label] ?? '';
  const nothing = (kind: LabelProblem['kind'], message: string): ReadRow => ({
    images: [],
    label,
    role: null,
    problems: [{ kind, line, message: `Line ${line}: ${message}` }],
  });
  if (label === '') return nothing('no-label', 'the label is empty.');
  const cell = (key: LabelKey): string => cells[columns.keys[key] ?? -1] ?? '';
  const uid = cell('sopInstanceUID');
  const path = cell('path');
  const patient = cell('patientId');
  if (uid === '' && path === '' && patient === '') {
    return nothing('no-key', 'neither image nor patient is named.');
  }
  let images = uid === '' ? [] : lookup.byUid(uid);
  if (images.length === 0 && path !== '') {
    images = lookup.byPath(path);
    if (images.length > 1) {
      return nothing('ambiguous-path', `the path fits ${images.length} images; write more of it.`);
    }
  }
  if (uid === '' && path === '') images = lookup.byPatient(project.hashPatientId(patient));
  if (images.length === 0) {
    const what = uid === '' && path === '' ? 'patient identifier' : path === '' ? 'SOP Instance UID' : 'path';
    return nothing('no-such-image', `no imported image has this ${what}.`);
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
  return { images, label, role, problems };
}

/** One label for each image; what contradicts itself becomes a problem. */
function settle(claims: ReadonlyMap<number, Claim[]>, problems: LabelProblem[]): LabelToStore[] {
  const labels: LabelToStore[] = [];
  for (const [instanceId, own] of claims) {
    const lines = own.map(({ line }) => line).join(' and ');
    const names = [...new Set(own.map(({ label }) => label))];
    if (names.length > 1) {
      const message = `Lines ${lines} give one image different labels (${names.join(', ')}); it gets none.`;
      problems.push({ kind: 'label-conflict', line: own[0].line, message });
      continue;
    }
    const roles = [...new Set(own.flatMap(({ role }) => role ?? []))];
    if (roles.length > 1) {
      const message = `Lines ${lines} give one image different splits (${roles.join(', ')}); it gets none.`;
      problems.push({ kind: 'split-conflict', line: own[0].line, message });
    }
    labels.push({ instanceId, className: names[0], role: roles.length === 1 ? roles[0] : null });
  }
  return labels;
}

function noneMatched(path: string, rows: number, { keys }: LabelColumns, images: number): GraftError {
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
