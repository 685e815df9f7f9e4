import { userInfo } from 'node:os';
import { basename } from 'node:path';
import type { SplitRole } from '../contract/dataset.ts';
import type { LabelProblem, LabelReport } from '../contract/instances.ts';
import type { LabelToStore, Project } from '../store/index.ts';
import { listInstances, saveLabels } from '../store/index.ts';
import { findImages, noneMatched, type RowSubject, unusable } from './find-images.ts';
import { findingsOfTable } from './finding-columns.ts';
import { importFindings } from './finding-labels.ts';
import { ImageLookup } from './image-lookup.ts';
import type { LabelColumns } from './label-columns.ts';
import { findLabelColumns, requireLabelColumn } from './label-columns.ts';
import { labelReport } from './label-report.ts';
import { readTable } from './read-table.ts';

export interface LabelOptions {
  /** Name of the label set, default `labels`, of findings `findings`; an existing one is added to, and its history kept. */
  name?: string;
  /** Only images of this source are labelled; default all. */
  source?: string;
  /** Who labelled, default the login name. */
  by?: string;
  /**
   * Whether an image may show several findings, or none. Default: yes where the table has a column of 0 and 1 for each finding and no column
   * `label`, or where a bar (`|`) parts findings in one cell.
   */
  multiLabel?: boolean;
  /** What an empty cell in a finding's column means: not judged, or not there. Default `unknown`. */
  blank?: 'unknown' | 'absent';
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
 * Images that get two labels get none, and are reported, as is every row that cannot be used. Of findings see `importFindings`.
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
  const findings = findingsOfTable(table, columns, options.multiLabel);
  if (findings) {
    const by = options.by ?? loginName();
    return importFindings(project, path, { table, columns, findings }, { ...options, by });
  }
  requireLabelColumn(columns, table.header, basename(path));
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

interface ReadRow extends RowSubject {
  label: string;
}

function readRow(
  project: Project,
  lookup: ImageLookup,
  columns: LabelColumns,
  cells: readonly string[],
  line: number,
): ReadRow {
  const label = cells[columns.label ?? -1] ?? '';
  if (label === '') return { ...unusable('no-label', line, 'the label is empty.'), label };
  return { ...findImages(project, lookup, columns, cells, line), label };
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
