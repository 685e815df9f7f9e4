import type { Finding, SplitRole } from '../contract/dataset.ts';
import type { LabelProblem, LabelReport } from '../contract/instances.ts';
import { type FindingsToStore, listInstances, type Project, saveFindings } from '../store/index.ts';
import { findImages, noneMatched, unusable } from './find-images.ts';
import { type FindingColumns, findingsInRow, type RowFindings } from './finding-columns.ts';
import { ImageLookup } from './image-lookup.ts';
import type { LabelColumns } from './label-columns.ts';
import { findingReport } from './label-report.ts';
import type { Table } from './read-table.ts';

/** What a label file says of one image. */
interface Claim {
  findings: RowFindings;
  role: SplitRole | null;
  line: number;
}

/**
 * Reads findings from a table, an image having any number of them: several in a cell of the column `label`, parted by `|` or `;` (NIH
 * ChestX-ray14), or a column of 1, 0 and −1 for each (CheXpert). What is in doubt or not judged is kept as such, and counts neither in the loss nor
 * in the evaluation. Rows about the same image are put together; where they contradict one another, the image gets no label.
 *
 * @throws GraftError `labels-none-matched`, `label-set-kind`
 */
export function importFindings(
  project: Project,
  path: string,
  { table, columns, findings }: { table: Table; columns: LabelColumns; findings: FindingColumns },
  options: { name?: string; source?: string; by: string; blank?: 'unknown' | 'absent' },
): LabelReport {
  const instances = listInstances(project.db, options.source === undefined ? {} : { source: options.source });
  const lookup = new ImageLookup(instances, path);
  const claims = new Map<number, Claim[]>();
  const problems: LabelProblem[] = [];
  let matchedRows = 0;
  for (const { line, cells } of table.rows) {
    const said = findingsInRow(findings, cells, options.blank ?? 'unknown');
    const { images, role, ...read } =
      said === null
        ? unusable('no-label', line, 'it says nothing of any finding.')
        : findImages(project, lookup, columns, cells, line);
    problems.push(...read.problems);
    if (images.length === 0) continue;
    matchedRows++;
    for (const { id } of images) claims.set(id, [...(claims.get(id) ?? []), { findings: said!, role, line }]);
  }
  if (matchedRows === 0) throw noneMatched(path, table.rows.length, columns, instances.length);
  const labels = settle(claims, findings.kind, problems);
  const names = findings.kind === 'cells' ? findings.names : findings.findings.map(({ name }) => name);
  const labelSetId = saveFindings(
    project.db,
    { name: options.name ?? 'findings', source: 'csv', by: options.by },
    names,
    labels,
  );
  return findingReport(project.db, labelSetId, {
    labels,
    names,
    rows: table.rows.length,
    matchedRows,
    problems,
  });
}

/** One answer for each image; what contradicts itself becomes a problem. */
function settle(
  claims: ReadonlyMap<number, Claim[]>,
  kind: FindingColumns['kind'],
  problems: LabelProblem[],
): FindingsToStore[] {
  const labels: FindingsToStore[] = [];
  for (const [instanceId, own] of claims) {
    const lines = own.map(({ line }) => line).join(' and ');
    const findings = kind === 'cells' ? named(own) : agreed(own);
    if (findings === null) {
      const message = `Lines ${lines} contradict one another about the findings of one image; it gets none.`;
      problems.push({ kind: 'label-conflict', line: own[0].line, message });
      continue;
    }
    const roles = [...new Set(own.flatMap(({ role }) => role ?? []))];
    if (roles.length > 1) {
      const message = `Lines ${lines} give one image different splits (${roles.join(', ')}); it gets none.`;
      problems.push({ kind: 'split-conflict', line: own[0].line, message });
    }
    labels.push({ instanceId, findings, role: roles.length === 1 ? roles[0] : null });
  }
  return labels;
}

const isNone = ({ findings }: Claim): boolean => Object.values(findings).every((state) => state === 0);

/** Rows that each name some findings of an image name them all together; one that says that there is none stands alone. */
function named(claims: readonly Claim[]): RowFindings | null {
  if (claims.some(isNone) && !claims.every(isNone)) return null;
  const state = (name: string): Finding => {
    const said = claims.map(({ findings }) => findings[name]);
    return said.includes(1) ? 1 : said.includes(null) ? null : 0;
  };
  return Object.fromEntries(Object.keys(claims[0].findings).map((name) => [name, state(name)]));
}

/** Rows that say the same where both say something. */
function agreed(claims: readonly Claim[]): RowFindings | null {
  const all: Record<string, Finding> = {};
  for (const { findings } of claims)
    for (const [name, state] of Object.entries(findings)) {
      if (name in all && all[name] !== state) return null;
      all[name] = state;
    }
  return all;
}
