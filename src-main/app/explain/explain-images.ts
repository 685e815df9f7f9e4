import type { Explanation, ExplanationMethod, Heatmap, SanityCheck } from '../../contract/explanation.ts';
import { GraftError } from '../../contract/errors.ts';
import type { Run } from '../../contract/run.ts';
import { chosenLayer, overImage, type StoredImage } from '../../explanation/index.ts';
import type { ExplainOutcome, ExplainTask } from '../../jobs/explain-worker.ts';
import { memberThatHasNotSeen, modelFoldersOf } from '../../jobs/predict-ensemble.ts';
import { runInWorker } from '../../jobs/run-in-worker.ts';
import { readModelNetwork } from '../../models/index.ts';
import {
  getAttributes,
  getInstances,
  type InstanceSummary,
  type ReadableProject,
} from '../../store/index.ts';
import { pixelAspectOf } from '../desk/instance-of.ts';
import type { Reporting } from '../reporting.ts';
import type { Session } from '../session.ts';
import { prepare } from '../train-model.ts';
import { type ImageOfSplit, samplesOf, splitOfRun } from './explainable.ts';
import { type KeptMap, MapCache } from './map-cache.ts';

/** An image with the class to be explained; null: the one that the model finds likeliest. */
export interface AskedImage extends ImageOfSplit {
  classIndex: number | null;
}

export interface HowToExplain {
  method: ExplanationMethod;
  /** Null: the last of the backbone that has places. */
  layer: string | null;
  /** Of occlusion, in pixels of what the network is shown. Null: an eighth of its side, and half of that. */
  patch: number | null;
  stride: number | null;
}

export interface ExplainedCheck {
  check: SanityCheck;
  /** Of the first image: by the model as it is, and with each step of weights drawn anew. */
  own: Heatmap;
  drawn: Heatmap[];
}

/**
 * Maps over images of what speaks for a class, from the cache where they were made before.
 *
 * @param full one value for each pixel of an image, instead of at most 256 on its longer side
 * @throws GraftError `image-missing`, `image-not-in-split`, `set-locked`, `layer-unknown`, `layer-missing`, `patch-too-large`, `cancelled`
 */
export async function explainImages(
  session: Session,
  run: Run,
  asked: readonly AskedImage[],
  how: HowToExplain,
  reporting: Reporting = {},
  full = false,
): Promise<Explanation[]> {
  const missing = asked.filter((one) => !keptExplanation(session.project, run, one, how));
  if (missing.length > 0) {
    const outcome = await runExplainer(session, run, missing, how, false, reporting);
    const cache = new MapCache(session.project);
    const instances = instancesOf(session.project, missing);
    outcome.answers.forEach((answer, at) => {
      const fold = answer.member === null ? null : answer.member + 1;
      const { classIndex: explained, probabilities, map } = answer;
      const kept: KeptMap = { layer: outcome.layer, classIndex: explained, probabilities, fold, map };
      for (const classIndex of new Set([missing[at].classIndex, answer.classIndex]))
        cache.put(madeOf(run, instances[at], { ...missing[at], classIndex }, how), kept);
    });
  }
  return asked.map((one) => keptExplanation(session.project, run, one, how, full)!);
}

/** What was explained before; null where it was not. */
export function keptExplanation(
  project: ReadableProject,
  run: Run,
  asked: AskedImage,
  how: HowToExplain,
  full = false,
): Explanation | null {
  const [instance] = instancesOf(project, [asked]);
  const kept = new MapCache(project).get<KeptMap>(madeOf(run, instance, asked, how));
  if (!kept) return null;
  const { instanceId, frameIndex } = asked;
  const { layer, classIndex, probabilities, fold, map } = kept;
  const heatmap = overImage(map, storedImage(project, instance), run.preprocessing, full);
  const classes = splitOfRun(project.db, run).classes;
  return {
    runId: run.id,
    instanceId,
    frameIndex,
    method: how.method,
    layer,
    classIndex,
    classes,
    probabilities,
    members: fold === null ? (run.config.folds ?? 1) : 1,
    fold,
    heatmap,
  };
}

/**
 * The parameter-randomisation check on images, from the cache where it was made before. Of an ensemble one member is checked: the one that alone answers
 * for the first image, else the first.
 *
 * @throws GraftError as `explainImages`
 */
