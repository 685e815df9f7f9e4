import { metricNames } from '../../contract/evaluation.ts';
import type { ReportModel } from '../../contract/report.ts';
import type { CsvTable } from './csv-text.ts';

/** Folds, what all of them came to, and differences over them; none without a cross-validation. */
export function crossValidationTables({ crossValidation }: ReportModel): CsvTable[] {
  if (!crossValidation) return [];
  const { folds, pooled, spread, differences } = crossValidation;
  return [
    {
      name: 'cross_validation_folds',
      head: [
        ...['fold', 'split_hash', 'learned_patients', 'validation_patients', 'judged_patients'],
        ...['judged_images', 'chosen_trial', 'chosen_plan', 'approach', 'metric', 'value'],
      ],
      rows: folds.flatMap((one) =>
        one.metrics.flatMap(({ approach, metrics }) =>
          metricNames.map((metric) => [
            ...[one.fold, one.splitHash, one.learned.patients, one.validation.patients, one.judged.patients],
            ...[one.judged.images, one.chosen?.trial, one.chosen?.plan, approach, metric, metrics[metric]],
          ]),
        ),
      ),
    },
    {
      name: 'cross_validation',
      head: [
        ...['approach', 'metric', 'pooled', 'low', 'high', 'folds', 'mean', 'standard_deviation'],
        ...['lowest', 'highest', 'patients', 'images'],
      ],
      rows: pooled.models.flatMap((model) =>
        metricNames.map((metric) => {
          const { value, low, high } = model.metrics[metric];
          const of = spread.find((one) => one.approach === model.approach && one.metric === metric);
          return [
            ...[model.approach, metric, value, low, high, of?.folds, of?.mean, of?.standardDeviation],
            ...[of?.lowest, of?.highest, model.patients, model.images],
          ];
        }),
      ),
    },
    {
      name: 'cross_validation_differences',
      head: ['first', 'second', 'metric', 'folds', 'mean', 'low', 'high', 'p_value'],
      rows: differences.map((one) => [
        ...[one.first, one.second, one.metric, one.folds, one.mean, one.low, one.high, one.pValue],
      ]),
    },
  ];
}
