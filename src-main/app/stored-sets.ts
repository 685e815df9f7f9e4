import { OUT_OF_FOLD, type Prediction, type Run } from '../contract/run.ts';
import { listEvaluations } from '../store/evaluations.ts';
import type { ReadableDatabase } from '../store/index.ts';
import { listPredictions } from '../store/predictions.ts';

/** What the runs of a comparison said of one set. */
export interface StoredSet {
  setName: string;
  models: StoredModel[];
}

export interface StoredModel {
  runId: number;
  name: string;
  approach: Run['approach'];
  predictions: Prediction[];
  thresholds?: (number | null)[];
}

export const counts = ({ excluded }: Prediction): boolean => excluded === null;

/** Sets that all these runs were evaluated on, and that hold an image that counts. */
export function storedSets(db: ReadableDatabase, runs: readonly Run[]): StoredSet[] {
  const evaluations = runs.map((run) => ({ run, evaluations: listEvaluations(db, run.id) }));
  const names = [...new Set(evaluations.flatMap(({ evaluations: of }) => of.map(({ setName }) => setName)))];
  return names.flatMap((setName) => {
    const models = evaluations.flatMap(({ run, evaluations: of }): StoredModel[] => {
      const found = of.find((one) => one.setName === setName);
      if (!found) return [];
      const { id: runId, approach } = run;
      return [{ runId, name: approach, approach, predictions: listPredictions(db, found.id) }];
    });
    // Images that an ensemble's members have not seen are something that only an ensemble has.
    const all = models.length === runs.length || setName === OUT_OF_FOLD;
    const complete = all && models[0].predictions.some(counts);
    return complete ? [{ setName, models }] : [];
  });
}