export async function checkExplanations(
  session: Session,
  run: Run,
  asked: readonly AskedImage[],
  how: HowToExplain,
  reporting: Reporting = {},
): Promise<ExplainedCheck> {
  const before = keptCheck(session.project, run, asked, how);
  if (before) return before;
  const { randomisation } = await runExplainer(session, run, asked, how, true, reporting);
  new MapCache(session.project).put(checkMadeOf(session.project, run, asked, how), randomisation);
  return keptCheck(session.project, run, asked, how)!;
}

/** What was checked before; null where it was not. */
export function keptCheck(
  project: ReadableProject,
  run: Run,
  asked: readonly AskedImage[],
  how: HowToExplain,
): ExplainedCheck | null {
  const kept = new MapCache(project).get<NonNullable<ExplainOutcome['randomisation']>>(
    checkMadeOf(project, run, asked, how),
  );
  if (!kept) return null;
  const image = storedImage(project, instancesOf(project, asked)[0]);
  const over = (map: KeptMap['map']): Heatmap => overImage(map, image, run.preprocessing);
  return { check: kept.check, own: over(kept.own), drawn: kept.drawn.map(over) };
}

async function runExplainer(
  session: Session,
  run: Run,
  asked: readonly AskedImage[],
  how: HowToExplain,
  check: boolean,
  reporting: Reporting,
): Promise<ExplainOutcome> {
  const { project, jobs } = session;
  const modelFolders = modelFoldersOf(project, run);
  // Whether there is such a layer is known before anything is decoded or run.
  if (how.method !== 'occlusion') chosenLayer(readModelNetwork(modelFolders[0]), how.layer);
  const dataset = await prepare(session, splitOfRun(project.db, run), run.preprocessing, reporting);
  const samples = samplesOf(project.db, run, dataset, asked);
  const memberOf = memberThatHasNotSeen(project, run, dataset);
  const { method, layer, patch, stride } = how;
  const task: ExplainTask = {
    modelFolders,
    dataset,
    config: run.config,
    asked: samples.map((sample, at) => ({
      sample,
      classIndex: asked[at].classIndex,
      member: memberOf(sample),
    })),
    request: {
      method,
      layer,
      ...(patch === null ? {} : { patch }),
      ...(stride === null ? {} : { stride }),
    },
    check: check ? { seed: run.config.seed } : null,
  };
  const title = check ? `Check of explanations of run ${run.id}` : `Explanations of run ${run.id}`;
  return jobs.run({ kind: 'explain', title, ...reporting }, ({ signal, onProgress }) =>
    runInWorker<ExplainTask, never, ExplainOutcome>(
      new URL('../../jobs/explain-worker.ts', import.meta.url),
      task,
      { what: 'The explanation', signal, onProgress },
    ),
  );
}

/** Everything that a map depends on: a run's model does not change once it is done. */
const madeOf = (
  { id, finishedAt }: Run,
  { size, mtimeMs, SOPInstanceUID }: InstanceSummary,
  { instanceId, frameIndex, classIndex }: AskedImage,
  { method, layer, patch, stride }: HowToExplain,
): unknown[] => [
  ...[id, finishedAt, instanceId, frameIndex, classIndex, size, mtimeMs, SOPInstanceUID],
  ...[method, layer, ...(method === 'occlusion' ? [patch, stride] : [])],
];

const checkMadeOf = (
  project: ReadableProject,
  run: Run,
  asked: readonly AskedImage[],
  how: HowToExplain,
): unknown[] => {
  const instances = instancesOf(project, asked);
  return ['check', ...asked.map((one, at) => madeOf(run, instances[at], one, how))];
};

/** @throws GraftError `image-missing` */
function instancesOf({ db }: ReadableProject, asked: readonly ImageOfSplit[]): InstanceSummary[] {
  const found = new Map(
    getInstances(
      db,
      asked.map(({ instanceId }) => instanceId),
    ).map((one) => [one.id, one]),
  );
  return asked.map(({ instanceId }) => {
    const instance = found.get(instanceId);
    if (instance) return instance;
    throw new GraftError(
      'image-missing',
      `Expected image ${instanceId} in this project, found none. Its file may be gone since the last scan; scan its source again.`,
    );
  });
}

function storedImage({ db }: ReadableProject, instance: InstanceSummary): StoredImage {
  const { Rows, Columns } = getAttributes(db, instance.id)!;
  return { rows: Rows, columns: Columns, pixelAspect: pixelAspectOf(instance) };
}
