import type { RunFinding } from '../contract/diagnosis.ts';
import type { Run } from '../contract/run.ts';
import type { EpochMetrics } from '../contract/training.ts';
import { listEpochs } from '../store/epochs.ts';
import { getSplit, openProjectForReading, type ReadableDatabase } from '../store/index.ts';
import { listEvaluations } from '../store/evaluations.ts';
import { listOpenings } from '../store/openings.ts';
import { listFolds, type StoredFold } from '../store/cross-validations.ts';
import { getComparison, listAllRuns } from '../store/runs.ts';
import { listEnsembleMembers, type EnsembleMember } from '../store/ensembles.ts';
import { listPlaces, type TrialPlace } from '../store/sweeps.ts';
import { diagnose } from './diagnose.ts';

/** A run with what has been measured of it so far. */
export interface RunSummary {
  run: Run;
  splitId: number;
  epochs: EpochMetrics[];
  /** What its epochs show, the most important first. */
  findings: RunFinding[];
  /** Names of the sets it was evaluated on. */
  evaluatedOn: string[];
  /** How often the test set of its split was opened, by this run's comparison or any other. */
  testOpenings: number;
  /** Its place, where it is a part of a sweep. */
  place: TrialPlace | null;
  /** The ensemble that it is a member of. */
  member: EnsembleMember | null;
  /** The fold of a cross-validation that it belongs to; what tunes a fold belongs to it too. */
  fold: StoredFold | null;
}

/** All runs of a project, in the order in which they were made. Works while another process trains. */
export function listRuns(folder: string): RunSummary[] {
  const project = openProjectForReading(folder);
  try {
    const places = new Map(listPlaces(project.db).map((one) => [one.runId, one]));
    const members = new Map(listEnsembleMembers(project.db).map((one) => [one.runId, one]));
    const folds = new Map(listFolds(project.db).map((one) => [one.splitId, one]));
    return listAllRuns(project.db).map((run) => {
      const found = summary(project.db, run);
      return {
        ...found,
        place: places.get(run.id) ?? null,
        member: members.get(run.id) ?? null,
        fold: folds.get(found.splitId) ?? null,
      };
    });
  } finally {
    project.close();
  }
}

function summary(db: ReadableDatabase, run: Run): Omit<RunSummary, 'place' | 'member' | 'fold'> {
  const { splitId } = getComparison(db, run.comparisonId)!;
  const split = getSplit(db, splitId)!;
  const openings = listOpenings(db, split.hash);
  const epochs = listEpochs(db, run.id);
  return {
    run,
    splitId,
    epochs,
    findings: diagnose(run, epochs, split, 'terminal'),
    evaluatedOn: listEvaluations(db, run.id).map(({ setName }) => setName),
    testOpenings: openings.filter(({ setName }) => setName === 'test').length,
  };
}
