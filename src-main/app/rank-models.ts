import { join } from 'node:path';
import { GraftError } from '../contract/errors.ts';
import type { ModelRanking, RankedGain, RankedModel } from '../contract/ranking.ts';
import { trainingConfigSchema, type TrainingConfig, type TrainingSettings } from '../contract/training.ts';
import type { JobHandle } from '../jobs/job-runner.ts';
import type { Judged, RankEvent, RankTask } from '../jobs/rank-worker.ts';
import { runInWorker } from '../jobs/run-in-worker.ts';
import { cardOf, modelCard, modelCards, shippedWeights } from '../models/index.ts';
import type { AddedModel } from '../contract/calls/models.ts';
import { addedModels, chosenModel } from './added-models.ts';
import { saveRanking } from '../store/rankings.ts';
import { chooseSplit, type SplitChoice } from './choose-split.ts';
import { costOrReason, type CostSubject } from './model-cost.ts';
import type { Session } from './session.ts';
import type { Reporting } from './reporting.ts';
import { prepare, preprocessingFor, type TrainOptions } from './train-model.ts';

export interface RankOptions {
  /** Names in the library, or ids of added models. Default: all with weights. */
  models?: readonly string[];
  /** The same networks from random weights beside, which transfer has to beat; named ones also where they have no others. Default false. */
  random?: boolean;
  /** Images at the most, of whole patients. Default 600. */
  images?: number;
  split?: SplitChoice;
  preprocessing?: TrainOptions['preprocessing'];
  seed?: number;
  /** Measures what each would cost on this machine, where that was not done before. Default true. */
  costs?: boolean;
  /** The plan that it would cost that under: what learns, the batch, the head. Default: the defaults of a training. */
  settings?: TrainingSettings;
}

const MOST = 600;

/**
 * Ranks the models at hand by what their frozen features say of the user's own labelled images: a hint and no promise. Only training and
 * validation images of the split are looked at; the test set stays closed. With each stands what a training would cost on this machine. The
 * ranking is kept.
 *
 * @throws GraftError `models-missing`, `model-unknown`, and what preparing a training throws
 */
export async function rankModels(
  session: Session,
  options: RankOptions = {},
  reporting: Reporting = {},
): Promise<ModelRanking> {
  const { project, jobs } = session;
  const models = chosen(session, options);
  const withoutWeights = modelCards()
    .filter((card) => shippedWeights(card) === null && !models.some(({ name }) => name === card.name))
    .map(({ name }) => name);
  const config = trainingConfigSchema.parse(options.seed === undefined ? {} : { seed: options.seed });
  const split = chooseSplit(session, options.split ?? {});
  const preprocessing = preprocessingFor(session, config, options.preprocessing ?? {});
  const dataset = await prepare(session, split, preprocessing, reporting);
  const judged: Judged[] = [];
  const skipped: ModelRanking['skipped'] = [];
  const gains: RankedGain[] = [];
  const ranked = await jobs.run(
    { kind: 'rank', title: 'Ranking of models', ...reporting },
    async (handle): Promise<RankedModel[]> => {
      await runInWorker<RankTask, RankEvent, number>(
        new URL('../jobs/rank-worker.ts', import.meta.url),
        {
          config,
          models,
          dataset,
          paths: { runFolder: project.paths.cache, cacheFolder: join(project.paths.cache, 'features') },
          most: options.images ?? MOST,
        },
        {
          what: 'The ranking of models',
          ...handle,
          onEvent: (event) => {
            if ('ranked' in event) judged.push(event.ranked);
            else if ('gained' in event) gains.push(event.gained);
            else skipped.push(event.skipped);
          },
        },
      );
      if (options.costs === false) return judged.map((one) => ({ ...one, cost: null, costReason: null }));
      const plan = trainingConfigSchema.parse(options.settings ?? {});
      const { train, validation, classes } = dataset;
      const subject: CostSubject = {
        train: train.length,
        validation: validation.length,
        classes: classes.length,
        multiLabel: dataset.multiLabel ?? false,
        images: dataset,
      };
      return withCosts(judged, plan, subject, handle);
    },
  );
  const [first] = ranked;
  if (!first) {
    throw new GraftError(
      'models-missing',
      `Expected at least one model that can be ranked on these images, found none: ${skipped[0].reason}`,
    );
  }
  const { images, patients } = first;
  const ranking: ModelRanking = {
    models: ranked.sort((a, b) => b.probe.value - a.probe.value || b.neighbours.value - a.neighbours.value),
    skipped,
    withoutWeights,
    gains,
    images,
    patients,
    size: preprocessing.height,
    splitHash: split.hash,
  };
  saveRanking(project.db, ranking);
  return ranking;
}

/** Each in a process of its own, one after the other: two at once would slow each other down. */
async function withCosts(
  models: readonly Judged[],
  plan: TrainingConfig,
  subject: CostSubject,
  { signal, onProgress }: JobHandle,
): Promise<RankedModel[]> {
  const ranked: RankedModel[] = [];
  for (const [at, model] of models.entries()) {
    const { cost, reason } = await costOrReason(plan, model, subject, {
      signal,
      onProgress: (progress) =>
        onProgress({
          ...progress,
          phase: `${model.title} (${at + 1} of ${models.length}): ${progress.phase}`,
        }),
    });
    ranked.push({ ...model, cost, costReason: reason });
  }
  return ranked;
}

function chosen({ project }: Session, { models, random = false }: RankOptions): RankTask['models'] {
  const shipped = modelCards().map(({ name, title }) => ({
    name,
    title,
    modelName: name,
    initial: 'pretrained',
  }));
  const known = addedModels(project);
  const parentOf = ({ lineage }: Pick<AddedModel, 'lineage'>): { parent?: string } =>
    lineage ? { parent: lineage.parent.name } : {};
  const added = known.map(({ id, title, modelName, folder, lineage }) => ({
    name: id,
    title,
    modelName,
    initial: folder,
    ...parentOf({ lineage }),
  }));
  const named = models?.map((asked) => {
    const { modelName, initial = 'pretrained' } = chosenModel(project, asked);
    const one = known.find(({ folder }) => folder === initial);
    const title = one?.title ?? cardOf({ modelName, initial }).title;
    return { name: one?.id ?? asked, title, modelName, initial, ...(one ? parentOf(one) : {}) };
  });
  const withWeights = (named ?? [...shipped, ...added]).filter(
    ({ modelName, initial }) => initial !== 'pretrained' || shippedWeights(modelCard(modelName)) !== null,
  );
  const drawn = random
    ? (named ?? oneOfEach(withWeights)).filter(canBeDrawn).map((one) => ({
        name: `${one.name} (random)`,
        title: `${one.title}, random weights`,
        modelName: one.modelName,
        initial: 'random',
      }))
    : [];
  if (withWeights.length + drawn.length > 0) return [...withWeights, ...drawn];
  throw new GraftError(
    'models-missing',
    'Expected at least one model with weights to rank, found none. Add weights (graft models add), or rank random ones too (--random).',
  );
}

/** Weights are drawn for networks of the library; a graph from a file is of no use without its own. */
const canBeDrawn = ({ modelName }: { modelName: string }): boolean =>
  modelCards().some(({ name }) => name === modelName);

/** Random weights are the same for all models of one network. */
const oneOfEach = (models: RankTask['models']): RankTask['models'] =>
  models.filter(({ modelName }, at) => models.findIndex((one) => one.modelName === modelName) === at);
