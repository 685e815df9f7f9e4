import { join, resolve } from 'node:path';
import { TensorCacheReader } from '../../cohort/index.ts';
import {
  coarsenessOf,
  type Explanation,
  type ExplanationMethod,
  type SanityCheck,
} from '../../contract/explanation.ts';
import { GraftError } from '../../contract/errors.ts';
import type { Run } from '../../contract/run.ts';
import { offeredLayers } from '../../explanation/index.ts';
import { modelFoldersOf } from '../../jobs/predict-ensemble.ts';
import { readModelNetwork } from '../../models/index.ts';
import { writeFileAtomic } from '../../platform/files.ts';
import { getAttributes, getInstances, listInstances, type InstanceSummary } from '../../store/index.ts';
import { pixelAspectOf } from '../desk/instance-of.ts';
import type { Reporting } from '../reporting.ts';
import type { Session } from '../session.ts';
import { prepare } from '../train-model.ts';
import { type AskedImage, checkExplanations, explainImages, type HowToExplain } from './explain-images.ts';
import { runWithModel, samplesOf, splitOfRun } from './explainable.ts';
import { explanationPicture } from './explanation-picture.ts';
import { predictionsOf, wrongAnswers } from './worst-errors.ts';

export interface ExplainOptions {
  /** Default: the fine-tuned run of the comparison made last, or what there is of it. */
  runId?: number;
  /** SOP Instance UIDs, or numbers of images in the project. */
  images?: readonly string[];
  /** Frame of these images, from 0. Default 0, or the middle one where that is what the network was shown. */
  frame?: number;
  /** So many answers that were wrong, the surest first. Default 10 where no image is named. */
  worst?: number;
  /** Of which set. Default: the test set where it was opened, else another, else validation. */
  set?: string;
  method?: ExplanationMethod;
  layer?: string;
  /** Class or finding to explain. Default: what the model said. */
  className?: string;
  patch?: number;
  stride?: number;
  /** Also checks by drawing weights anew whether the maps say anything of the model. Default true. */
  check?: boolean;
  /** Default: `reports/explanations-run-<id>` in the project. */
  folder?: string;
}

export interface ExplanationFile {
  /** Name in the folder. */
  picture: string;
  sopInstanceUID: string | null;
  explanation: Explanation;
}

export interface ExplainReport {
  run: Run;
  folder: string;
  json: string;
  files: ExplanationFile[];
  check: SanityCheck | null;
  /** Why its maps are to be read with care; null where their layer has places enough, and for occlusion. */
  coarse: string | null;
}

const WORST = 10;
/** The check is about the method on this model; so many images are enough for a mean. */
const CHECKED = 8;

/**
 * Writes maps of what speaks for a class: each as PNG beside its image, all with their values as JSON, and the check whether they depend on what the
 * model has learned.
 *
 * @throws GraftError `run-missing`, `run-without-model`, `image-missing`, `class-unknown`, `not-evaluated`, and what `explainImages` throws
 */
export async function writeExplanations(
  session: Session,
  options: ExplainOptions = {},
  reporting: Reporting = {},
): Promise<ExplainReport> {
  const { project } = session;
  const run = runWithModel(session, options.runId);
  const split = splitOfRun(project.db, run);
  const classIndex = indexOfClass(split.classes, options.className);
  const dataset = await prepare(session, split, run.preprocessing, reporting);
  const asked = options.images
    ? options.images.map((name) => named(session, name, options.frame ?? null, dataset, classIndex))
    : worstOf(session, run, options, classIndex);
  if (asked.length === 0) {
    throw new GraftError(
      'nothing-to-explain',
      `Expected at least one wrong answer of run ${run.id} to explain, found none. Name images with --image instead.`,
    );
  }
  const how: HowToExplain = {
    method: options.method ?? 'gradcam',
    layer: options.layer ?? null,
    patch: options.patch ?? null,
    stride: options.stride ?? null,
  };
  const explanations = await explainImages(session, run, asked, how, reporting);
  const checked = asked.slice(0, CHECKED);
  const check =
    options.check === false ? null : (await checkExplanations(session, run, checked, how, reporting)).check;
  const folder = resolve(options.folder ?? join(project.paths.reports, `explanations-run-${run.id}`));
  const samples = samplesOf(project.db, run, dataset, asked);
  const instances = new Map(
    getInstances(
      project.db,
      asked.map(({ instanceId }) => instanceId),
    ).map((one) => [one.id, one]),
  );
  const reader = TensorCacheReader.open(dataset.cachePath);
  try {
    const files = explanations.map((explanation, at): ExplanationFile => {
      const instance = instances.get(explanation.instanceId)!;
      const prepared = new Float32Array(reader.sampleLength);
      reader.read([samples[at].cacheIndex], prepared);
      const picture = nameOf(explanation, split.classes);
      const png = explanationPicture(
        prepared,
        explanation.heatmap,
        storedImage(session, instance),
        run.preprocessing,
      );
      writeFileAtomic(join(folder, picture), png);
      return { picture, sopInstanceUID: instance.SOPInstanceUID, explanation };
    });
    const json = join(folder, `${how.method}.json`);
    writeFileAtomic(json, `${JSON.stringify(fileContent(run, how, files, check))}\n`);
    const coarse = coarsenessOfLayer(modelFoldersOf(project, run)[0], explanations[0].layer);
    return { run, folder, json, files, check, coarse };
  } finally {
    reader.close();
  }
}

