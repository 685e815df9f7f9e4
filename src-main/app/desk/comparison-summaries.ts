import type { ComparisonSummary, RunSummaryRow } from '../../contract/calls/runs.ts';
import type { Split } from '../../contract/dataset.ts';
import type { Run } from '../../contract/run.ts';
import { getSplit, type ReadableDatabase } from '../../store/index.ts';
import { listEpochs } from '../../store/epochs.ts';
import { listEvaluations } from '../../store/evaluations.ts';
import { listOpenings } from '../../store/openings.ts';
import { comparisonNames, getComparison, listRuns } from '../../store/runs.ts';
import { diagnose } from '../diagnose.ts';
import { titleOfStart } from '../start-names.ts';
import { differencesBetween } from './differences.ts';

/** All trainings, the newest first, with their curves. */
export function comparisonSummaries(db: ReadableDatabase): ComparisonSummary[] {
  const names = comparisonNames(db);
  const groups = [...Map.groupBy(listRuns(db), ({ comparisonId }) => comparisonId)].sort(([a], [b]) => a - b);
  return groups
    .map(([id, runs], at): ComparisonSummary => {
      const { splitId, createdAt } = getComparison(db, id)!;
      const split = getSplit(db, splitId)!;
      const main = mainRun(runs);
      const before = at > 0 ? mainRun(groups[at - 1][1]) : null;
      return {
        id,
        name: names.get(id) ?? `Training ${id}`,
        createdAt,
        splitId,
        classes: split.classes,
        multiLabel: split.multiLabel ?? false,
        modelTitle: titleOfStart(main.config),
        runs: runs.map((run) => summary(db, run, split)),
        testOpenings: listOpenings(db, split.hash).filter(({ setName }) => setName === 'test').length,
        differences: before ? differencesBetween(before, main) : [],
      };
    })
    .reverse();
}

const mainRun = (runs: readonly Run[]): Run =>
  runs.find(({ approach }) => approach === 'fine-tuned') ?? runs[runs.length - 1];

function summary(db: ReadableDatabase, run: Run, split: Split): RunSummaryRow {
  const epochs = listEpochs(db, run.id);
  return {
    run,
    epochs,
    best: epochs.findLast(({ best }) => best) ?? null,
    evaluatedOn: listEvaluations(db, run.id).map(({ setName }) => setName),
    findings: diagnose(run, epochs, split, 'page'),
  };
}
