import type { Run } from '../contract/run.ts';
import type { EpochMetrics } from '../contract/training.ts';
import { listEpochs } from '../store/epochs.ts';
import { getSplit, openProjectForReading, type ReadableDatabase } from '../store/index.ts';
import { listEvaluations } from '../store/evaluations.ts';
import { listOpenings } from '../store/openings.ts';
import { getComparison, listRuns as listRunsOfProject } from '../store/runs.ts';

/** A run with what has been measured of it so far. */
export interface RunSummary {
  run: Run;
  splitId: number;
  epochs: EpochMetrics[];
  /** Names of the sets it was evaluated on. */
  evaluatedOn: string[];
  /** How often the test set of its split was opened, by this run's comparison or any other. */
  testOpenings: number;
}

/** All runs of a project, in the order in which they were made. Works while another process trains. */
export function listRuns(folder: string): RunSummary[] {
  const project = openProjectForReading(folder);
  try {
    return listRunsOfProject(project.db).map((run) => summary(project.db, run));
  } finally {
    project.close();
  }
}

function summary(db: ReadableDatabase, run: Run): RunSummary {
  const { splitId } = getComparison(db, run.comparisonId)!;
  const openings = listOpenings(db, getSplit(db, splitId)!.hash);
  return {
    run,
    splitId,
    epochs: listEpochs(db, run.id),
    evaluatedOn: listEvaluations(db, run.id).map(({ setName }) => setName),
    testOpenings: openings.filter(({ setName }) => setName === 'test').length,
  };
}
