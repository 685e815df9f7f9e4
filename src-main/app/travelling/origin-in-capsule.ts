import type { Capsule } from '../../contract/capsule.ts';
import { GraftError } from '../../contract/errors.ts';
import type { ModelOrigin } from '../../contract/model-origin.ts';
import { stagesOf } from '../../contract/adaptation-stages.ts';
import { methodOf } from '../../contract/run.ts';
import { openCapsule, type OpenCapsule } from '../capsule/open-capsule.ts';

type CapsuleRun = Capsule['runs'][number];

/**
 * Puts a capsule's model into a folder, and says where it comes from as far as the capsule does: what images look like is not in it.
 *
 * @throws GraftError `travelling-damaged`, `travelling-run`, `travelling-ensemble`, and what `openCapsule` throws
 */
export async function originInCapsule(
  path: string,
  folder: string,
  runId: number | undefined,
): Promise<ModelOrigin> {
  const open = await openCapsule(path);
  try {
    const { capsule, files } = open;
    if (files.agrees !== 'exactly') {
      throw new GraftError(
        'travelling-damaged',
        `Expected a study capsule as it was written; ${files.detail}. Ask for it again.`,
      );
    }
    const run = chosenRun(capsule, runId);
    const [{ runId: trained, weights }] = run.models;
    open.extractModel(trained, folder);
    return originOf(open, run, weights);
  } finally {
    open.close();
  }
}

function chosenRun({ runs }: Capsule, runId: number | undefined): CapsuleRun {
  const withModel = runs.filter(({ models }) => models.length > 0);
  const found =
    runId === undefined
      ? (withModel.find(({ approach }) => approach === 'fine-tuned') ?? withModel.at(-1))
      : withModel.find(({ id }) => id === runId);
  if (!found) {
    throw new GraftError(
      'travelling-run',
      `Expected a run of the capsule that has a model (${withModel.map(({ id, approach }) => `${id}, ${approach}`).join('; ') || 'none has'}), found ${runId ?? 'none'}. Name one of them with --run.`,
    );
  }
  if (found.models.length === 1) return found;
  throw new GraftError(
    'travelling-ensemble',
    `Expected one model to adapt, found that run ${found.id} of the capsule is an ensemble of ${found.models.length}: its members would each learn other features from the target. Name another run with --run.`,
  );
}

function originOf(open: OpenCapsule, run: CapsuleRun, weights: string): ModelOrigin {
  const { capsule } = open;
  const { split } = capsule;
  const { train } = split.counts;
  const method = methodOf(run.approach);
  return {
    format: 'graft-origin',
    version: 1,
    graft: capsule.graft,
    exportedAt: capsule.createdAt,
    project: capsule.project,
    run: run.id,
    approach: run.approach,
    classes: split.classes,
    multiLabel: split.multiLabel,
    preprocessing: capsule.preprocessing,
    config: run.config,
    startingWeights: run.startingWeights,
    splitHash: split.hash,
    weights,
    description: null,
    learned: {
      images: train?.images ?? 0,
      patients: train?.patients ?? 0,
      classes: train?.classes ?? split.classes.map(() => 0),
    },
    validation: split.multiLabel || method !== null ? null : validationOf(open, run.id),
    figures: null,
    adaptedBy: method === null ? [] : methodsOf(method),
  };
}

function methodsOf(name: string): ModelOrigin['adaptedBy'] {
  const { before, method } = stagesOf(name);
  return [...before, method];
}

/** What the model said of validation images, counted; null where it was not asked. */
function validationOf(open: OpenCapsule, runId: number): ModelOrigin['validation'] {
  const { evaluations, split } = open.capsule;
  const file = evaluations.find((one) => one.runId === runId && one.setName === 'validation')?.file;
  const said = file === undefined ? [] : open.predictions(file).filter(({ excluded }) => excluded === null);
  if (said.length === 0) return null;
  const confusion = split.classes.map(() => split.classes.map(() => 0));
  for (const { label, probabilities } of said)
    confusion[label][probabilities.indexOf(Math.max(...probabilities))]++;
  const patients = new Set(said.map(({ patient }) => patient)).size;
  return { images: said.length, patients, confusion };
}
