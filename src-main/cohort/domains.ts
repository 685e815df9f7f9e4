import {
  type AdaptationDomains,
  type AdaptationDomainsInput,
  adaptationDomainsSchema,
  type AdaptationFacts,
} from '../contract/adaptation.ts';
import type { Dataset, PreprocessingInput, Sample } from '../contract/dataset.ts';
import { preprocessingSpec } from '../contract/dataset.ts';
import { GraftError } from '../contract/errors.ts';
import { RandomStream } from '../platform/random.ts';
import type { InstanceSummary, Project, ReadableProject } from '../store/index.ts';
import { findInstanceIds, getInstances, listPixelHashes, listSplitMembers } from '../store/index.ts';
import { loadDataset } from './dataset.ts';
import { compareText, counted, identity } from './identity.ts';
import {
  buildTensorCache,
  currentRecords,
  frameKey,
  requestedFrames,
  type TensorCacheOptions,
} from './tensor-cache.ts';
import { readTensorCacheIndex } from './tensor-cache-index.ts';

/** Source and target of an adaptation, before anything is decoded. */
export interface ChosenDomains {
  domains: AdaptationDomains;
  /** Labelled training and validation images. */
  sourceIds: ReadonlySet<number>;
  /** Images to learn from without labels, in canonical order. */
  targetIds: number[];
  /** Images of the test set, which nothing of the target may equal. */
  testIds: number[];
  facts: AdaptationFacts;
}

/** Both domains, ready to be learned from. */
export interface PreparedDomains {
  /** Training and validation images are those of the source; sets to be judged by are those of the split. */
  dataset: Dataset;
  target: Sample[];
  facts: AdaptationFacts;
}

/**
 * Chooses the images of both domains. Patients of the split’s test set stay out of the target, whatever they fit; those of its evaluation sets
 * may be in it, and are counted, as a model that has seen their images, if without labels, is judged by them kindly.
 *
 * @param sourceAway whether nothing of the source is in this project
 * @throws GraftError `target-empty`, `source-empty`
 */
export function chooseDomains(
  { db }: ReadableProject,
  splitId: number,
  wanted: AdaptationDomainsInput,
  seed = 0,
  sourceAway = false,
): ChosenDomains {
  const domains = adaptationDomainsSchema.parse(wanted);
  const members = listSplitMembers(db, splitId);
  const idsOf = (...roles: string[]): number[] =>
    members.filter(({ role }) => roles.includes(role)).map(({ instanceId }) => instanceId);
  const learning = idsOf('train', 'validation');
  const testIds = idsOf('test');
  const judging = new Set(
    members
      .filter(({ role }) => !['train', 'validation', 'test'].includes(role))
      .map((one) => one.instanceId),
  );
  const found = getInstances(db, [...findInstanceIds(db, domains.target)]).filter(
    ({ duplicateOf }) => duplicateOf === null,
  );
  const tested = patientsOf(getInstances(db, testIds));
  const open = found.filter(({ patientKey }) => !tested.has(patientKey));
  const shared = shareOf(open, domains.share, seed);
  const target = inOrder(shared);
  if (target.length === 0) throw targetEmpty(domains, found.length);
  // Of the target whatever fits it, those too whom the share leaves out: they stay unseen.
  const ofTarget = new Set(found.map(({ id }) => id));
  const fitting = findInstanceIds(db, domains.source);
  const sourceIds = new Set(learning.filter((id) => fitting.has(id) && !ofTarget.has(id)));
  if (!sourceAway && !idsOf('train').some((id) => sourceIds.has(id))) {
    throw new GraftError(
      'source-empty',
      'Expected labelled training images of the split that are in the source and not in the target, found none. Choose another source or target.',
    );
  }
  const source = getInstances(db, [...sourceIds]);
  const judged = target.filter(({ id }) => judging.has(id));
  return {
    domains,
    sourceIds,
    targetIds: target.map(({ id }) => id),
    testIds,
    facts: {
      source: countsOf(source),
      target: countsOf(target),
      leftOut: countsOf(found.filter(({ patientKey }) => tested.has(patientKey))),
      judged: countsOf(judged),
    },
  };
}

/**
 * Decodes what is not in the tensor cache yet, and gives both domains as training reads them: one cache for both.
 *
 * @throws GraftError as `chooseDomains`, `buildTensorCache` and `loadDataset`
 */
