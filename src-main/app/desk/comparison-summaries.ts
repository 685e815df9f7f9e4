import type { ComparisonSummary, RunSummaryRow } from '../../contract/calls/runs.ts';
import type { Run } from '../../contract/run.ts';
import type { EpochMetrics } from '../../contract/training.ts';
import { diagnoseCurves } from '../../evaluation/index.ts';
import { modelCards } from '../../models/index.ts';
import { getSplit, type ReadableDatabase } from '../../store/index.ts';
import { listEpochs } from '../../store/epochs.ts';
import { listEvaluations } from '../../store/evaluations.ts';
import { listOpenings } from '../../store/openings.ts';
import { comparisonNames, getComparison, listRuns } from '../../store/runs.ts';
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
      const { images, classes } = split.counts.train;
      const chance = Math.max(...classes) / images;
      return {
        id,
        name: names.get(id) ?? `Training ${id}`,
        createdAt,
        splitId,
        classes: split.classes,
        modelTitle:
          modelCards().find(({ name }) => name === main.config.modelName)?.title ?? main.config.modelName,
        runs: runs.map((run) => summary(db, run, chance)),
        testOpenings: listOpenings(db, split.hash).filter(({ setName }) => setName === 'test').length,
        differences: before ? differencesBetween(before, main) : [],
      };
    })
    .reverse();
}

const mainRun = (runs: readonly Run[]): Run =>
  runs.find(({ approach }) => approach === 'fine-tuned') ?? runs[runs.length - 1];

function summary(db: ReadableDatabase, run: Run, chance: number): RunSummaryRow {
  const epochs = listEpochs(db, run.id);
  return {
    run,
    epochs,
    best: epochs.findLast(({ best }) => best) ?? null,
    evaluatedOn: listEvaluations(db, run.id).map(({ setName }) => setName),
    diagnosis: diagnosis(epochs, chance),
  };
}

function diagnosis(epochs: readonly EpochMetrics[], chance: number): string | null {
  const points = epochs.flatMap(({ trainLoss, trainAccuracy, validationLoss, validationAccuracy }) =>
    validationLoss === null || validationAccuracy === null
      ? []
      : [{ trainLoss, trainAccuracy, valLoss: validationLoss, valAccuracy: validationAccuracy }],
  );
  return points.length < 3 ? null : diagnoseCurves(points, chance).message;
}
