import type { SetAnalysis } from '../contract/analysis.ts';
import type { EvaluationTable } from '../contract/evaluation.ts';
import type { Comparison, Prediction } from '../contract/run.ts';
import { youdenThresholds } from '../evaluation/index.ts';
import { computeStatistics } from '../jobs/compute-statistics.ts';
import type { StatisticsSet } from '../jobs/statistics-worker.ts';
import { currentAnalysisSettings, getFit, saveFit } from '../store/analyses.ts';
import { getSplit, type WritableDatabase } from '../store/index.ts';
import { listRunsOfComparison } from '../store/runs.ts';
import { AnalysisInputs } from './analysis-input.ts';
import { counts, storedSets, type StoredModel, type StoredSet } from './stored-sets.ts';

/** What the runs of a comparison reached on one set. */
export interface SetResult {
  setName: string;
  /** Copies of images seen in training or selection left out: the result that counts. */
  table: EvaluationTable;
  /** All images, copies included; null where the set has none. */
  withCopies: EvaluationTable | null;
  /** Copies that are left out, counted by reason. */
  excluded: Record<string, number>;
  /** Thresholds, tests, calibration, units, subgroups and planning. */
  analysis: SetAnalysis;
}

/**
 * Computes metrics, intervals and everything else about a comparison's sets from what is stored, in workers, as many sets at a time as there are cores; what
 * validation data fitted is kept. Sets that not every finished run was evaluated on are left out: their table would compare different things.
 *
 * @param options.sets default all
 */
export async function resultsOf(
  db: WritableDatabase,
  comparison: Comparison,
  options: { signal?: AbortSignal; sets?: readonly string[] } = {},
): Promise<SetResult[]> {
  const { sets: wanted, ...worker } = options;
  const { classes, multiLabel = false, options: splitOptions } = getSplit(db, comparison.splitId)!;
  const runs = listRunsOfComparison(db, comparison.id).filter(({ state }) => state === 'done');
  const stored = storedSets(db, runs);
  const thresholds = multiLabel ? chosenThresholds(stored, classes.length) : null;
  const inputs = new AnalysisInputs(db, currentAnalysisSettings(db, comparison.id), stored);
  const sets = stored
    .filter(({ setName }) => wanted?.includes(setName) ?? true)
    .map((set) => (thresholds ? withThresholds(set, thresholds) : set));
  const seed = splitOptions.seed;
  if (sets.length === 0) return [];
  const computed = await computeStatistics(
    sets.map((set): StatisticsSet => {
      const counting = set.models.map((one) => ({ ...one, predictions: one.predictions.filter(counts) }));
      const every = { classes, multiLabel, seed };
      return {
        table: { ...every, models: counting },
        withCopies: hasCopies(set.models) ? { ...every, models: set.models } : null,
        analysis: inputs.of(set, classes, multiLabel),
      };
    }),
    worker,
  );
  return sets.map(({ setName, models }, at): SetResult => {
    const { table, withCopies, analysis, fitted } = computed[at];
    models.forEach(({ runId, name }, m) => {
      if (fitted) saveFit(db, runId, inputs.basisOf(name), fitted[m]);
    });
    const { fittedOn } = analysis;
    const fittedAt = getFit(db, models[models.length - 1].runId)?.fittedAt ?? '';
    return {
      setName,
      table,
      withCopies,
      excluded: countReasons(models[0].predictions),
      analysis: { ...analysis, fittedOn: fittedOn && { ...fittedOn, fittedAt } },
    };
  });
}

/** Thresholds of findings by run, chosen on its validation images; none where it was not evaluated on them. */
function chosenThresholds(sets: readonly StoredSet[], findings: number): Map<string, (number | null)[]> {
  const validation = sets.find(({ setName }) => setName === 'validation')?.models ?? [];
  return new Map(
    validation.map(({ name, predictions }) => [name, youdenThresholds(predictions.filter(counts), findings)]),
  );
}

const withThresholds = (
  { setName, models }: StoredSet,
  thresholds: ReadonlyMap<string, (number | null)[]>,
): StoredSet => ({
  setName,
  models: models.map((one) => {
    const chosen = thresholds.get(one.name);
    return chosen ? { ...one, thresholds: chosen } : one;
  }),
});

/** A set of copies alone has no result that counts, and is not asked for one. */
const hasCopies = ([first]: readonly StoredModel[]): boolean => !first.predictions.every(counts);

function countReasons(predictions: readonly Prediction[]): Record<string, number> {
  const reasons: Record<string, number> = {};
  for (const { excluded } of predictions)
    if (excluded !== null) reasons[excluded] = (reasons[excluded] ?? 0) + 1;
  return reasons;
}
