import type { Dataset, PreprocessingInput, Sample, SplitRole } from '../contract/dataset.ts';
import { preprocessingSpec } from '../contract/dataset.ts';
import type { InstanceSummary, Project, ReadableProject } from '../store/index.ts';
import { getInstances, listInstances, listPixelHashes, listSplitMembers } from '../store/index.ts';
import { compareText, identity } from './identity.ts';
import {
  buildTensorCache,
  currentRecords,
  frameKey,
  requestedFrames,
  type TensorCacheOptions,
} from './tensor-cache.ts';
import { readTensorCacheIndex } from './tensor-cache-index.ts';

/** Images to learn from without labels, and what was kept away from it. */
export interface UnlabelledChoice {
  /** In canonical order. */
  instanceIds: number[];
  patients: number;
  heldOut: {
    /** Of the split that says which patients are held out: its test set and its evaluation sets. */
    instanceIds: number[];
    patients: number;
    /** Images of these patients that would have been learned from, labelled or not. */
    leftOut: number;
  };
}

/** Roles whose patients a model is never judged by. */
const OPEN: readonly string[] = ['train', 'validation'] satisfies SplitRole[];

/**
 * All images of a project, or of some datasets, but for those of patients who are held out for evaluation by a split: to learn from them,
 * even without their labels, would make results look better than they are. Files that carry the UID of another are left out.
 *
 * @param splitId null where the project has no split yet
 */
export function chooseUnlabelled(
  { db }: ReadableProject,
  splitId: number | null,
  datasets: readonly string[] | null = null,
): UnlabelledChoice {
  const members = splitId === null ? [] : listSplitMembers(db, splitId);
  const heldOut = getInstances(
    db,
    members.filter(({ role }) => !OPEN.includes(role)).map(({ instanceId }) => instanceId),
  );
  const closed = new Set(heldOut.map(({ patientKey }) => patientKey));
  const wanted = listInstances(db, datasets === null ? {} : { source: [...datasets] }).filter(
    ({ duplicateOf }) => duplicateOf === null,
  );
  const chosen = inOrder(wanted.filter(({ patientKey }) => !closed.has(patientKey)));
  return {
    instanceIds: chosen.map(({ id }) => id),
    patients: new Set(chosen.map(({ patientKey }) => patientKey)).size,
    heldOut: {
      instanceIds: heldOut.map(({ id }) => id),
      patients: closed.size,
      leftOut: wanted.length - chosen.length,
    },
  };
}

/** Images without labels as training reads them. */
export interface UnlabelledImages {
  dataset: Pick<
    Dataset,
    'cachePath' | 'channels' | 'train' | 'validation' | 'test' | 'evaluationSets' | 'excluded'
  >;
  /** Of the pixels of each image, in their order. */
  hashes: string[];
  patients: number;
  /** Images left out because a held-out image has the same pixels, and because another of them has. */
  copies: { ofHeldOut: number; ofOthers: number };
  failed: number;
}

/**
 * Prepares images to learn from without labels. What has the pixels of a held-out image, under whatever patient, is left out, and of several
 * with the same pixels one stays. Every sample has the label 0, which means nothing.
 *
 * @param heldOutIds are prepared too, to know their pixels, and are not among the samples
 * @throws GraftError as `buildTensorCache`
 */
export async function prepareUnlabelled(
  project: Project,
  instanceIds: readonly number[],
  heldOutIds: readonly number[],
  spec: PreprocessingInput,
  options: TensorCacheOptions = {},
): Promise<UnlabelledImages> {
  const preprocessing = preprocessingSpec.parse(spec);
  const { path } = await buildTensorCache(project, [...instanceIds, ...heldOutIds], preprocessing, options);
  const hashes = new Map(
    listPixelHashes(project.db).map((one) => [frameKey(one.instanceId, one.frameIndex), one.sha256]),
  );
  const framesOf = (ids: readonly number[]): ReturnType<typeof requestedFrames> =>
    requestedFrames(inOrder(getInstances(project.db, ids)), preprocessing.frames);
  const closed = new Set(
    framesOf(heldOutIds).flatMap(
      ({ instance, frameIndex }) => hashes.get(frameKey(instance.id, frameIndex)) ?? [],
    ),
  );
  const frames = framesOf(instanceIds);
  const records = currentRecords(
    readTensorCacheIndex(path)!,
    frames.map(({ instance }) => instance),
  );
  const seen = new Set<string>();
  const found: { sample: Sample; hash: string }[] = [];
  const copies = { ofHeldOut: 0, ofOthers: 0 };
  let failed = 0;
  for (const { instance, frameIndex } of frames) {
    const key = frameKey(instance.id, frameIndex);
    const [cacheIndex, hash] = [records.get(key), hashes.get(key)];
    if (cacheIndex === undefined || hash === undefined) failed++;
    else if (closed.has(hash)) copies.ofHeldOut++;
    else if (seen.has(hash)) copies.ofOthers++;
    else {
      seen.add(hash);
      found.push({ sample: sampleOf(instance, frameIndex, cacheIndex), hash });
    }
  }
  const samples = found.map(({ sample }) => sample);
  return {
    dataset: {
      cachePath: path,
      channels: preprocessing.channels,
      train: samples,
      validation: [],
      test: [],
      evaluationSets: {},
      excluded: [],
    },
    hashes: found.map(({ hash }) => hash),
    patients: new Set(samples.map(({ patientKey }) => patientKey)).size,
    copies,
    failed,
  };
}

function sampleOf(instance: InstanceSummary, frameIndex: number, cacheIndex: number): Sample {
  const { id, patientKey, SOPInstanceUID } = instance;
  return {
    cacheIndex,
    label: 0,
    patientKey,
    instanceId: id,
    frameIndex,
    ...(SOPInstanceUID === null ? {} : { sopInstanceUID: SOPInstanceUID }),
  };
}

const inOrder = (instances: readonly InstanceSummary[]): InstanceSummary[] =>
  instances
    .map((instance) => ({ instance, name: identity(instance) }))
    .sort((one, other) => compareText(one.name, other.name))
    .map(({ instance }) => instance);
