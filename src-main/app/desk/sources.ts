import type { SourceSummary } from '../../contract/calls/data.ts';
import { GraftError } from '../../contract/errors.ts';
import {
  countInstances,
  countRefusedFiles,
  deleteSource,
  listSources,
  sourceStakes,
  type ReadableDatabase,
} from '../../store/index.ts';
import type { Session } from '../session.ts';

export function sourceSummaries(db: ReadableDatabase): SourceSummary[] {
  return listSources(db).map((source) => {
    const { images, patients } = countInstances(db, source.id);
    const refused = Object.values(countRefusedFiles(db, source.id)).reduce((sum, count) => sum + count, 0);
    const { labels, splitMembers } = sourceStakes(db, source.id);
    return { ...source, images, patients, refused, labels, inSplits: splitMembers > 0 };
  });
}

/**
 * Takes a source and its images out of the project.
 *
 * @throws GraftError `source-missing`, `source-in-split`
 */
export function removeSource({ project: { db } }: Session, id: number): void {
  const source = listSources(db).find((one) => one.id === id);
  if (!source) throw new GraftError('source-missing', `Expected a source of this project, found ${id}.`);
  if (sourceStakes(db, id).splitMembers > 0) {
    throw new GraftError(
      'source-in-split',
      `Expected a source that no split uses; images of ${source.name} are in one, and what was trained on it must stay explainable. Leave it in, and choose other images in the next split.`,
    );
  }
  deleteSource(db, id);
}
