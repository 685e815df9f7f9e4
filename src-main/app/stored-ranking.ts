import type { ModelRanking, RankedModel, RankingFeedback, StoredRanking } from '../contract/ranking.ts';
import type { Run } from '../contract/run.ts';
import { kendallTau } from '../evaluation/index.ts';
import { listEpochs } from '../store/epochs.ts';
import { getSplit, openProjectForReading, type ReadableDatabase } from '../store/index.ts';
import { lastRanking as readLastRanking } from '../store/rankings.ts';
import { getComparison, listRuns } from '../store/runs.ts';

/** The last ranking, with what trainings say of it; null where there was none. */
export function storedRanking({ db }: { db: ReadableDatabase }): StoredRanking | null {
  const last = readLastRanking(db);
  return last && { ...last, feedback: feedbackOf(db, last.ranking) };
}

/** The same of a project that is not open. */
export function lastRanking(folder: string): StoredRanking | null {
  const project = openProjectForReading(folder);
  try {
    return storedRanking(project);
  } finally {
    project.close();
  }
}

/**
 * Each model's best validation F1 against its probe. Validation patients of another split are others, and their values no measure of the
 * same thing: only trainings on the ranking's own split count.
 */
function feedbackOf(db: ReadableDatabase, { models, splitHash }: ModelRanking): RankingFeedback {
  const runs = listRuns(db).filter(
    ({ approach, state, comparisonId }) =>
      (approach === 'fine-tuned' || approach === 'scratch') &&
      state === 'done' &&
      (splitHash === null || splitHash === hashOfSplit(db, comparisonId)),
  );
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

/** Equal where the same images are in the same places, whatever the splits' numbers are. */
function hashOfSplit(db: ReadableDatabase, comparisonId: number): string | undefined {
  const comparison = getComparison(db, comparisonId);
  return comparison ? getSplit(db, comparison.splitId)?.hash : undefined;
}

/** A run from scratch stands beside others under their settings, and starts from random weights whatever these say. */
const startsFrom = ({ approach, config }: Run, { modelName, initial }: RankedModel): boolean =>
  config.modelName === modelName && (approach === 'scratch' ? 'random' : config.initial) === initial;

function bestF1(db: ReadableDatabase, { id }: Run): number | null {
  const values = listEpochs(db, id).flatMap(({ validationF1 }) =>
    validationF1 === null ? [] : [validationF1],
  );
  return values.length === 0 ? null : Math.max(...values);
}
