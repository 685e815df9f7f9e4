import { GraftError } from '../contract/errors.ts';
import type { LabelReport } from '../contract/instances.ts';
import type { InstanceSummary, LabelToStore, Project } from '../store/index.ts';
import { listInstances, saveLabels } from '../store/index.ts';
import { roleOf } from './label-columns.ts';
import { labelReport } from './label-report.ts';
import { loginName, type LabelOptions } from './labels.ts';

export interface FolderLabelOptions extends LabelOptions {
  /** Which folder of the paths names the class, 0 the first below the source; default the one that fits. */
  level?: number;
}

/** More classes than this is hardly what a person sorts into folders. */
const mostClasses = 50;

/**
 * The level of folders that names the classes: the one with the fewest different names, but at least two, each with two
 * images or more; of several the uppermost. A level that only says train and test is passed over. Null where none fits.
 */
export function findClassLevel(paths: readonly string[]): number | null {
  const folders = paths.map((path) => path.split('/').slice(0, -1));
  const deepest = Math.min(...folders.map((names) => names.length));
  let best: { level: number; names: number } | null = null;
  for (let level = 0; level < deepest; level++) {
    const groups = Map.groupBy(folders, (names) => names[level]);
    const roles = [...groups.keys()].every((name) => roleOf(name) !== null);
    const fits = groups.size >= 2 && groups.size <= mostClasses && !roles;
    if (!fits || [...groups.values()].some((group) => group.length < 2)) continue;
    if (!best || groups.size < best.names) best = { level, names: groups.size };
  }
  return best?.level ?? null;
}

/**
 * Labels images by the folders they lie in: `glioma/patient-1/a.dcm` is glioma. A level named train, validation and test
 * above or below becomes the predefined split.
 *
 * @throws GraftError `labels-no-folder-level`
 */
export function labelsFromFolders(project: Project, options: FolderLabelOptions = {}): LabelReport {
  const instances = listInstances(project.db, options.source === undefined ? {} : { source: options.source });
  const level = options.level ?? findClassLevel(instances.map(({ path }) => path));
  const labels = level === null ? [] : instances.flatMap((instance) => labelAt(instance, level));
  if (level === null || labels.length === 0) {
    throw new GraftError(
      'labels-no-folder-level',
      'Expected a level of folders that tells classes apart (two or more folders with images in each); found none. Give labels in a CSV file instead.',
    );
  }
  const labelSetId = saveLabels(
    project.db,
    { name: options.name ?? 'folders', source: 'folders', by: options.by ?? loginName() },
    labels,
  );
  return labelReport(project.db, labelSetId, { labels, rows: 0, matchedRows: 0, problems: [] });
}

function labelAt({ id, path }: InstanceSummary, level: number): LabelToStore[] {
  const folders = path.split('/').slice(0, -1);
  if (folders[level] === undefined) return [];
  const role = folders.filter((_, index) => index !== level).map(roleOf);
  return [{ instanceId: id, className: folders[level], role: role.find((one) => one !== null) ?? null }];
}
