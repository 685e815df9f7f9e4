import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { chooseUnlabelled, prepareUnlabelled, type UnlabelledImages } from '../cohort/index.ts';
import type { AddedModel } from '../contract/calls/models.ts';
import type { PreprocessingInput, Split } from '../contract/dataset.ts';
import { preprocessingSpec } from '../contract/dataset.ts';
import { GraftError } from '../contract/errors.ts';
import {
  type SelfSupervisionConfig,
  type SelfSupervisionReport,
  selfSupervisionSchema,
  type SelfSupervisionSettings,
  type UnlabelledFacts,
} from '../contract/self-supervision.ts';
import { runInWorker } from '../jobs/run-in-worker.ts';
import type { UnlabelledResult, UnlabelledTask } from '../jobs/unlabelled-worker.ts';
import {
  backboneStages,
  countParameters,
  modelCard,
  planFreeze,
  readModelNetwork,
  shippedWeights,
} from '../models/index.ts';
import { sha256, sha256OfFile } from '../platform/files.ts';
import { countImageKinds, type Project } from '../store/index.ts';
import { methodNamed, sidesOf } from '../training/index.ts';
import { addedModels, chosenModel, keepModel } from './added-models.ts';
import { chooseSplit, type SplitChoice } from './choose-split.ts';
import { imagesSeen, writeImagesSeen } from './lineage.ts';
import {
  createPretraining,
  pretrainingFolder,
  type PretrainingRecord,
  readPretraining,
  removePretraining,
  unfinishedPretrainings,
} from './pretraining-records.ts';
import type { Session } from './session.ts';
import type { Reporting } from './reporting.ts';
import { startNetwork } from './start-network.ts';
import { preprocessingFor } from './train-model.ts';

export interface PretrainOptions {
  /** A model of the library with weights, or an added one by its id or title. Default: starter. */
  from?: string;
  settings?: Omit<SelfSupervisionSettings, 'modelName' | 'initial'>;
  /** Names; default: the whole project. */
  datasets?: readonly string[];
  /** Whose held-out patients are left out. Default: the split made last, or where there are labels and no split, a new one. */
  split?: SplitChoice;
  preprocessing?: Partial<PreprocessingInput>;
  /** What the new model is called. */
  title?: string;
  /** Told once it is known, before anything long begins. */
  onStart?: (started: { id: number; facts: UnlabelledFacts; warnings: string[] }) => void;
  onReport?: (report: SelfSupervisionReport) => void;
}

/**
 * Continues a model on a project's own images without looking at their labels, and adds what comes of it to the project as a model to start
 * from. Patients who are held out for evaluation take no part.
 *
 * @throws GraftError `settings-wrong`, `stage-unknown`, `model-unknown`, `weights-not-shipped`, `split-missing`, `images-too-few`, `representation-collapsed`,
 * `training-diverged`, `cancelled`, `worker-died`: what was done by then can be gone on with
 */
export async function pretrainUnlabelled(
  session: Session,
  options: PretrainOptions = {},
  reporting: Reporting = {},
): Promise<AddedModel> {
  const { project } = session;
  const { modelName, initial = 'pretrained' } = chosenModel(project, options.from ?? 'starter');
  const config = parseSettings({ ...options.settings, modelName, initial });
  const parent = await parentOf(project, config);
  requireLearning(config);
  const split = splitFor(session, options.split ?? {});
  const datasets = options.datasets ?? null;
  const { instanceIds, heldOut, ...chosen } = chooseUnlabelled(project, split?.id ?? null, datasets);
  if (instanceIds.length === 0) {
    throw new GraftError(
      'images-too-few',
      `Expected images to learn from${datasets ? ` in ${datasets.join(', ')}` : ''}, found none${heldOut.leftOut > 0 ? ` but those of held-out patients (${heldOut.leftOut})` : ''}. Import some, or name other datasets.`,
    );
  }
  const preprocessing = preprocessingSpec.parse(
    preprocessingFor(session, { modelName, initial }, options.preprocessing ?? {}),
  );
  const record: PretrainingRecord = {
    title: options.title ?? freeTitle(project, `${parent.title}, continued without labels`),
    startedAt: new Date().toISOString(),
    config,
    preprocessing,
    parent,
    datasets: datasets === null ? null : [...datasets],
    instanceIds,
    heldOut: split && { splitId: split.id, splitHash: split.hash, ...heldOut },
  };
  const id = createPretraining(project, record);
  options.onStart?.({
    id,
    facts: {
      images: instanceIds.length,
      patients: chosen.patients,
      heldOut: split && { splitId: split.id, patients: heldOut.patients, images: heldOut.leftOut },
    },
    warnings: flipWarnings(project, config, datasets, split?.classes ?? []),
  });
  return carryOut(session, id, record, reporting, options.onReport);
}

