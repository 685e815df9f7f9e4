import type { Run } from '../../contract/run.ts';
import { listAdaptations } from '../../store/adaptations.ts';
import type { ReadableProject } from '../../store/index.ts';
import { listRuns } from '../../store/runs.ts';

/**
 * Runs that can be adapted, the newest first: fine-tuned, finished, one model each. Copies that stand beside adapted models for comparison are
 * left out.
 */
export function adaptationCandidates({ db }: Pick<ReadableProject, 'db'>): Run[] {
  const runs = listRuns(db);
  const adapted = new Set(listAdaptations(db).map(({ runId }) => runId));
  const ofAdapted = new Set(runs.filter(({ id }) => adapted.has(id)).map(({ comparisonId }) => comparisonId));
  return runs
    .filter(
      ({ approach, state, config, comparisonId }) =>
        approach === 'fine-tuned' &&
        state === 'done' &&
        config.folds === null &&
        !ofAdapted.has(comparisonId),
    )
    .reverse();
}
