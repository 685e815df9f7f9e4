import type { ImageDetails } from '../../contract/calls/data.ts';
import {
  getAttributes,
  hashesOfInstance,
  instancesWithHash,
  listPreparationFailures,
  listLabelSets,
  getLabel,
} from '../../store/index.ts';
import type { Desk } from './desk.ts';
import { requireInstance } from './instance-of.ts';

/** @throws GraftError `image-missing` */
export function detailsOf(desk: Desk, instanceId: number): ImageDetails {
  const { db } = desk.session.project;
  const instance = requireInstance(desk, instanceId);
  const browser = desk.browser();
  const row = browser.table.rowOf.get(instanceId)!;
  const [labelSet] = listLabelSets(db);
  const label = labelSet ? getLabel(db, labelSet.id, instanceId) : null;
  const attributes = getAttributes(db, instanceId)!;
  const same = new Set(
    hashesOfInstance(db, instanceId).flatMap((hash) =>
      instancesWithHash(db, hash).filter((id) => id !== instanceId && browser.table.rowOf.has(id)),
    ),
  );
  const failures = listPreparationFailures(db).filter((one) => one.instanceId === instanceId);
  return {
    instanceId,
    pseudonym: browser.pseudonym(row),
    source: instance.source,
    path: instance.path,
    bytes: instance.size,
    attributes,
    label: label && {
      className: label.className,
      labelledBy: label.labelledBy,
      labelledAt: label.labelledAt,
    },
    problems: [
      ...failures.map(({ message }) => message),
      ...(instance.duplicateOf === null
        ? []
        : ['Another file carries the same SOP Instance UID and is used instead of this one.']),
      ...(attributes.BurnedInAnnotation === 'YES'
        ? ['Its header says that text is burned into the picture: look whether it names the patient.']
        : []),
    ],
    samePixels: [...same].map((id) => {
      const at = browser.table.rowOf.get(id)!;
      return {
        instanceId: id,
        pseudonym: browser.pseudonym(at),
        label: browser.classes[browser.labels[at]] ?? null,
      };
    }),
  };
}
