import type {
  LeftOutReason,
  Split,
  SplitOptions,
  SplitOptionsInput,
  SplitRole,
} from '../contract/dataset.ts';
import { splitOptions, splitRoles } from '../contract/dataset.ts';
import { GraftError } from '../contract/errors.ts';
import type { LabelSet, Project, SplitToStore } from '../store/index.ts';
import {
  findInstanceIds,
  getSplit,
  listInstances,
  listLabels,
  listLabelSets,
  saveSplit,
} from '../store/index.ts';
import { counted, identity } from './identity.ts';
import { splitHash } from './split-hash.ts';
import {
  classesKind,
  findingsKind,
  type LabelledImage,
  type LeftOut,
  type PlacedImage,
  type SplitKind,
} from './split-kinds.ts';

/**
 * Deals the labelled images to train, validation and test by patient: no patient is ever on two sides. Stratified by
 * the patients' labels, drawn from the seed; the same images, labels and options give the same split in any project.
 * The split is stored, with its hash, and never changed.
 *
 * @param partOf of what it is a part; left out: it stands for itself
 * @throws GraftError `labels-missing`, `split-one-class`, `split-too-few-patients`, `split-patient-on-two-sides`,
 *   `split-nothing-predefined`, `split-set-name`, `split-set-empty`
 */
export function createSplit(
  project: Project,
  options: SplitOptionsInput = {},
  partOf?: SplitToStore['partOf'],
): Split {
  const complete = splitOptions.parse(options);
  const { id: labelSetId, multiLabel } = chooseLabelSet(project, complete);
  const leftOut: LeftOut[] = [];
  const labelled = labelledImages(project, labelSetId, leftOut);
  const kind: SplitKind = multiLabel ? findingsKind : classesKind;
  const { dealt, sets } = setApart(project, labelled, complete);
  const inside = complete.predefined
    ? predefined(dealt, complete, leftOut, kind)
    : dealAll(dealt, complete, kind);
  const classes = classesOf(inside, kind);
  const members = [...inside, ...evaluationImages(sets, inside, classes, leftOut, kind)];
  const placed = kind.knownOf(members, classes, leftOut).map(({ instance, label, role }) => ({
    instanceId: instance.id,
    identity: identity(instance),
    role,
    ...kind.memberOf(label, classes),
  }));
  const id = saveSplit(project.db, {
    labelSetId,
    classes,
    multiLabel,
    options: { ...complete, labelSetId },
    hash: splitHash(placed),
    members: placed,
    leftOut,
    ...(partOf ? { partOf } : {}),
  });
  return getSplit(project.db, id) as Split;
}

function chooseLabelSet(project: Project, { labelSetId }: SplitOptions): LabelSet {
  const sets = listLabelSets(project.db);
  const chosen = labelSetId === undefined ? sets[0] : sets.find(({ id }) => id === labelSetId);
  if (chosen) return chosen;
  throw new GraftError(
    'labels-missing',
    labelSetId === undefined
      ? 'Expected labels to split by; the project has none. Import a label file, or take labels from folder names.'
      : `Expected label set ${labelSetId}; the project has none of this number.`,
  );
}

function labelledImages(project: Project, labelSetId: number, leftOut: LeftOut[]): LabelledImage[] {
  const labels = new Map(listLabels(project.db, labelSetId).map((label) => [label.instanceId, label]));
  return listInstances(project.db).flatMap((instance) => {
    const label = labels.get(instance.id);
    if (!label) return [];
    if (instance.duplicateOf === null) return [{ instance, label }];
    leftOut.push({ instanceId: instance.id, reason: 'duplicate-sop-instance-uid' });
    return [];
  });
}

