import type {
  Dataset,
  DatasetWarning,
  PreparationFailure,
  Preprocessing,
  PreprocessingInput,
  Sample,
  Split,
} from '../contract/dataset.ts';
import { preprocessingSpec } from '../contract/dataset.ts';
import { GraftError } from '../contract/errors.ts';
import type { FilterKeyword } from '../contract/instances.ts';
import type { InstanceSummary, Project, ReadableProject, SplitMember } from '../store/index.ts';
import {
  attributeOfInstances,
  getInstances,
  getSplit,
  listPixelHashes,
  listPreparationFailures,
  listSplitMembers,
} from '../store/index.ts';
import { findDuplicates, type HashedSample } from './duplicates.ts';
import { compareText, counted, identity } from './identity.ts';
import { splitHash } from './split-hash.ts';
import { findingsName } from './split-kinds.ts';
import {
  buildTensorCache,
  currentRecords,
  frameKey,
  requestedFrames,
  storedChannelsFor,
  tensorCachePath,
  type TensorCacheOptions,
} from './tensor-cache.ts';
import { readTensorCacheIndex, type TensorCacheIndex } from './tensor-cache-index.ts';

export interface DatasetOptions {
  /** What `Sample.group` says; default the name of the source. */
  groupBy?: FilterKeyword | 'source';
  /** `keep` leaves duplicates where they are, without warning less; default `exclude`. */
  duplicates?: 'exclude' | 'keep';
}

/**
 * Prepares the images of a split (decoding, pixel hashes, tensor cache) and returns the dataset that training and
 * evaluation are handed.
 *
 * @throws GraftError as `buildTensorCache` and `loadDataset`
 */
export async function prepareDataset(
  project: Project,
  splitId: number,
  preprocessing: PreprocessingInput,
  options: DatasetOptions & TensorCacheOptions = {},
): Promise<Dataset> {
  const { members } = readSplit(project, splitId);
  const ids = members.map(({ instanceId }) => instanceId);
  await buildTensorCache(project, ids, preprocessing, options);
  return loadDataset(project, splitId, preprocessing, options);
}

/**
 * The dataset of a split whose images are prepared. Samples are in canonical order (by SOP Instance UID). Duplicates
 * are found by pixel hash and excluded, see `findDuplicates`.
 *
 * @throws GraftError `split-missing`, `split-changed`, `dataset-not-prepared`
 */
export function loadDataset(
  project: ReadableProject,
  splitId: number,
  spec: PreprocessingInput,
  options: DatasetOptions = {},
): Dataset {
  const preprocessing = preprocessingSpec.parse(spec);
  const { split, members, instances } = readSplit(project, splitId);
  const cache = openCache(project, instances, preprocessing);
  const { samples, failed } = collectSamples(project, members, instances, cache, preprocessing, options);
  const found = findDuplicates(samples, split.classes);
  const exclude = options.duplicates !== 'keep';
  const kept = exclude ? found.kept : samples;
  const of = (role: string): Sample[] => kept.filter((one) => one.role === role).map(({ sample }) => sample);
  const dataset = {
    splitId,
    classes: split.classes,
    multiLabel: split.multiLabel ?? false,
    cachePath: cache.path,
    height: preprocessing.height,
    width: preprocessing.width,
    channels: preprocessing.channels,
    train: of('train'),
    validation: of('validation'),
    test: of('test'),
    evaluationSets: Object.fromEntries(
      Object.keys(split.options.evaluationSets).map((name) => [name, of(name)]),
    ),
    excluded: exclude ? found.excluded : [],
    failed,
    splitHash: split.hash,
    preprocessing,
  };
  const warnings = [...found.warnings, ...failureWarnings(failed), ...missingClassWarnings(dataset)];
  return { ...dataset, warnings };
}

interface ReadSplit {
  split: Split;
  members: SplitMember[];
  instances: Map<number, InstanceSummary>;
}

/** Reads a split and makes sure that it still is what its hash says. */
function readSplit(project: ReadableProject, splitId: number): ReadSplit {
  const split = getSplit(project.db, splitId);
  if (!split) {
    throw new GraftError(
      'split-missing',
      `Expected split ${splitId} in this project; there is none. Make a split first.`,
    );
  }
  const members = listSplitMembers(project.db, splitId);
  const found = getInstances(
    project.db,
    members.map(({ instanceId }) => instanceId),
  );
  const instances = new Map(found.map((instance) => [instance.id, instance]));
  const present = members.filter(({ instanceId }) => instances.has(instanceId));
  const hash = splitHash(
    present.map(({ instanceId, role, classIndex, findings }) => ({
      identity: identity(instances.get(instanceId) as InstanceSummary),
      role,
      className: findings ? findingsName(findings, split.classes) : split.classes[classIndex],
    })),
  );
  if (hash === split.hash) return { split, members, instances };
  const expected = Object.values(split.counts).reduce((sum, { images }) => sum + images, 0);
  throw new GraftError(
    'split-changed',
    `Expected the ${counted(expected, 'image')} that split ${splitId} was made of, found ${counted(present.length, 'image')} or others in their place; bring the files back and import again, or make a new split.`,
  );
}