export async function prepareDomains(
  project: Project,
  {
    splitId,
    domains,
    preprocessing: spec,
    seed = 0,
    sourceAway = false,
  }: {
    splitId: number;
    domains: AdaptationDomainsInput;
    preprocessing: PreprocessingInput;
    seed?: number;
    sourceAway?: boolean;
  },
  options: TensorCacheOptions = {},
): Promise<PreparedDomains> {
  const preprocessing = preprocessingSpec.parse(spec);
  const { sourceIds, targetIds, testIds, facts } = chooseDomains(project, splitId, domains, seed, sourceAway);
  const members = listSplitMembers(project.db, splitId).map(({ instanceId }) => instanceId);
  const ids = [...new Set([...members, ...targetIds])];
  const { path } = await buildTensorCache(project, ids, preprocessing, options);
  const dataset = inCache(project, loadDataset(project, splitId, preprocessing), path);
  const hashes = new Map(
    listPixelHashes(project.db).map((one) => [frameKey(one.instanceId, one.frameIndex), one.sha256]),
  );
  const framesOf = (wanted: readonly number[]): ReturnType<typeof requestedFrames> =>
    requestedFrames(getInstances(project.db, wanted), preprocessing.frames);
  const closed = new Set(
    framesOf(testIds).flatMap(
      ({ instance, frameIndex }) => hashes.get(frameKey(instance.id, frameIndex)) ?? [],
    ),
  );
  const records = currentRecords(readTensorCacheIndex(path)!, getInstances(project.db, targetIds));
  const target = framesOf(targetIds).flatMap(({ instance, frameIndex }): Sample[] => {
    const key = frameKey(instance.id, frameIndex);
    const cacheIndex = records.get(key);
    // What could not be decoded, and what has the pixels of a test image under another patient, takes no part.
    if (cacheIndex === undefined || closed.has(hashes.get(key) ?? '')) return [];
    const { id: instanceId, patientKey, SOPInstanceUID } = instance;
    const uid = SOPInstanceUID === null ? {} : { sopInstanceUID: SOPInstanceUID };
    return [{ cacheIndex, label: 0, patientKey, instanceId, frameIndex, ...uid }];
  });
  const ofSource = ({ instanceId }: Sample): boolean => sourceIds.has(instanceId);
  return {
    dataset: {
      ...dataset,
      train: dataset.train.filter(ofSource),
      validation: dataset.validation.filter(ofSource),
    },
    target,
    facts,
  };
}

/** The same samples in another cache that holds them too: colour images of the target may have made it another than the split’s own. */
function inCache(project: ReadableProject, dataset: Dataset, path: string): Dataset {
  if (dataset.cachePath === path) return dataset;
  const index = readTensorCacheIndex(path)!;
  const { train, validation, test, evaluationSets, excluded } = dataset;
  const all = [
    ...train,
    ...validation,
    ...test,
    ...Object.values(evaluationSets).flat(),
    ...excluded.map((one) => one.sample),
  ];
  const records = currentRecords(
    index,
    getInstances(project.db, [...new Set(all.map((one) => one.instanceId))]),
  );
  const moved = (sample: Sample): Sample => ({
    ...sample,
    cacheIndex: records.get(frameKey(sample.instanceId, sample.frameIndex)) ?? sample.cacheIndex,
  });
  return {
    ...dataset,
    cachePath: path,
    train: train.map(moved),
    validation: validation.map(moved),
    test: test.map(moved),
    evaluationSets: Object.fromEntries(
      Object.entries(evaluationSets).map(([name, samples]) => [name, samples.map(moved)]),
    ),
    excluded: excluded.map((one) => ({ ...one, sample: moved(one.sample) })),
  };
}

const patientsOf = (images: readonly InstanceSummary[]): Set<string> =>
  new Set(images.map(({ patientKey }) => patientKey));

const countsOf = (images: readonly InstanceSummary[]): { images: number; patients: number } => ({
  images: images.length,
  patients: patientsOf(images).size,
});

/** Images of a share of the patients, at least of one, drawn from the seed. */
function shareOf(images: readonly InstanceSummary[], share: number, seed: number): InstanceSummary[] {
  if (share === 1) return [...images];
  const named = Map.groupBy(inOrder(images), ({ patientKey }) => patientKey);
  const patients = new RandomStream(seed, 'target share').shuffle([...named.keys()]);
  const chosen = new Set(patients.slice(0, Math.max(1, Math.round(share * patients.length))));
  return images.filter(({ patientKey }) => chosen.has(patientKey));
}

function targetEmpty({ target }: AdaptationDomains, found: number): GraftError {
  const what = Object.entries(target)
    .map(([name, value]) => `${name === 'source' ? 'dataset' : name} ${[value].flat().join(' or ')}`)
    .join(' and ');
  return new GraftError(
    'target-empty',
    found === 0
      ? `Expected images of the target (${what || 'any'}), found none in the project. Import them first, or choose another.`
      : `Expected images of the target (${what || 'any'}) outside the test set, found that ${counted(found, 'image')} of it ${found === 1 ? 'belongs' : 'all belong'} to test patients. Choose another target, or another split.`,
  );
}

const inOrder = (instances: readonly InstanceSummary[]): InstanceSummary[] =>
  instances
    .map((instance) => ({ instance, name: identity(instance) }))
    .sort((one, other) => compareText(one.name, other.name))
    .map(({ instance }) => instance);
