import { GraftError } from '../../contract/errors.ts';
import type { Prediction, Run } from '../../contract/run.ts';
import { predictedClass } from '../../evaluation/index.ts';
import { listEvaluations } from '../../store/evaluations.ts';
import type { ReadableDatabase } from '../../store/index.ts';
import { listPredictions } from '../../store/predictions.ts';

/** An answer that was wrong, and how sure the model was of it. */
export interface WrongAnswer {
  prediction: Prediction;
  /** What was said; of findings the one that the answer is about. */
  classIndex: number;
  /** The true class; of findings 1 where it is there and 0 where it is not. */
  truth: number;
  /** Probability of what was said; of a finding that was missed, of its absence. */
  confidence: number;
}

/**
 * A run's stored predictions of a set that count.
 *
 * @param set default the test set where it was opened, else the first external one, else validation
 * @throws GraftError `not-evaluated`
 */
export function predictionsOf(
  db: ReadableDatabase,
  run: Run,
  set?: string,
): { setName: string; predictions: Prediction[] } {
  const evaluations = listEvaluations(db, run.id);
  const rank = (name: string): number => (name === 'test' ? 0 : name === 'validation' ? 2 : 1);
  const [first] = evaluations
    .filter(({ setName }) => set === undefined || setName === set)
    .sort((a, b) => rank(a.setName) - rank(b.setName));
  if (!first) {
    throw new GraftError(
      'not-evaluated',
      `Expected answers of run ${run.id} to look at, found none${set === undefined ? '' : ` on ${set}`}. Evaluate it first (graft evaluate${set === undefined ? '' : ` --set ${set}`}).`,
    );
  }
  const predictions = listPredictions(db, first.id).filter(
    ({ excluded, instanceId }) => excluded === null && instanceId !== null,
  );
  return { setName: first.setName, predictions };
}

/** Wrong answers, the surest first; of findings by a threshold of 0.5. */
export function wrongAnswers(predictions: readonly Prediction[]): WrongAnswer[] {
  return predictions
    .flatMap((prediction): WrongAnswer[] => {
      const { findings, label, probabilities } = prediction;
      if (!findings) {
        const classIndex = predictedClass(probabilities);
        if (classIndex === label) return [];
        return [{ prediction, classIndex, truth: label, confidence: probabilities[classIndex] }];
      }
      return findings.flatMap((truth, classIndex): WrongAnswer[] => {
        const probability = probabilities[classIndex];
        if (truth === null || probability >= 0.5 === (truth === 1)) return [];
        const confidence = truth === 1 ? 1 - probability : probability;
        return [{ prediction, classIndex, truth, confidence }];
      });
    })
    .sort((a, b) => b.confidence - a.confidence);
}
