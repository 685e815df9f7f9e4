import type { Prediction, Run } from '../contract/run.ts';
import { chosenPoint } from '../evaluation/analysis/index.ts';
import { youdenThresholds } from '../evaluation/index.ts';
import { currentAnalysisSettings } from '../store/analyses.ts';
import { listEvaluations } from '../store/evaluations.ts';
import type { ReadableDatabase } from '../store/index.ts';
import { listPredictions } from '../store/predictions.ts';

/** Of a finding that nobody chose a threshold for. */
const EVEN = 0.5;

/**
 * From which probability on each finding counts as present, for whoever uses a model elsewhere: chosen on the run's validation images, one by one,
 * by the rule that its results are analysed by; 0.5 where it was not evaluated on them, and where the rule chooses none.
 */
export function thresholdsOf(
  db: ReadableDatabase,
  run: Pick<Run, 'id' | 'comparisonId'>,
  findings: number,
): number[] {
  const validation = listEvaluations(db, run.id).find(({ setName }) => setName === 'validation');
  const judged = validation
    ? listPredictions(db, validation.id).filter(({ excluded }) => excluded === null)
    : [];
  const { threshold: rule } = currentAnalysisSettings(db, run.comparisonId);
  const chosen =
    judged.length === 0
      ? []
      : rule.kind === 'youden'
        ? youdenThresholds(judged, findings)
        : Array.from({ length: findings }, (_, at) => {
            const known = judged.filter((one) => (one.findings?.[at] ?? null) !== null);
            return chosenPoint(rule, scoresOf(known, at))?.threshold ?? null;
          });
  return Array.from({ length: findings }, (_, at) => chosen[at] ?? EVEN);
}

const scoresOf = (known: readonly Prediction[], at: number): { scores: number[]; positive: boolean[] } => ({
  scores: known.map(({ probabilities }) => probabilities[at]),
  positive: known.map(({ findings }) => findings![at] === 1),
});
