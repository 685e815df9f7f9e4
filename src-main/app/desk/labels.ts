import type { labelCalls, LabelSetDetails } from '../../contract/calls/labels.ts';
import { meansNone } from '../../cohort/index.ts';
import type { Finding } from '../../contract/dataset.ts';
import { GraftError } from '../../contract/errors.ts';
import { readHeader } from '../../dicom/index.ts';
import { writeFileAtomic } from '../../platform/files.ts';
import {
  answerIds,
  createLabelSet,
  labelUnitOf,
  listAnswers,
  listClasses,
  listLabelSets,
  mergeClasses,
  saveReadings,
  transaction,
  updateLabelSet,
} from '../../store/index.ts';
import type { Desk, Handlers } from './desk.ts';
import { labelledImage } from './labelled-image.ts';
import { labelQueue } from './label-queue.ts';
import { labelSetDetails } from './label-set-details.ts';
import { labelsAsCsv } from './labels-csv.ts';
import { requireInstance } from './instance-of.ts';
import { readerName, saveReaderName } from './reader.ts';

export const labelHandlers: Handlers<typeof labelCalls> = {
  'labels.sets': (_, { session }) =>
    listLabelSets(session.project.db).map((set) => labelSetDetails(session.project.db, set)),
  'labels.createSet': (set, desk) => {
    if (set.multiLabel) refuseNone(set.classes);
    const id = createLabelSet(desk.session.project.db, set);
    return changed(desk, id);
  },
  'labels.updateSet': ({ id, ...set }, desk) => {
    if (requireSet(desk, id).multiLabel) refuseNone(set.classes);
    updateLabelSet(desk.session.project.db, id, set);
    return changed(desk, id);
  },
  'labels.mergeClass': ({ labelSetId, from, into }, desk) => {
    requireClass(desk, labelSetId, from);
    requireClass(desk, labelSetId, into);
    if (from !== into) mergeClasses(desk.session.project.db, from, into);
    return changed(desk, labelSetId);
  },
  'labels.queue': (input, desk) => {
    requireSet(desk, input.labelSetId);
    return labelQueue(desk, input);
  },
  'labels.image': ({ labelSetId, instanceId }, desk) => labelledImage(desk, labelSetId, instanceId),
  'labels.set': ({ labelSetId, labels, exactly }, desk) => {
    const { db } = desk.session.project;
    const { multiLabel } = requireSet(desk, labelSetId);
    const given = multiLabel ? withAnswers(desk, labelSetId, labels) : labels;
    if (!multiLabel) {
      for (const classId of new Set(labels.map((one) => one.classId))) {
        if (classId !== null) requireClass(desk, labelSetId, classId);
      }
    }
    const whole =
      exactly || labelUnitOf(db, labelSetId) === 'image'
        ? given
        : given.flatMap((one) =>
            desk
              .browser()
              .imagesOfPatient(one.instanceId)
              .map((instanceId) => ({ ...one, instanceId })),
          );
    const before = saveReadings(db, labelSetId, readerName(), whole, exactly);
    desk.labelsChanged();
    if (!multiLabel) return { before };
    const answers = listAnswers(db, labelSetId);
    return {
      before: before.map((one) => ({
        ...one,
        ...(one.classId === null ? {} : { findings: answers.get(one.classId)! }),
      })),
    };
  },
  'labels.reader': () => readerName(),
  'labels.setReader': ({ name }) => saveReaderName(name),
  'labels.exportCsv': ({ labelSetId, path }, desk) => {
    requireSet(desk, labelSetId);
    const { text, rows } = labelsAsCsv(desk, labelSetId);
    writeFileAtomic(path, text);
    return rows;
  },
  'labels.patient': async ({ instanceId }, desk) => {
    const { absolutePath } = requireInstance(desk, instanceId);
    const outcome = await readHeader(absolutePath);
    return { patientId: outcome.kind === 'image' ? outcome.header.PatientID : null };
  },
};

interface GivenLabel {
  instanceId: number;
  classId: number | null;
  uncertain: boolean;
  findings?: Record<string, Finding> | undefined;
}

/** Labels of a multi-label set with the answers that their findings are. */
function withAnswers(desk: Desk, labelSetId: number, labels: readonly GivenLabel[]): GivenLabel[] {
  const { db } = desk.session.project;
  for (const id of new Set(labels.flatMap(({ findings }) => Object.keys(findings ?? {}))))
    requireClass(desk, labelSetId, Number(id));
  const said = labels.flatMap(({ findings }) => (findings ? [findings] : []));
  const ids = transaction(db, () => answerIds(db, labelSetId, said));
  return labels.map((one) => ({ ...one, classId: one.findings ? ids.shift()! : null }));
}

/** That there is none is an answer of its own, with a key of its own. */
function refuseNone(classes: readonly { name: string }[]): void {
  const none = classes.find(({ name }) => meansNone(name));
  if (!none) return;
  throw new GraftError(
    'finding-none',
    `Expected findings, found “${none.name}”: that an image shows none of them is an answer of its own, with the key 0. Leave it out.`,
  );
}

function changed(desk: Desk, id: number): LabelSetDetails {
  desk.labelsChanged();
  return labelSetDetails(desk.session.project.db, requireSet(desk, id));
}

function requireSet({ session }: Desk, id: number): ReturnType<typeof listLabelSets>[number] {
  const set = listLabelSets(session.project.db).find((one) => one.id === id);
  if (set) return set;
  throw new GraftError('label-set-missing', `Expected a label set of this project, found ${id}.`);
}

function requireClass({ session }: Desk, labelSetId: number, classId: number): void {
  if (listClasses(session.project.db, labelSetId).some(({ id }) => id === classId)) return;
  throw new GraftError('class-missing', `Expected a class of this label set, found ${classId}.`);
}