/**
 * Goes on with a pre-training that was stopped, from what it kept last.
 *
 * @throws GraftError `pretraining-missing`, and what `pretrainUnlabelled` throws
 */
export async function resumePretraining(
  session: Session,
  id: number,
  reporting: Reporting = {},
  onReport?: (report: SelfSupervisionReport) => void,
): Promise<AddedModel> {
  return carryOut(session, id, readPretraining(session.project, id), reporting, onReport);
}

/** Throws away a pre-training that was stopped. @throws GraftError `pretraining-missing` */
export function discardPretraining(project: Project, id: number): void {
  readPretraining(project, id);
  removePretraining(project, id);
}

/**
 * What a pre-training without labels would look at.
 *
 * @param split whose held-out patients are left out; null where there is none
 */
export function unlabelledFacts(
  project: Project,
  split: Pick<Split, 'id'> | null,
  datasets: readonly string[] | null = null,
): UnlabelledFacts {
  const { instanceIds, patients, heldOut } = chooseUnlabelled(project, split?.id ?? null, datasets);
  return {
    images: instanceIds.length,
    patients,
    heldOut: split && { splitId: split.id, patients: heldOut.patients, images: heldOut.leftOut },
  };
}

async function carryOut(
  session: Session,
  id: number,
  record: PretrainingRecord,
  reporting: Reporting,
  onReport?: (report: SelfSupervisionReport) => void,
): Promise<AddedModel> {
  const { project, jobs } = session;
  const { config, preprocessing, instanceIds, heldOut } = record;
  const prepareTitle = `Preparing the images of pre-training ${id}`;
  const images = await jobs.run({ kind: 'prepare', title: prepareTitle, ...reporting }, (handle) =>
    prepareUnlabelled(project, instanceIds, heldOut?.instanceIds ?? [], preprocessing, handle),
  );
  const folder = pretrainingFolder(project, id);
  const sourceTask = `self-supervised on ${images.hashes.length} unlabelled images of this project${record.parent.sourceTask ? `, before that ${record.parent.sourceTask}` : ''}`;
  const title = `Pre-training ${id} without labels (${config.method}, ${images.hashes.length} images)`;
  const result = await jobs
    .run({ kind: 'pretrain', title, ...reporting }, ({ signal, onProgress }) =>
      runInWorker<UnlabelledTask, SelfSupervisionReport, UnlabelledResult>(
        new URL('../jobs/unlabelled-worker.ts', import.meta.url),
        {
          config,
          dataset: images.dataset,
          folder,
          metadata: { title: record.title, sourceTask, method: config.method },
        },
        { what: `Pre-training ${id}`, signal, onProgress, ...(onReport ? { onEvent: onReport } : {}) },
      ),
    )
    .catch((thrown: unknown) => {
      if (HOPELESS.includes(GraftError.from(thrown).code)) removePretraining(project, id);
      throw thrown;
    });
  const added = addResult(project, record, images, result, sourceTask, join(folder, 'model'));
  removePretraining(project, id);
  return added;
}

function addResult(
  project: Project,
  { title, parent, config, datasets, heldOut, preprocessing }: PretrainingRecord,
  { hashes, patients, copies }: UnlabelledImages,
  { reports, steps, epochs, engine, seconds }: UnlabelledResult,
  sourceTask: string,
  folder: string,
): AddedModel {
  writeImagesSeen(folder, [...hashes, ...imagesSeen(config.initial)]);
  const network = readModelNetwork(folder);
  return keepModel(
    project,
    folder,
    {
      modelName: config.modelName,
      title,
      licence: parent.licence,
      source: `this project’s own images, from ${parent.title}`,
      sourceTask,
      sha256: sha256(readFileSync(join(folder, 'weights.safetensors'))),
      parameters: countParameters(network),
      report: null,
      lineage: {
        parent: { name: parent.name, title: parent.title, sha256: parent.sha256 },
        method: config.method,
        methodTitle: methodNamed(config.method).title,
        images: hashes.length,
        patients,
        datasets,
        imagesSha256: sha256(JSON.stringify([...hashes].sort())),
        size: preprocessing.height,
        heldOut: heldOut && {
          splitId: heldOut.splitId,
          splitHash: heldOut.splitHash,
          patients: heldOut.patients,
          images: heldOut.leftOut + copies.ofHeldOut,
        },
        // A folder on this machine says who uses it; its last name is enough to know the model by.
        settings: { ...config, initial: basename(config.initial) },
        steps,
        epochs,
        reports,
        engine,
        seconds,
      },
    },
    `${config.modelName}-${config.method}`,
  );
}