interface OpenCache {
  path: string;
  index: TensorCacheIndex;
}

/** The cache of these images; one made together with colour images serves as well. */
function openCache(
  project: ReadableProject,
  instances: ReadSplit['instances'],
  preprocessing: Preprocessing,
): OpenCache {
  const least = storedChannelsFor([...instances.values()], preprocessing);
  const candidates = least === 1 && preprocessing.channels === 3 ? ([1, 3] as const) : ([least] as const);
  const caches = candidates.flatMap((channels) => {
    const path = tensorCachePath(project, preprocessing, channels);
    const index = readTensorCacheIndex(path);
    return index ? [{ path, index, size: currentRecords(index, [...instances.values()]).size }] : [];
  });
  const [best] = caches.sort((one, other) => other.size - one.size);
  if (best) return best;
  throw notPrepared(instances.size);
}

function notPrepared(count: number): GraftError {
  return new GraftError(
    'dataset-not-prepared',
    `Expected prepared images for this split, and ${counted(count, 'image')} of it ${count === 1 ? 'is' : 'are'} not; prepare the dataset first.`,
  );
}

function collectSamples(
  project: ReadableProject,
  members: readonly SplitMember[],
  instances: ReadSplit['instances'],
  cache: OpenCache,
  preprocessing: Preprocessing,
  options: DatasetOptions,
): { samples: HashedSample[]; failed: PreparationFailure[] } {
  const records = currentRecords(cache.index, [...instances.values()]);
  const hashes = new Map(
    listPixelHashes(project.db).map((one) => [frameKey(one.instanceId, one.frameIndex), one.sha256]),
  );
  const failures = new Map(
    listPreparationFailures(project.db).map((one) => [frameKey(one.instanceId, one.frameIndex), one]),
  );
  const groups = attributeOfInstances(project.db, options.groupBy ?? 'source');
  const byId = new Map(members.map((member) => [member.instanceId, member]));
  const ordered = [...instances.values()]
    .map((instance) => ({ instance, name: identity(instance) }))
    .sort((one, other) => compareText(one.name, other.name))
    .map(({ instance }) => instance);
  const samples: HashedSample[] = [];
  const failed: PreparationFailure[] = [];
  let missing = 0;
  for (const { instance, frameIndex } of requestedFrames(ordered, preprocessing.frames)) {
    const key = frameKey(instance.id, frameIndex);
    const { role, classIndex, findings } = byId.get(instance.id) as SplitMember;
    const cacheIndex = records.get(key);
    const hash = hashes.get(key);
    const failure = failures.get(key);
    if (cacheIndex === undefined || hash === undefined) {
      if (failure) failed.push(failure);
      else missing++;
      continue;
    }
    const sample: Sample = {
      cacheIndex,
      label: classIndex,
      patientKey: instance.patientKey,
      instanceId: instance.id,
      frameIndex,
    };
    if (findings) sample.findings = findings;
    if (instance.SOPInstanceUID !== null) sample.sopInstanceUID = instance.SOPInstanceUID;
    const group = groups.get(instance.id);
    if (group !== null && group !== undefined) sample.group = String(group);
    samples.push({ sample, role, hash });
  }
  if (missing > 0) throw notPrepared(missing);
  return { samples, failed };
}

function failureWarnings(failed: readonly PreparationFailure[]): DatasetWarning[] {
  if (failed.length === 0) return [];
  return [
    {
      kind: 'not-decodable',
      count: failed.length,
      message: `${counted(failed.length, 'image')} could not be decoded and ${failed.length === 1 ? 'takes' : 'take'} no part; the first: ${failed[0].message}`,
      instanceIds: failed.map(({ instanceId }) => instanceId),
    },
  ];
}

function missingClassWarnings(dataset: Omit<Dataset, 'warnings'>): DatasetWarning[] {
  const { train, validation, test, evaluationSets, classes } = dataset;
  return Object.entries({ train, validation, test, ...evaluationSets }).flatMap(([role, samples]) => {
    if (samples.length === 0) return [];
    const missing = classes.filter(
      (_, index) =>
        !samples.some(({ label, findings }) => (findings ? findings[index] === 1 : label === index)),
    );
    if (missing.length === 0) return [];
    const message = `There is no image of ${missing.join(', ')} in ${role}.`;
    return [{ kind: 'class-missing' as const, count: missing.length, message, instanceIds: [] }];
  });
}