function coarsenessOfLayer(folder: string, layer: string | null): string | null {
  if (layer === null) return null;
  const found = offeredLayers(readModelNetwork(folder)).find(({ name }) => name === layer);
  return found ? coarsenessOf(found) : null;
}

function indexOfClass(classes: readonly string[], name: string | undefined): number | null {
  if (name === undefined) return null;
  const at = classes.indexOf(name);
  if (at >= 0) return at;
  throw new GraftError(
    'class-unknown',
    `Expected one of the classes ${classes.join(', ')}, found "${name}". Choose one of them with --class.`,
  );
}

function named(
  { project }: Session,
  name: string,
  frame: number | null,
  dataset: Awaited<ReturnType<typeof prepare>>,
  classIndex: number | null,
): AskedImage {
  const instance =
    listInstances(project.db).find(
      ({ SOPInstanceUID, duplicateOf }) => SOPInstanceUID === name && duplicateOf === null,
    ) ?? (/^\d+$/.test(name) ? getInstances(project.db, [Number(name)])[0] : undefined);
  if (!instance) {
    throw new GraftError(
      'image-missing',
      `Expected the SOP Instance UID or the number of an image in this project, found "${name}". graft problems and the window show them.`,
    );
  }
  const middle = dataset.preprocessing.frames === 'middle' ? Math.floor(instance.NumberOfFrames / 2) : 0;
  return { instanceId: instance.id, frameIndex: frame ?? middle, classIndex };
}

function worstOf(
  { project }: Session,
  run: Run,
  { set, worst = WORST }: ExplainOptions,
  classIndex: number | null,
): AskedImage[] {
  const { predictions } = predictionsOf(project.db, run, set);
  return wrongAnswers(predictions)
    .filter((one) => classIndex === null || one.classIndex === classIndex)
    .slice(0, worst)
    .map(({ prediction, classIndex: said }) => ({
      instanceId: prediction.instanceId!,
      frameIndex: prediction.frameIndex,
      classIndex: said,
    }));
}

const storedImage = (
  { project }: Session,
  instance: InstanceSummary,
): Parameters<typeof explanationPicture>[2] => {
  const { Rows, Columns } = getAttributes(project.db, instance.id)!;
  return { rows: Rows, columns: Columns, pixelAspect: pixelAspectOf(instance) };
};

const nameOf = (
  { instanceId, frameIndex, method, classIndex }: Explanation,
  classes: readonly string[],
): string =>
  `image-${instanceId}${frameIndex > 0 ? `-frame-${frameIndex}` : ''}-${classes[classIndex].replaceAll(/[^\w-]+/g, '_')}-${method.replace('++', '-plus-plus')}.png`;

/** Four digits are more than a map means. */
const rounded = (values: Float32Array): number[] => Array.from(values, (value) => Number(value.toFixed(4)));

const fileContent = (
  run: Run,
  how: HowToExplain,
  files: readonly ExplanationFile[],
  check: SanityCheck | null,
): unknown => ({
  format: 'graft-explanations',
  version: 1,
  run: run.id,
  method: how.method,
  layer: files[0].explanation.layer,
  members: run.config.folds ?? 1,
  check,
  images: files.map(({ picture, sopInstanceUID, explanation }) => {
    const { heatmap, classIndex, classes, probabilities, frameIndex, members, fold } = explanation;
    return {
      picture,
      sopInstanceUID,
      frameIndex,
      ...(run.config.folds === null ? {} : { members, fold }),
      class: classes[classIndex],
      probabilities: Object.fromEntries(classes.map((name, at) => [name, probabilities[at]])),
      heatmap: { ...heatmap, values: rounded(heatmap.values) },
    };
  }),
});
