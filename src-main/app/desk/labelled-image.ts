import type { LabelledImage } from '../../contract/calls/labels.ts';
import {
  answerNames,
  findingsText,
  type FindingStates,
  getAttributes,
  getLabel,
  getLabelState,
  listAnswers,
  listLabelHistory,
  listReadings,
} from '../../store/index.ts';
import type { Desk } from './desk.ts';
import { requireInstance } from './instance-of.ts';

/** @throws GraftError `image-missing` */
export function labelledImage(desk: Desk, labelSetId: number, instanceId: number): LabelledImage {
  const { db } = desk.session.project;
  const instance = requireInstance(desk, instanceId);
  const browser = desk.browser();
  const { table } = browser;
  const row = table.rowOf.get(instanceId)!;
  const neighbours = browser.seriesRows(row);
  const attributes = getAttributes(db, instanceId)!;
  const label = getLabel(db, labelSetId, instanceId);
  const names = answerNames(db, labelSetId);
  const answers = listAnswers(db, labelSetId);
  const said = (classId: number): { said: string; findings?: FindingStates } => {
    const findings = answers.get(classId);
    if (!findings) return { said: names.get(classId) ?? '' };
    const named = Object.entries(findings).map(([id, state]) => [names.get(Number(id))!, state] as const);
    return { said: findingsText(Object.fromEntries(named)), findings };
  };
  const state = label && getLabelState(db, labelSetId, instanceId);
  return {
    instanceId,
    pseudonym: browser.pseudonym(row),
    source: instance.source,
    series: attributes.SeriesDescription ?? `Series ${attributes.SeriesNumber ?? 1}`,
    place: neighbours.indexOf(row) + 1,
    inSeries: neighbours.length,
    seriesInstanceIds: neighbours.map((one) => table.ids[one]),
    frames: attributes.NumberOfFrames,
    modality: attributes.Modality,
    burnedIn: attributes.BurnedInAnnotation === 'YES',
    label: label &&
      state && {
        ...state,
        ...said(state.classId),
        labelledBy: label.labelledBy,
        labelledAt: label.labelledAt,
      },
    readings: listReadings(db, labelSetId, instanceId).map((one) => ({
      classId: one.classId,
      ...said(one.classId),
      uncertain: one.uncertain,
      reader: one.reader,
      readAt: one.readAt,
    })),
    history: listLabelHistory(db, labelSetId, instanceId).map((one) => ({
      className: one.className,
      uncertain: one.uncertain,
      labelledBy: one.labelledBy,
      labelledAt: one.labelledAt,
      endedAt: one.endedAt,
    })),
  };
}
