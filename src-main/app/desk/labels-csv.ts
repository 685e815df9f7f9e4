import { toCsv } from '../../platform/csv.ts';
import {
  answerNames,
  getInstances,
  isMultiLabel,
  type Label,
  listClasses,
  listLabels,
  listLabelStates,
  listReadings,
} from '../../store/index.ts';
import type { Desk } from './desk.ts';

/**
 * The labels of a set as a table that `graft label` reads again; one row for each image. Findings have a column each: 1, 0, ? where in
 * doubt, empty where not judged.
 */
export function labelsAsCsv(desk: Desk, labelSetId: number): { text: string; rows: number } {
  const { db } = desk.session.project;
  const browser = desk.browser();
  const labels = listLabels(db, labelSetId);
  const states = listLabelStates(db, labelSetId);
  const classes = listClasses(db, labelSetId).map(({ name }) => name);
  const names = answerNames(db, labelSetId);
  const multiLabel = isMultiLabel(db, labelSetId);
  const answerOf = (label: Label): string[] =>
    label.findings
      ? classes.map((name) => {
          const state = label.findings![name];
          return state === undefined ? '' : state === null ? '?' : String(state);
        })
      : [label.className];
  const readings = Map.groupBy(listReadings(db, labelSetId), ({ instanceId }) => instanceId);
  const instances = new Map(
    getInstances(
      db,
      labels.map(({ instanceId }) => instanceId),
    ).map((one) => [one.id, one]),
  );
  const rows = labels.map((label) => {
    const { instanceId, role, labelledBy, labelledAt } = label;
    const { source, path, SOPInstanceUID } = instances.get(instanceId)!;
    const others = (readings.get(instanceId) ?? [])
      .map(({ reader, classId }) => `${reader}: ${names.get(classId)}`)
      .join('; ');
    return [
      source,
      path,
      SOPInstanceUID ?? '',
      browser.pseudonym(browser.table.rowOf.get(instanceId)!),
      ...answerOf(label),
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
    ...(multiLabel ? classes : ['label']),
    'uncertain',
    'split',
    'labelled_by',
    'labelled_at',
    'readings',
  ];
  return { text: toCsv([head, ...rows]), rows: rows.length };
}
