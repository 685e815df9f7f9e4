import type { Finding, SplitRole } from '../contract/dataset.ts';
import { answerIds, findingsOf, renameAnswers } from './answers.ts';
import { auditLabelChanges } from './audit.ts';
import type { WritableDatabase } from './database.ts';
import { type LabelSource, openLabelSet, upsertLabels } from './labels.ts';

/** What is to be stored of an image of a multi-label set. */
export interface FindingsToStore {
  instanceId: number;
  /** By the finding's name; one that is missing is not judged. */
  findings: Readonly<Record<string, Finding>>;
  /** The place that the label file names for it. */
  role: SplitRole | null;
}

/**
 * Puts findings into the multi-label set of a name, which is made where it is missing, in one transaction. What was said of an image before
 * goes into the history; images not mentioned keep theirs.
 *
 * @param set.by who labelled
 * @param names of the findings, in order; those that the set lacks are added to it
 * @returns the set's id
 * @throws GraftError `label-set-kind`
 */
export function saveFindings(
  db: WritableDatabase,
  set: { name: string; source: LabelSource; by: string },
  names: readonly string[],
  labels: readonly FindingsToStore[],
): number {
  const now = new Date().toISOString();
  return db.transaction(() => {
    const setId = openLabelSet(db, set, true, now);
    const ids = addFindings(db, setId, names);
    const answers = answerIds(
      db,
      setId,
      labels.map(({ findings }) =>
        Object.fromEntries(Object.entries(findings).map(([name, state]) => [ids.get(name)!, state])),
      ),
    );
    const placed = labels.map(({ instanceId, role }, at) => ({ instanceId, classId: answers[at], role }));
    upsertLabels(db, setId, set, placed, now);
    auditLabelChanges(db);
    return setId;
  })();
}

/** @returns the ids of all findings that the set has then, by name */
function addFindings(
  db: WritableDatabase,
  labelSetId: number,
  names: readonly string[],
): Map<string, number> {
  const ids = new Map(findingsOf(db, labelSetId).map(({ id, name }) => [name, id]));
  const insert = db
    .prepare('INSERT INTO classes (label_set_id, name, position) VALUES (?, ?, ?) RETURNING id')
    .pluck();
  const missing = names.filter((name) => !ids.has(name));
  for (const name of missing) ids.set(name, insert.get(labelSetId, name, ids.size) as number);
  // What was said before said nothing of these.
  if (missing.length > 0) renameAnswers(db, labelSetId);
  return ids;
}