/** Evaluation sets take their images first; the filter says which of the others take part. */
function setApart(
  project: Project,
  labelled: readonly LabelledImage[],
  { filter, evaluationSets }: SplitOptions,
): { dealt: LabelledImage[]; sets: PlacedImage[] } {
  const wanted = filter ? findInstanceIds(project.db, filter) : null;
  const ids = Object.entries(evaluationSets).map(([name, one]) => {
    if (name === '' || splitRoles.includes(name as SplitRole)) {
      throw new GraftError(
        'split-set-name',
        `An evaluation set needs a name of its own, not “${name}”; give it another.`,
      );
    }
    return { name, ids: findInstanceIds(project.db, one) };
  });
  const dealt: LabelledImage[] = [];
  const sets: PlacedImage[] = [];
  for (const image of labelled) {
    const set = ids.find((one) => one.ids.has(image.instance.id));
    if (set) sets.push({ ...image, role: set.name });
    else if (wanted === null || wanted.has(image.instance.id)) dealt.push(image);
  }
  for (const { name } of ids) {
    if (sets.some(({ role }) => role === name)) continue;
    throw new GraftError(
      'split-set-empty',
      `Expected labelled images for the evaluation set “${name}”; its filter finds none. Check the filter's values.`,
    );
  }
  return { dealt, sets };
}

function classesOf(images: readonly PlacedImage[], kind: SplitKind): string[] {
  const training = images.filter(({ role }) => role === 'train');
  return kind.classesOf(training.length > 0 ? images : []);
}

function dealAll(
  images: readonly LabelledImage[],
  { fractions, seed }: SplitOptions,
  kind: SplitKind,
): PlacedImage[] {
  const sides = kind.deal(images, fractions, seed);
  return images.map((image) => ({ ...image, role: sides.get(image.instance.patientKey) as SplitRole }));
}

function predefined(
  images: readonly LabelledImage[],
  { fractions, seed }: SplitOptions,
  leftOut: LeftOut[],
  kind: SplitKind,
): PlacedImage[] {
  const placed = images.flatMap((image): PlacedImage[] => {
    if (image.label.role !== null) return [{ ...image, role: image.label.role }];
    leftOut.push({ instanceId: image.instance.id, reason: 'no-predefined-split' });
    return [];
  });
  requireOneSide(placed);
  const training = placed.filter(({ role }) => role === 'train');
  if (training.length === 0) {
    throw new GraftError(
      'split-nothing-predefined',
      'Expected labels that name images for training (a column split with train, validation, test); none does. Import a label file with one, or split by fractions.',
    );
  }
  const share = fractions.validation / (fractions.train + fractions.validation);
  if (share === 0 || placed.some(({ role }) => role === 'validation')) return placed;
  const sides = kind.deal(training, { train: 1 - share, validation: share }, seed);
  return placed.map((image) =>
    image.role === 'train' ? { ...image, role: sides.get(image.instance.patientKey) as SplitRole } : image,
  );
}

function requireOneSide(images: readonly PlacedImage[]): void {
  const byPatient = Map.groupBy(images, ({ instance }) => instance.patientKey);
  const torn = [...byPatient.values()].filter((own) => new Set(own.map(({ role }) => role)).size > 1);
  if (torn.length === 0) return;
  const roles = [...new Set(torn[0].map(({ role }) => role))].join(' and ');
  throw new GraftError(
    'split-patient-on-two-sides',
    `Expected each patient on one side only; ${counted(torn.length, 'patient has', 'patients have')} images on several (e.g. in ${roles}), which would make results look better than they are. Correct the split column, or split by fractions.`,
  );
}

function evaluationImages(
  sets: readonly PlacedImage[],
  inside: readonly PlacedImage[],
  classes: readonly string[],
  leftOut: LeftOut[],
  kind: SplitKind,
): PlacedImage[] {
  const patients = new Set(inside.map(({ instance }) => instance.patientKey));
  return sets.filter(({ instance, label }) => {
    const reason: LeftOutReason | null = patients.has(instance.patientKey)
      ? 'patient-in-split'
      : kind.belongs(label, classes)
        ? null
        : 'class-not-in-split';
    if (reason) leftOut.push({ instanceId: instance.id, reason });
    return reason === null;
  });
}
