import {
  importFolder as importIntoProject,
  importLabels,
  type LabelOptions,
  labelsFromFolders,
} from '../cohort/index.ts';
import type { ImportReport, LabelReport } from '../contract/instances.ts';
import type { Session } from './session.ts';
import type { Reporting } from './reporting.ts';

export interface ImportFolderOptions {
  /** Name of the source: a hospital, a scanner. Default: the folder's. */
  name?: string;
  /** A CSV file with labels. */
  labels?: string;
  /** Takes each image's label from the folder that it lies in. */
  labelsFromFolders?: boolean;
  /** Of the CSV file: whether an image may show several findings; and what an empty cell means. */
  findings?: FindingOptions;
}

export type FindingOptions = Pick<LabelOptions, 'multiLabel' | 'blank'>;

/** What was indexed, and what came of the labels; null when none were asked for. */
export interface ImportedFolder {
  images: ImportReport;
  labels: LabelReport | null;
}

/**
 * Indexes a folder tree into the project, with labels from a file or from folder names. A folder that was imported
 * before is brought up to date.
 *
 * @throws GraftError what the cohort's `importFolder`, `importLabels` and `labelsFromFolders` throw
 */
export async function importFolder(
  { project, jobs }: Session,
  folder: string,
  options: ImportFolderOptions = {},
  reporting: Reporting = {},
): Promise<ImportedFolder> {
  const { name, labels } = options;
  const title = `Import of ${folder}`;
  return jobs.run({ kind: 'import', title, ...reporting }, async ({ signal, onProgress }) => {
    const images = await importIntoProject(project, folder, {
      signal,
      onProgress,
      ...(name === undefined ? {} : { name }),
    });
    const source = images.source.name;
    if (labels !== undefined) {
      return { images, labels: await importLabels(project, labels, { source, ...options.findings }) };
    }
    if (options.labelsFromFolders) return { images, labels: labelsFromFolders(project, { source }) };
    return { images, labels: null };
  });
}

/**
 * Labels images that are in the project already, from a CSV file.
 *
 * @param source only images of this source; default all
 * @throws GraftError what the cohort's `importLabels` throws
 */
export function labelImages(
  { project }: Session,
  path: string,
  source?: string,
  findings: FindingOptions = {},
): Promise<LabelReport> {
  return importLabels(project, path, { ...findings, ...(source === undefined ? {} : { source }) });
}
