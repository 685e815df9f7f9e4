import type { Run } from '../../contract/run.ts';
import { listAdaptations } from '../../store/adaptations.ts';
import type { ReadableProject } from '../../store/index.ts';
import { listRuns } from '../../store/runs.ts';

/**
 * Runs that can be adapted, the newest first: finished, one model each, fine-tuned here or in another project, or adapted before. Copies that
 * stand beside adapted models for comparison are left out.
 */
export function adaptationCandidates({ db }: Pick<ReadableProject, 'db'>): Run[] {
  const runs = listRuns(db);
  const adapted = new Set(listAdaptations(db).map(({ runId }) => runId));
  const ofAdapted = new Set(runs.filter(({ id }) => adapted.has(id)).map(({ comparisonId }) => comparisonId));
  return runs
    .filter(
      ({ id, approach, state, config, comparisonId }) =>
        state === 'done' &&
        config.folds === null &&
        (adapted.has(id) || (approach === 'fine-tuned' && !ofAdapted.has(comparisonId))),
    )
    .reverse();
}

/** The newest that nobody adapted before: what is adapted when no run is named. */
export const firstCandidate = (project: Pick<ReadableProject, 'db'>): Run | undefined => {
  const candidates = adaptationCandidates(project);
  return candidates.find(({ approach }) => approach === 'fine-tuned');
};
