import { resolveAugmentation } from '../../contract/augmentation.ts';
import { planSchema, type Plan, type planCalls } from '../../contract/calls/plans.ts';
import { modelCard } from '../../models/index.ts';
import {
  listInstances,
  listLabels,
  listLabelSets,
  listSplits,
  type ReadableDatabase,
} from '../../store/index.ts';
import { readPlan, savePlan } from '../../store/plans.ts';
import { findLearningRate, rateFingerprint, ratesOf } from '../find-rate.ts';
import type { Desk, Handlers } from './desk.ts';
import { pixelAspectOf, requireInstance } from './instance-of.ts';
import { describePlan, trainingFactsOf } from './plan-description.ts';
import { previewSplit } from './split-preview.ts';

export const planHandlers: Handlers<typeof planCalls> = {
  'plans.current': (_, desk) => currentPlan(desk),
  'plans.save': ({ plan }, { session }) => {
    savePlan(session.project.db, plan);
    return null;
  },
  'plans.describe': ({ plan }, desk) => describePlan(desk, plan),
  'plans.findRate': ({ plan }, desk) => {
    const { settings, preprocessing, split } = plan;
    const { splitId, options } = split;
    return desk.startJob({ kind: 'rate', title: 'Trying learning rates' }, async (session, reporting) => {
      const choice = splitId === null ? { options } : { splitId };
      const { sweep } = await findLearningRate(
        session,
        { settings, preprocessing, split: choice },
        reporting,
      );
      desk.tell({ kind: 'changed', what: 'splits' });
      desk.tell({ kind: 'changed', what: 'rates' });
      return sweep;
    });
  },
  'plans.rates': ({ plan }, desk) => {
    const { settings, preprocessing } = plan;
    const { hash } = trainingFactsOf(desk, plan) ?? { hash: '' };
    return ratesOf(desk.session.project.db, rateFingerprint(settings, preprocessing, hash));
  },
  'plans.splits': (_, { session }) => listSplits(session.project.db),
  'plans.previewSplit': ({ options }, desk) => previewSplit(desk, options),
  'plans.previewAugmentation': async (input, desk) => {
    const instance = requireInstance(desk, input.instanceId);
    const { height, width, channels } = input.preprocessing;
    const { images } = await desk.pictures.preview({
      path: instance.absolutePath,
      pixelAspect: pixelAspectOf(instance),
      preprocessing: input.preprocessing,
      augmentation: resolveAugmentation(input.augmentation),
      seed: input.seed,
      key: `${instance.SOPInstanceUID ?? instance.id}/0`,
      versions: input.versions,
    });
    return {
      instanceId: input.instanceId,
      height,
      width,
      channels,
      images: images.map((bytes) => Buffer.from(bytes).toString('base64')),
    };
  },
};

/** The plan that was saved last; one that a later Graft wrote and this one cannot read counts as none. */
export function currentPlan(desk: Desk): Plan {
  const { db } = desk.session.project;
  const stored = planSchema.safeParse(readPlan(db));
  return stored.success ? stored.data : firstPlan(desk);
}

/**
 * For a project that has none yet: the starter model at its own size, on images as they are, split as the label file
 * says where it says so of every image.
 */
function firstPlan({ session }: Desk): Plan {
  const { inputSize } = modelCard('starter');
  const colour = listInstances(session.project.db).some(
    (one) => one.SamplesPerPixel === 3 || one.PhotometricInterpretation === 'PALETTE COLOR',
  );
  return planSchema.parse({
    settings: { augmentation: { preset: 'auto' } },
    preprocessing: { height: inputSize, width: inputSize, channels: colour ? 3 : 1 },
    split: { options: { predefined: isPlaced(session.project.db) } },
  });
}

/** Whether every labelled image has its place in a split, some for training and some for the test. */
function isPlaced(db: ReadableDatabase): boolean {
  const [current] = listLabelSets(db);
  const roles = new Set(current ? listLabels(db, current.id).map(({ role }) => role) : []);
  return roles.has('train') && roles.has('test') && !roles.has(null);
}
