import type { ModelChoice, modelCalls } from '../../contract/calls/models.ts';
import { GraftError } from '../../contract/errors.ts';
import type { MeasureTask, Measured } from '../../jobs/measure-worker.ts';
import { runInWorker } from '../../jobs/run-in-worker.ts';
import { modelCard } from '../../models/index.ts';
import { addModel, addedModels, inspectWeights, isSavedModel, removeModel } from '../added-models.ts';
import { listModels } from '../list-models.ts';
import { rankModels } from '../rank-models.ts';
import type { Desk, Handlers } from './desk.ts';
import { modelSpeed, saveModelSpeed } from './model-speeds.ts';
import { fitOf } from './model-fit.ts';
import { currentPlan } from './plans.ts';
import { storedRanking } from './stored-ranking.ts';

export const modelHandlers: Handlers<typeof modelCalls> = {
  'models.list': (_, desk) => {
    const added = addedModels(desk.session.project);
    return {
      library: listModels(null).library.map((model): ModelChoice => {
        return {
          ...model,
          fit: fitOf(
            desk,
            model,
            added.some(({ modelName }) => modelName === model.name),
          ),
          speed: modelSpeed(model.name),
        };
      }),
      added,
    };
  },
  'models.measure': ({ name }, desk) => {
    const { inputSize, title } = modelCard(name);
    return desk.startJob(
      { kind: 'inspect', title: `Measuring ${title} on this machine` },
      async (_, reporting) => {
        const { imagesPerSecond } = await runInWorker<MeasureTask, never, Measured>(
          new URL('../../jobs/measure-worker.ts', import.meta.url),
          { modelName: name, size: inputSize },
          { what: `The measurement of ${title}`, ...reporting },
        );
        saveModelSpeed(name, { imagesPerSecond, size: inputSize, measuredAt: new Date().toISOString() });
        desk.tell({ kind: 'changed', what: 'models' });
      },
    );
  },
  'models.rank': ({ random }, desk) =>
    desk.startJob({ kind: 'rank', title: 'Ranking of models' }, async (session, reporting) => {
      const { preprocessing, split } = currentPlan(desk);
      const { splitId, options } = split;
      const ranking = await rankModels(
        session,
        { random, preprocessing, split: { ...(splitId === null ? {} : { splitId }), options } },
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
  'models.remove': ({ id }, desk: Desk) => {
    const known = addedModels(desk.session.project).find((one) => one.id === id);
    if (!known)
      throw new GraftError('model-missing', `Expected an added model of this project, found "${id}".`);
    removeModel(desk.session.project, id);
    desk.tell({ kind: 'changed', what: 'models' });
    return null;
  },
};
