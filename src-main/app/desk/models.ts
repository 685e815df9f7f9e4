import type { AddedModel, ModelChoice, modelCalls } from '../../contract/calls/models.ts';
import type { Plan } from '../../contract/calls/plans.ts';
import { GraftError } from '../../contract/errors.ts';
import type { Job } from '../../contract/job.ts';
import type { UnlabelledFacts } from '../../contract/self-supervision.ts';
import { modelCard } from '../../models/index.ts';
import { getSplit } from '../../store/index.ts';
import { addModel, addedModels, inspectWeights, isSavedModel, removeModel } from '../added-models.ts';
import { listModels } from '../list-models.ts';
import { type CostSubject, costUnder, knownCostsUnder } from '../model-cost.ts';
import {
  discardPretraining,
  isUnsplittable,
  pretrainUnlabelled,
  resumePretraining,
  unlabelledFacts,
} from '../pretrain-unlabelled.ts';
import { readPretraining, unfinishedPretrainings } from '../pretraining-records.ts';
import { rankModels } from '../rank-models.ts';
import type { Session } from '../session.ts';
import type { Reporting } from '../reporting.ts';
import { storedRanking } from '../stored-ranking.ts';
import type { Desk, Handlers } from './desk.ts';
import { fitOf } from './model-fit.ts';
import { trainingFactsOf } from './plan-description.ts';
import { currentPlan } from './plans.ts';
import { withDealtSplit } from './split-preview.ts';

export const modelHandlers: Handlers<typeof modelCalls> = {
  'models.list': (_, desk) => {
    const added = addedModels(desk.session.project);
    const plan = currentPlan(desk);
    const costs = knownCostsUnder(plan.settings, subjectOf(desk, plan));
    return {
      library: listModels(null).library.map((model): ModelChoice => {
        return {
          ...model,
          fit: fitOf(
            desk,
            model,
            added.some(({ modelName }) => modelName === model.name),
          ),
          cost: costs({ modelName: model.name, initial: startOf(plan, model.name) }),
        };
      }),
      added,
      unfinished: unfinishedPretrainings(desk.session.project),
    };
  },
  'models.measure': ({ name }, desk) => {
    const { title } = modelCard(name);
    const plan = currentPlan(desk);
    return desk.startJob(
      { kind: 'inspect', title: `Measuring ${title} on this machine` },
      async (_, reporting) => {
        const start = { modelName: name, initial: startOf(plan, name), title };
        const cost = await costUnder(plan.settings, start, subjectOf(desk, plan), reporting);
        desk.tell({ kind: 'changed', what: 'models' });
        return cost;
      },
    );
  },
  'models.rank': ({ random }, desk) =>
    desk.startJob({ kind: 'rank', title: 'Ranking of models' }, async (session, reporting) => {
      const { preprocessing, split, settings } = currentPlan(desk);
      const { splitId, options } = split;
      const ranking = await rankModels(
        session,
        { random, settings, preprocessing, split: { ...(splitId === null ? {} : { splitId }), options } },
        reporting,
      );
      desk.tell({ kind: 'changed', what: 'models' });
      return ranking;
    }),
  'models.ranking': (_, { session }) => storedRanking(session.project),
  'models.inspect': ({ path, options }) => (isSavedModel(path) ? null : inspectWeights(path, options)),
  'models.add': async (input, desk) => {
    const added = await addModel(desk.session.project, input);
    desk.tell({ kind: 'changed', what: 'models' });
    return added;
  },
  'models.unlabelled': ({ datasets }, desk) => factsUnderPlan(desk, datasets),
  'models.pretrain': (input, desk) => {
    const { from, title, method, minutes, epochs, size, freezeUntil, datasets } = input;
    const { preprocessing, split } = currentPlan(desk);
    const { splitId, options } = split;
    return pretrainingJob(desk, `Learning from images without labels (${method})`, (session, reporting) =>
      pretrainUnlabelled(
        session,
        {
          from,
          settings: { method, minutes, freezeUntil, ...(epochs === null ? {} : { epochs }) },
          preprocessing: { ...preprocessing, height: size, width: size },
          split: { ...(splitId === null ? {} : { splitId }), options },
          ...(title === '' ? {} : { title }),
          ...(datasets === null ? {} : { datasets }),
        },
        reporting,
      ),
    );
  },
  'models.resumePretraining': ({ id }, desk) => {
    const { title } = readPretraining(desk.session.project, id);
    return pretrainingJob(desk, `Going on with “${title}”`, (session, reporting) =>
      resumePretraining(session, id, reporting),
    );
  },
  'models.discardPretraining': ({ id }, desk) => {
    discardPretraining(desk.session.project, id);
    desk.tell({ kind: 'changed', what: 'models' });
    return null;
  },
  'models.remove': ({ id }, desk: Desk) => {
    const known = addedModels(desk.session.project).find((one) => one.id === id);
    if (!known)
      throw new GraftError('model-missing', `Expected an added model of this project, found "${id}".`);
    removeModel(desk.session.project, id);
    desk.tell({ kind: 'changed', what: 'models' });
    return null;
  },
};

/** Random weights where the plan says so; else as pre-trained ones, whether they are at hand or not: speed is the same. */
const startOf = ({ settings }: Plan, modelName: string): string =>
  settings.modelName === modelName && settings.initial === 'random' ? 'random' : 'pretrained';

/** Images of the plan's split; before there can be one, all labelled ones count as training images. */
function subjectOf(desk: Desk, plan: Plan): CostSubject {
  const counts = trainingFactsOf(desk, plan);
  const labelled = desk.browser().labels.reduce((sum, label) => sum + (label >= 0 ? 1 : 0), 0);
  return {
    train: counts?.counts.train?.images ?? labelled,
    validation: counts?.counts.validation?.images ?? 0,
    classes: Math.max(2, counts?.classes.length ?? 2),
    multiLabel: counts?.multiLabel ?? false,
    images: plan.preprocessing,
  };
}

/** However it ends, what the Model screen lists has changed: another model, or one that can be gone on with. */
function pretrainingJob(
  desk: Desk,
  title: string,
  work: (session: Session, reporting: Required<Reporting>) => Promise<AddedModel>,
): Job {
  return desk.startJob({ kind: 'pretrain', title }, async (session, reporting) => {
    try {
      const { id } = await work(session, reporting);
      return { added: id };
    } finally {
      desk.tell({ kind: 'changed', what: 'models' });
    }
  });
}

/** As the plan deals patients; nothing is stored for it. */
function factsUnderPlan(desk: Desk, datasets: readonly string[] | null): UnlabelledFacts {
  const { project } = desk.session;
  const { splitId, options } = currentPlan(desk).split;
  const stored = splitId === null ? null : getSplit(project.db, splitId);
  if (stored) return unlabelledFacts(project, stored, datasets);
  try {
    return withDealtSplit(desk, options, (split) => unlabelledFacts(project, split, datasets));
  } catch (thrown) {
    if (isUnsplittable(thrown)) return unlabelledFacts(project, null, datasets);
    throw thrown;
  }
}
