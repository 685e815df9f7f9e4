import type {
  CrossValidationResult,
  FoldDifference,
  FoldMetrics,
  FoldSpread,
} from '../../contract/cross-validation.ts';
import { metricNames, type MetricName, type ScoredPrediction } from '../../contract/evaluation.ts';
import type { TrainedApproach } from '../../contract/run.ts';
import { evaluateModels } from '../evaluate-models.ts';
import { correctedT } from './corrected-t.ts';

/** What the models of one fold said of the fold's own patients. */
export interface JudgedFold {
  /** The same images in the same order for every approach. */
  models: readonly { approach: TrainedApproach; predictions: readonly ScoredPrediction[] }[];
  /** Patients that the fold learned from, those of its validation part among them. */
  learned: number;
  /** Patients that judged it. */
  judged: number;
}

/** Only values are wanted of a fold: an interval of its own would rest on too few patients. */
const FEWEST_REPLICATES = 2;

/** Metrics fold by fold, their spread, and the difference of the last approach from each before it. */
export function foldsOfApproaches(
  folds: readonly JudgedFold[],
  classes: readonly string[],
  multiLabel: boolean,
): Pick<CrossValidationResult, 'folds' | 'spread' | 'differences'> {
  const metrics = folds.map(({ models }): FoldMetrics[] => {
    const named = models.map((one) => ({ ...one, name: one.approach }));
    const table = evaluateModels({ classes, multiLabel, models: named, replicates: FEWEST_REPLICATES });
    return table.models.map((one, m) => ({
      approach: models[m].approach,
      metrics: Object.fromEntries(
        metricNames.map((metric) => [metric, one.metrics[metric].value]),
      ) as FoldMetrics['metrics'],
    }));
  });
  const names = folds[0].models.map(({ approach }) => approach);
  const values = (m: number, metric: MetricName): (number | null)[] =>
    metrics.map((of) => of[m].metrics[metric]);
  const ratio =
    folds.reduce((sum, { judged, learned }) => sum + judged / Math.max(1, learned), 0) / folds.length;
  const last = names.length - 1;
  return {
    folds: metrics,
    spread: names.flatMap((approach, m) =>
      metricNames.map((metric) => ({ approach, metric, ...spreadOf(values(m, metric)) })),
    ),
    differences: names.slice(0, last).flatMap((second, m) =>
      metricNames.flatMap((metric): FoldDifference[] => {
        const others = values(m, metric);
        const differences = values(last, metric).flatMap((one, fold) => {
          const other = others[fold];
          return one === null || other === null ? [] : [one - other];
        });
        if (differences.length < 2) return [];
        const folds = differences.length;
        return [{ first: names[last], second, metric, folds, ...correctedT(differences, ratio) }];
      }),
    ),
  };
}

/** Of folds in which a metric is defined. */
export function spreadOf(
  values: readonly (number | null)[],
): Pick<FoldSpread, 'folds' | 'mean' | 'standardDeviation' | 'lowest' | 'highest'> {
  const known = values.filter((one) => one !== null);
  const folds = known.length;
  if (folds === 0) return { folds, mean: null, standardDeviation: null, lowest: null, highest: null };
  const mean = known.reduce((sum, one) => sum + one, 0) / folds;
  const squares = known.reduce((sum, one) => sum + (one - mean) ** 2, 0);
  return {
    folds,
    mean,
    standardDeviation: folds < 2 ? null : Math.sqrt(squares / (folds - 1)),
    lowest: Math.min(...known),
    highest: Math.max(...known),
  };
}
