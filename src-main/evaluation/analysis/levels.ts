import { units, type AggregationRule, type Unit } from '../../contract/analysis-settings.ts';
import type { LevelResult } from '../../contract/analysis.ts';
import type { MetricName, ScoredPrediction } from '../../contract/evaluation.ts';
import type { Estimate } from '../../contract/evaluation.ts';
import type { Approach } from '../../contract/run.ts';
import { evaluateModels } from '../evaluate-models.ts';
import { clopperPearsonInterval, wilsonInterval } from '../inference/index.ts';
import { type Cases, casesOf, onePerPatient } from './cases.ts';
import { rightness } from './paired-tests.ts';

export interface LevelInput {
  classes: readonly string[];
  multiLabel: boolean;
  models: readonly { name: string; approach: Approach; predictions: readonly ScoredPrediction[] }[];
  series: readonly (string | null)[];
  aggregation: AggregationRule;
  seed: number;
  replicates: number;
  /** Metrics of images, which the table has already. */
  ofImages: readonly Record<MetricName, Estimate>[];
}

/** Results with images, series and patients as cases. A unit of which no case is left has no models. */
export function levelResults(input: LevelInput): LevelResult[] {
  const { models, series, aggregation } = input;
  const known: { cases: Cases; metrics: readonly Record<MetricName, Estimate>[] }[] = [];
  return units.map((unit): LevelResult => {
    const cases = models.map(({ predictions }) => casesOf(predictions, unit, aggregation, series));
    const [first] = cases;
    // One series for each patient, say, or one image for each series, which every rule but the majority leaves as it is.
    const alike = known.find(
      (one) =>
        aggregation !== 'majority' && JSON.stringify(one.cases.members) === JSON.stringify(first.members),
    );
    const metrics = alike?.metrics ?? (first.predictions.length === 0 ? [] : metricsOf(input, unit, cases));
    known.push({ cases: first, metrics });
    return {
      unit,
      aggregation,
      cases: first.predictions.length,
      mixed: first.mixed,
      models: metrics.map((of, m) => {
        const right = cases[m].predictions.filter((one) => rightness(one) === 1).length;
        const share = [right, cases[m].predictions.length] as const;
        const single = onePerPatient(cases[m]);
        return {
          name: models[m].name,
          approach: models[m].approach,
          metrics: of,
          right,
          wilson: single ? wilsonInterval(...share) : null,
          clopperPearson: single ? clopperPearsonInterval(...share) : null,
        };
      }),
    };
  });
}

function metricsOf(
  { classes, multiLabel, models, seed, replicates, ofImages }: LevelInput,
  unit: Unit,
  cases: readonly Cases[],
): readonly Record<MetricName, Estimate>[] {
  if (unit === 'image') return ofImages;
  const { models: evaluated } = evaluateModels({
    classes,
    multiLabel,
    seed,
    replicates,
    compare: [],
    models: models.map(({ name, approach }, m) => ({ name, approach, predictions: cases[m].predictions })),
  });
  return evaluated.map(({ metrics }) => metrics);
}