/** Mirrored views teach that left is right: what speaks against that here. */
function flipWarnings(
  { db }: Project,
  { views }: SelfSupervisionConfig,
  datasets: readonly string[] | null,
  classes: readonly string[],
): string[] {
  if (!views.flipHorizontal && !views.flipVertical) return [];
  const kinds = countImageKinds(db, { filter: datasets === null ? {} : { source: [...datasets] } });
  const { sides, sideReasons } = sidesOf(kinds, classes);
  if (sides !== 'matter') return [];
  const reasons = new Intl.ListFormat('en').format(sideReasons);
  return [
    `Views are mirrored, which teaches the network that left is right, and here sides matter: ${reasons}.`,
  ];
}

/**
 * The split whose held-out patients are left out. Where there are labels and no split, one is made as a training would make it; where that
 * cannot be, nothing is held out yet.
 */
function splitFor(session: Session, choice: SplitChoice): Split | null {
  try {
    return chooseSplit(session, choice);
  } catch (thrown) {
    if (choice.splitId === undefined && isUnsplittable(thrown)) return null;
    throw thrown;
  }
}

/** Before any image is prepared, which takes long. @throws GraftError `stage-unknown`, `settings-wrong` where nothing would learn */
function requireLearning({ modelName, initial, freezeUntil }: SelfSupervisionConfig): void {
  if (freezeUntil === null) return;
  const network = startNetwork({ modelName, initial });
  planFreeze(network, { freezeUntil });
  const stages = backboneStages(network);
  if (stages.indexOf(freezeUntil) < stages.length - 1) return;
  throw new GraftError(
    'settings-wrong',
    `Expected a stage to freeze up to that leaves some to learn (${stages.slice(0, -1).join(', ')}), found "${freezeUntil}", the last one: the model would stay what it is. Name one of those, or none.`,
  );
}

/** Models of one title cannot be told apart in a list. */
function freeTitle(project: Project, title: string): string {
  const taken = new Set(
    [...addedModels(project), ...unfinishedPretrainings(project)].map((one) => one.title),
  );
  let [free, at] = [title, 1];
  while (taken.has(free)) free = `${title} (${++at})`;
  return free;
}

/** Failures that would come again: nothing is kept to go on from. */
const HOPELESS = [
  'images-too-few',
  'image-too-small',
  'stage-unknown',
  'training-diverged',
  'representation-collapsed',
];

/** Whether labels are missing, or are too few to be dealt to sets: then there is no test set yet. */
export const isUnsplittable = (thrown: unknown): boolean =>
  ['labels-missing', 'split-one-class', 'split-too-few-patients'].includes(GraftError.from(thrown).code);

function parseSettings(settings: SelfSupervisionSettings): SelfSupervisionConfig {
  const parsed = selfSupervisionSchema.safeParse(settings);
  if (parsed.success) return parsed.data;
  const what = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ');
  throw new GraftError('settings-wrong', `The settings of the pre-training do not fit: ${what}.`);
}

async function parentOf(
  project: Project,
  { modelName, initial }: SelfSupervisionConfig,
): Promise<PretrainingRecord['parent']> {
  if (initial === 'pretrained') {
    const card = modelCard(modelName);
    const folder = shippedWeights(card);
    if (folder === null) {
      throw new GraftError(
        'weights-not-shipped',
        `Expected pre-trained weights of ${card.name} to continue from, found none with this copy of Graft. Name the model starter, or one that was added to the project.`,
      );
    }
    const hash = await sha256OfFile(join(folder, 'weights.safetensors'));
    const { name, title, sourceTask, licence } = card;
    return { name, title: title.split(':')[0], sha256: hash, sourceTask: sourceTask ?? '', licence };
  }
  const added = addedModels(project).find(({ folder }) => folder === initial)!;
  const { id, title, sha256: hash, sourceTask, licence } = added;
  return { name: id, title, sha256: hash, sourceTask, licence };
}
