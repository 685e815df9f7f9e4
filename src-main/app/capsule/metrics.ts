import type { CapsuleMetrics } from '../../contract/capsule.ts';
import { metricNames, type EvaluationTable } from '../../contract/evaluation.ts';
import type { Approach, Prediction } from '../../contract/run.ts';
import { runInWorker } from '../../jobs/run-in-worker.ts';
import type { TablesTask } from '../../jobs/tables-worker.ts';

/** What runs said of one set. */
export interface PredictedSet {
  setName: string;
  models: { approach: Approach; predictions: readonly Prediction[] }[];
}

/** Of each metric the value and both ends of its interval, by set and approach. Copies of images do not count. */
export async function metricsOf(
  split: { classes: readonly string[]; multiLabel?: boolean; options: { seed: number } },
  sets: readonly PredictedSet[],
  signal: AbortSignal,
): Promise<CapsuleMetrics> {
  const { classes, multiLabel = false, options } = split;
  const counting = sets
    .map(({ setName, models }) => ({
      setName,
      models: models.map(({ approach, predictions }) => ({
        name: approach,
        approach,
        predictions: predictions.filter(({ excluded }) => excluded === null),
      })),
    }))
    .filter(({ models }) => models.every(({ predictions }) => predictions.length > 0));
  if (counting.length === 0) return {};
  const tables = await runInWorker<TablesTask, never, EvaluationTable[]>(
    new URL('../../jobs/tables-worker.ts', import.meta.url),
    { tables: counting.map(({ models }) => ({ classes, multiLabel, seed: options.seed, models })) },
    { what: 'The statistics', signal },
  );
  return Object.fromEntries(
    counting.map(({ setName }, at) => [
      setName,
      Object.fromEntries(
        tables[at].models.map(({ name, metrics }) => [
          name,
          Object.fromEntries(
            metricNames.flatMap((metric) => {
              const { value, low, high } = metrics[metric];
              return [
                [metric, value],
                [`${metric}, low`, low],
                [`${metric}, high`, high],
              ];
            }),
          ),
        ]),
      ),
    ]),
  );
}
