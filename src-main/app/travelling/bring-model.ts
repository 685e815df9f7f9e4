import { constants, cpSync } from 'node:fs';
import { arrivedSplit } from '../../cohort/index.ts';
import type { Split } from '../../contract/dataset.ts';
import type { ModelOrigin } from '../../contract/model-origin.ts';
import type { Run } from '../../contract/run.ts';
import type { RunResult, TrainingConfig } from '../../contract/training.ts';
import { modelFolder } from '../../jobs/train-run.ts';
import { countParameters, freezeMap, type Network, planFreeze } from '../../models/index.ts';
import { addArrivedModel, runOfArrivedModel } from '../../store/arrived-models.ts';
import { getSplit, type Project, transaction } from '../../store/index.ts';
import { createComparison, finishRun, getComparison, getRun, renameComparison } from '../../store/runs.ts';
import { listAuditedInstances } from '../../store/target-audits.ts';
import { addModel } from '../added-models.ts';
import { runEnvironment } from '../environment.ts';
import type { Session } from '../session.ts';
import { labelSetFor } from './label-set-for.ts';
import { openTravelling, type TravellingModel } from './open-travelling.ts';

/**
 * Brings a model that was trained in another project into this one, as a finished run that can be judged and adapted. None of the images that it
 * learned from is needed. The same model brought twice is one run.
 *
 * @param path a folder that `graft export --format graft` wrote, or a study capsule; it is read, and not kept as a name
 * @throws GraftError what `openTravelling` and `labelSetFor` throw
 */
export async function bringModel({ project }: Session, path: string, runId?: number): Promise<Run> {
  const travelling = await openTravelling(path, runId);
  try {
    const known = runOfArrivedModel(project.db, travelling.origin.weights);
    return known === null ? await arrive(project, travelling) : getRun(project.db, known)!;
  } finally {
    travelling.close();
  }
}

async function arrive(project: Project, { origin, folder, network }: TravellingModel): Promise<Run> {
  const { db } = project;
  const labelSetId = labelSetFor(db, origin);
  const config = await configHere(project, origin, folder);
  const run = transaction(db, () => {
    const split = splitOf(project, labelSetId, origin, []);
    const { comparison, runs } = createComparison(db, split.id, [
      {
        approach: 'fine-tuned',
        config,
        preprocessing: origin.preprocessing,
        environment: runEnvironment(),
        startingWeights: origin.startingWeights,
      },
    ]);
    renameComparison(db, comparison.id, `From another project: ${config.modelName}`);
    addArrivedModel(db, runs[0].id, origin);
    return runs[0];
  });
  cpSync(folder, modelFolder(project, run.id), { recursive: true, mode: constants.COPYFILE_FICLONE });
  finishRun(db, run.id, resultOf(origin, config, network, run.id));
  return getRun(db, run.id)!;
}

/** The split that a model from another project stands on: all that is labelled by now, but for what its adaptations were chosen by. */
export function splitOfArrived(project: Project, run: Run, origin: ModelOrigin): Split {
  const { labelSetId } = getSplit(project.db, getComparison(project.db, run.comparisonId)!.splitId)!;
  return splitOf(project, labelSetId, origin, listAuditedInstances(project.db, origin.weights));
}

const splitOf = (
  project: Project,
  labelSetId: number,
  { classes, multiLabel }: ModelOrigin,
  withoutInstances: readonly number[],
): Split => arrivedSplit(project, { labelSetId, classes, multiLabel, withoutInstances });

/**
 * The plan as it is followed here. Weights that it started from, where a person had brought them there, are not here: the model itself, which is
 * kept among the project's, stands in their place.
 */
async function configHere(project: Project, origin: ModelOrigin, folder: string): Promise<TrainingConfig> {
  const { config, run, exportedAt, graft, classes } = origin;
  // Another machine.
  const here = { ...config, folds: null, engine: 'compiled' as const, threads: null };
  if (config.initial === 'pretrained' || config.initial === 'random') return here;
  const added = await addModel(project, {
    path: folder,
    title: `From another project: ${config.modelName}`,
    source: `Run ${run} of another project, written by Graft ${graft} on ${exportedAt.slice(0, 10)}`,
    licence: 'not stated',
    sourceTask: classes.join(', '),
  });
  return { ...here, initial: added.folder };
}

/** It was trained elsewhere: there are no epochs to be shown, and nothing moved here. */
function resultOf(
  { classes, weights }: ModelOrigin,
  config: TrainingConfig,
  network: Network,
  runId: number,
): RunResult {
  const plan = planFreeze(network, { preset: 'feature-extraction' });
  return {
    config,
    classes: [...classes],
    epochs: [],
    bestEpoch: 0,
    monitor: config.earlyStopping?.monitor ?? 'val_loss',
    bestValue: null,
    stoppedEarly: false,
    modelFolder: `runs/${runId}/model`,
    freezeMap: freezeMap(network, { ...plan, trainableLayers: new Set() }),
    cut: null,
    parameters: { total: countParameters(network), trainable: 0 },
    frozen: { before: weights, after: weights, unmoved: true },
    features: { bytes: 0, seconds: 0 },
    engine: 'trained in another project',
    seconds: 0,
  };
}
