import type { ModelRanking, RankedModel, RankingFeedback, StoredRanking } from '../../contract/ranking.ts';
import type { Run } from '../../contract/run.ts';
import { kendallTau } from '../../evaluation/index.ts';
import { listEpochs } from '../../store/epochs.ts';
import type { Project, ReadableDatabase } from '../../store/index.ts';
import { listJobs } from '../../store/jobs.ts';
import { listRuns } from '../../store/runs.ts';

/** The last ranking that came to its end, with what fine-tuning has shown since. */
export function storedRanking({ db }: Pick<Project, 'db'>): StoredRanking | null {
  const job = listJobs(db).find(
    ({ kind, state, result }) => kind === 'rank' && state === 'done' && result !== null,
  );
  if (!job) return null;
  const ranking = job.result as ModelRanking;
  return { ranking, rankedAt: job.finishedAt!, feedback: feedbackOf(db, ranking) };
}

function feedbackOf(db: ReadableDatabase, { models }: ModelRanking): RankingFeedback {
  const runs = listRuns(db).filter(({ approach, state }) => approach === 'fine-tuned' && state === 'done');
  const pairs = models.flatMap((model) => {
    const reached = runs.filter((run) => startsFrom(run, model)).map((run) => bestF1(db, run));
    const best = Math.max(...reached.filter((value) => value !== null));
    return Number.isFinite(best) ? [{ probe: model.probe.value, reached: best }] : [];
  });
  return {
    models: pairs.length,
    kendall:
      pairs.length < 3
        ? null
        : kendallTau(
            pairs.map(({ probe }) => probe),
            pairs.map(({ reached }) => reached),
          ),
  };
}

const startsFrom = ({ config }: Run, { modelName, initial }: RankedModel): boolean =>
  config.modelName === modelName && config.initial === initial;

function bestF1(db: ReadableDatabase, { id }: Run): number | null {
  const values = listEpochs(db, id).flatMap(({ validationF1 }) =>
    validationF1 === null ? [] : [validationF1],
  );
  return values.length === 0 ? null : Math.max(...values);
}
