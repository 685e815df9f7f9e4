import type { LeftOutReason, Split } from '../contract/dataset.ts';
import { splitOptions } from '../contract/dataset.ts';
import {
  getInstances,
  getSplit,
  listInstances,
  listLabels,
  listSplits,
  type Project,
  saveSplit,
} from '../store/index.ts';
import { identity } from './identity.ts';
import { splitHash } from './split-hash.ts';
import { classesKind, findingsKind, type PlacedImage } from './split-kinds.ts';

/** The set of all labelled images, where nothing is learned from labels. */
export const LABELLED = 'labelled';

/**
 * The split of a model that was trained in another project: nobody is here to learn from, and every labelled image that can be judged by the model's
 * classes is in the one evaluation set. Asked for again while the labels are the same, it is the same split.
 *
 * @param classes of the model, in the order of its outputs
 * @param withoutInstances their patients stay out: what chose a model is not to judge it as well
 */
export function arrivedSplit(
  project: Project,
  {
    labelSetId,
    classes,
    multiLabel,
    withoutInstances,
  }: {
    labelSetId: number;
    classes: readonly string[];
    multiLabel: boolean;
    withoutInstances: readonly number[];
  },
): Split {
  const { db } = project;
  const kind = multiLabel ? findingsKind : classesKind;
  const left = new Set(getInstances(db, withoutInstances).map(({ patientKey }) => patientKey));
  const labels = new Map(listLabels(db, labelSetId).map((label) => [label.instanceId, label]));
  const leftOut: { instanceId: number; reason: LeftOutReason }[] = [];
  const labelled = listInstances(db).flatMap((instance): PlacedImage[] => {
    const label = labels.get(instance.id);
    if (!label || left.has(instance.patientKey) || !kind.belongs(label, classes)) return [];
    if (instance.duplicateOf === null) return [{ instance, label, role: LABELLED }];
    leftOut.push({ instanceId: instance.id, reason: 'duplicate-sop-instance-uid' });
    return [];
  });
  const members = kind.knownOf(labelled, classes, leftOut).map(({ instance, label, role }) => ({
    instanceId: instance.id,
    identity: identity(instance),
    role,
    ...kind.memberOf(label, classes),
  }));
  const hash = splitHash(members);
  const same = listSplits(db).find(
    (one) =>
      one.hash === hash &&
      one.labelSetId === labelSetId &&
      JSON.stringify(one.classes) === JSON.stringify(classes) &&
      one.counts.train === undefined,
  );
  if (same) return same;
  const options = splitOptions.parse({
    labelSetId,
    evaluationSets: members.length > 0 ? { [LABELLED]: {} } : {},
  });
  const id = saveSplit(db, {
    labelSetId,
    classes: [...classes],
    multiLabel,
    options,
    hash,
    members,
    leftOut,
  });
  return getSplit(db, id)!;
}
