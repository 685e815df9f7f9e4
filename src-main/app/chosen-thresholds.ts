import type { Run } from '../contract/run.ts';
import { youdenThresholds } from '../evaluation/index.ts';
import { listEvaluations } from '../store/evaluations.ts';
import type { ReadableDatabase } from '../store/index.ts';
import { listPredictions } from '../store/predictions.ts';

/** Of a finding that nobody chose a threshold for. */
const EVEN = 0.5;

/**
 * From which probability on each finding counts as present, for whoever uses a model elsewhere: chosen on the run's validation images, as
 * the report's are; 0.5 where it was not evaluated on them.
 */
export function thresholdsOf(db: ReadableDatabase, run: Pick<Run, 'id'>, findings: number): number[] {
  const validation = listEvaluations(db, run.id).find(({ setName }) => setName === 'validation');
  const judged = validation
    ? listPredictions(db, validation.id).filter(({ excluded }) => excluded === null)
    : [];
  const chosen = judged.length > 0 ? youdenThresholds(judged, findings) : [];
  return Array.from({ length: findings }, (_, at) => chosen[at] ?? EVEN);
}
