import type { EvaluationTable } from '../contract/evaluation.ts';
import { OUT_OF_FOLD, type Comparison, type Prediction, type Run } from '../contract/run.ts';
import { type EvaluationOptions, youdenThresholds } from '../evaluation/index.ts';
import { runInWorker } from '../jobs/run-in-worker.ts';
import type { StatisticsTask } from '../jobs/statistics-worker.ts';
import { getSplit, type ReadableDatabase } from '../store/index.ts';
import { listEvaluations } from '../store/evaluations.ts';
import { listPredictions } from '../store/predictions.ts';
import { listRunsOfComparison } from '../store/runs.ts';

/** What the runs of a comparison reached on one set. */
export interface SetResult {
  setName: string;
  /** Copies of images seen in training or selection left out: the result that counts. */
  table: EvaluationTable;
  /** All images, copies included; null where the set has none. */
  withCopies: EvaluationTable | null;
  /** Copies that are left out, counted by reason. */
  excluded: Record<string, number>;
}

/**
 * Computes metrics and intervals from what is stored of a comparison, set by set, in a worker. Sets that not every
 * finished run was evaluated on are left out: their table would compare different things.
 *
 * @param options.sets default all
 */
export async function resultsOf(
  db: ReadableDatabase,
  comparison: Comparison,
  options: { signal?: AbortSignal; sets?: readonly string[] } = {},
): Promise<SetResult[]> {
  const { sets: wanted, ...worker } = options;
  const { classes, multiLabel = false, options: splitOptions } = getSplit(db, comparison.splitId)!;
  const runs = listRunsOfComparison(db, comparison.id).filter(({ state }) => state === 'done');
  const stored = storedSets(db, runs);
  const thresholds = multiLabel ? chosenThresholds(stored, classes.length) : null;
  const sets = stored
    .filter(({ setName }) => wanted?.includes(setName) ?? true)
    .map((set) => (thresholds ? withThresholds(set, thresholds) : set));
  const seed = splitOptions.seed;
  const tables = sets.flatMap(({ models }): EvaluationOptions[] => {
    const counting = models.map((one) => ({ ...one, predictions: one.predictions.filter(counts) }));
    return [
      { classes, multiLabel, seed, models: counting },
      { classes, multiLabel, seed, models },
    ].slice(0, hasCopies(models) ? 2 : 1);
  });
  if (tables.length === 0) return [];
  const computed = await runInWorker<StatisticsTask, never, EvaluationTable[]>(
    new URL('../jobs/statistics-worker.ts', import.meta.url),
    { tables },
    { what: 'The statistics', ...worker },
  );
  return sets.map(({ setName, models }): SetResult => {
    const table = computed.shift()!;
    const withCopies = hasCopies(models) ? computed.shift()! : null;
    return { setName, table, withCopies, excluded: countReasons(models[0].predictions) };
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

interface StoredSet {
  setName: string;
  models: StoredModel[];
}

interface StoredModel {
  name: string;
  approach: Run['approach'];
  predictions: Prediction[];
  thresholds?: (number | null)[];
}

const counts = ({ excluded }: Prediction): boolean => excluded === null;

/** A set of copies alone has no result that counts, and is not asked for one. */
const hasCopies = ([first]: readonly StoredModel[]): boolean => !first.predictions.every(counts);

function storedSets(db: ReadableDatabase, runs: readonly Run[]): StoredSet[] {
  const evaluations = runs.map((run) => ({ run, evaluations: listEvaluations(db, run.id) }));
  const names = [...new Set(evaluations.flatMap(({ evaluations: of }) => of.map(({ setName }) => setName)))];
  return names.flatMap((setName) => {
    const models = evaluations.flatMap(({ run, evaluations: of }): StoredModel[] => {
      const found = of.find((one) => one.setName === setName);
      if (!found) return [];
      return [{ name: run.approach, approach: run.approach, predictions: listPredictions(db, found.id) }];
    });
    // Images that an ensemble's members have not seen are something that only an ensemble has.
    const all = models.length === runs.length || setName === OUT_OF_FOLD;
    const complete = all && models[0].predictions.some(counts);
    return complete ? [{ setName, models }] : [];
  });
}

function countReasons(predictions: readonly Prediction[]): Record<string, number> {
  const reasons: Record<string, number> = {};
  for (const { excluded } of predictions)
    if (excluded !== null) reasons[excluded] = (reasons[excluded] ?? 0) + 1;
  return reasons;
}
