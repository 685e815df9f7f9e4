import { toCsv } from '../../platform/csv.ts';
import { getInstances, listLabels, listLabelStates, listReadings, listClasses } from '../../store/index.ts';
import type { Desk } from './desk.ts';

/** The labels of a set as a table that `graft label` reads again; one row for each image and reader. */
export function labelsAsCsv(desk: Desk, labelSetId: number): { text: string; rows: number } {
  const { db } = desk.session.project;
  const browser = desk.browser();
  const labels = listLabels(db, labelSetId);
  const states = listLabelStates(db, labelSetId);
  const names = new Map(listClasses(db, labelSetId).map(({ id, name }) => [id, name]));
  const readings = Map.groupBy(listReadings(db, labelSetId), ({ instanceId }) => instanceId);
  const instances = new Map(
    getInstances(
      db,
      labels.map(({ instanceId }) => instanceId),
    ).map((one) => [one.id, one]),
  );
  const rows = labels.map(({ instanceId, className, role, labelledBy, labelledAt }) => {
    const { source, path, SOPInstanceUID } = instances.get(instanceId)!;
    const others = (readings.get(instanceId) ?? [])
      .map(({ reader, classId }) => `${reader}: ${names.get(classId)}`)
      .join('; ');
    return [
      source,
      path,
      SOPInstanceUID ?? '',
      browser.pseudonym(browser.table.rowOf.get(instanceId)!),
      className,
      states.get(instanceId)?.uncertain ? 'yes' : '',
      role ?? '',
      labelledBy,
      labelledAt,
      others,
    ];
  });
  const head = [
    'source',
    'path',
    'sop_instance_uid',
    'pseudonym',
    'label',
    'uncertain',
    'split',
    'labelled_by',
    'labelled_at',
    'readings',
  ];
  return { text: toCsv([head, ...rows]), rows: rows.length };
}
