import type { Estimate } from '../../contract/evaluation.ts';
import { findingMetricNames, metricNames } from '../../contract/evaluation.ts';
import type { ReportModel, ReportResult } from '../../contract/report.ts';
import type { Range } from '../../contract/analysis.ts';
import { crossValidationTables } from './cross-validation-tables.ts';
import type { CsvTable, CsvValue } from './csv-text.ts';

const ESTIMATE = ['value', 'low', 'high', 'withheld'];
const estimate = ({ value, low, high, withheld }: Estimate): CsvValue[] => [value, low, high, withheld];
const range = (one: Range | null): CsvValue[] => [one?.low, one?.high];

/** Every result as a table of its own, one value of one thing a row, so that any program can read and join them. Empty tables are left out. */
export function csvTables(model: ReportModel): CsvTable[] {
  const perResult = (
    name: string,
    head: string[],
    rows: (result: ReportResult) => CsvValue[][],
  ): CsvTable => ({
    name,
    head: ['set', ...head],
    rows: model.results.flatMap((result) => rows(result).map((row) => [result.setName, ...row])),
  });
  const tables: CsvTable[] = [
    perResult('metrics', ['model', 'metric', ...ESTIMATE, 'images', 'patients'], metricRows),
    perResult('differences', ['first', 'second', 'metric', ...ESTIMATE], ({ table }) =>
      table.differences.map(({ first, second, metric, difference }) => [
        first,
        second,
        metric,
        ...estimate(difference),
      ]),
    ),
    perResult(
      'classes',
      ['model', 'class', 'images', 'precision', 'recall', 'specificity', 'f1', 'auc'],
      ({ table }) =>
        table.models.flatMap(({ name, perClass, findings }) =>
          findings
            ? []
            : perClass.map((one) => [
                name,
                one.class,
                one.support,
                one.precision,
                one.recall,
                one.specificity,
                one.f1,
                one.auc,
              ]),
        ),
    ),
    perResult(
      'findings',
      [
        'model',
        'finding',
        'present',
        'absent',
        'auc',
        'auc_low',
        'auc_high',
        'average_precision',
        'average_precision_low',
        'average_precision_high',
      ],
      ({ table }) =>
        table.models.flatMap(({ name, findings }) =>
          (findings?.perFinding ?? []).map(({ finding, present, absent, auc, averagePrecision }) => [
            name,
            finding,
            present,
            absent,
            ...estimate(auc).slice(0, 3),
            ...estimate(averagePrecision).slice(0, 3),
          ]),
        ),
    ),
    perResult('confusion', ['model', 'true_class', 'predicted_class', 'images'], ({ table }) =>
      table.models.flatMap(({ name, confusion }) =>
        confusion.flatMap((row, i) =>
          row.map((count, j) => [name, table.classes[i], table.classes[j], count]),
        ),
      ),
    ),
    perResult('calibration', ['model', 'recalibration', 'confidence', 'observed', 'count'], calibrationRows),
    perResult('roc', ['model', 'class', 'false_positive_rate', 'true_positive_rate'], ({ table }) =>
      table.models.flatMap(({ name, roc }) =>
        roc.flatMap((curve) => curve.points.map(([x, y]) => [name, curve.class, x, y])),
      ),
    ),
    perResult('precision_recall', ['model', 'target', 'recall', 'precision'], ({ table }) =>
      table.models.flatMap(({ name, precisionRecall = [], findings }) =>
        [
          ...precisionRecall.map((curve) => [curve.class, curve.points] as const),
          ...(findings?.perFinding ?? []).map((one) => [one.finding, one.precisionRecall] as const),
        ].flatMap(([target, points]) => points.map(([x, y]) => [name, target, x, y])),
      ),
    ),
    perResult(
      'finding_sets',
      ['model', 'finding', 'miss', 'of', ...ESTIMATE, 'said_there', 'said_not_there', 'said_either'],
      ({ analysis }) =>
        (analysis?.models ?? []).flatMap(({ name, findingSets }) =>
          findingSets.flatMap((one) =>
            (['coverage', 'coverageOfPresent', 'coverageOfAbsent'] as const).map((of) => [
              name,
              one.finding,
              one.miss,
              of,
              ...estimate(one[of]),
              one.present,
              one.absent,
              one.either,
            ]),
          ),
        ),
    ),
    perResult(
      'thresholds',
      [
        'model',
        'target',
        'threshold',
        'true_positives',
        'false_positives',
        'true_negatives',
        'false_negatives',
        'metric',
        ...ESTIMATE,
      ],
      ({ analysis }) =>
        (analysis?.models ?? []).flatMap(({ name, operating }) =>
          operating.flatMap((one) =>
            Object.entries(one.metrics).map(([metric, value]) => [
              name,
              one.target,
              one.threshold,
              one.truePositives,
              one.falsePositives,
              one.trueNegatives,
              one.falseNegatives,
              metric,
              ...estimate(value),
            ]),
          ),
        ),
    ),
    perResult(
      'tests',
      ['first', 'second', 'test', 'target', 'difference', 'low', 'high', 'p_value', 'p_holm'],
      ({ analysis }) =>
        (analysis?.tests ?? []).map((one) => [
          one.first,
          one.second,
          one.kind,
          one.target,
          one.difference,
          ...range(one.range),
          one.pValue,
          one.adjusted,
        ]),
    ),
    perResult(
      'subgroups',
      [
        'attribute',
        'metric',
        'group',
        'cases',
        'patients',
        'value',
        'low',
        'high',
        'difference',
        'difference_low',
        'difference_high',
        'p_value',
        'p_holm',
        'disparity',
      ],
      ({ analysis }) =>
        (analysis?.subgroups ?? []).flatMap(({ attribute, metric, rows }) =>
          rows.map((row) => [
            attribute,
            metric,
            row.group,
            row.cases,
            row.patients,
            row.value,
            ...range(row.range),
            row.difference,
            ...range(row.differenceRange),
            row.pValue,
            row.adjusted,
            row.disparity,
          ]),
        ),
    ),
    perResult(
      'decision_curves',
      ['model', 'target', 'threshold', 'net_benefit', 'treat_all'],
      ({ analysis }) =>
        (analysis?.models ?? []).flatMap(({ name, decisionCurves }) =>
          decisionCurves.flatMap(({ target, model: curve, treatAll }) =>
            curve.map(([at, benefit], index) => [name, target, at, benefit, treatAll[index]?.[1]]),
          ),
        ),
    ),
    perResult('levels', ['unit', 'aggregation', 'model', 'cases', 'metric', ...ESTIMATE], ({ analysis }) =>
      (analysis?.levels ?? []).flatMap(({ unit, aggregation, cases, models }) =>
        models.flatMap(({ name, metrics }) =>
          Object.entries(metrics).map(([metric, value]) => [
            unit,
            aggregation,
            name,
            cases,
            metric,
            ...estimate(value),
          ]),
        ),
      ),
    ),
    ...crossValidationTables(model),
    learningCurveTable(model),
    epochTable(model),
    settingTable(model),
  ];
  return tables.filter(({ rows }) => rows.length > 0);
}

const metricRows = ({ table }: ReportResult): CsvValue[][] =>
  table.models.flatMap(({ name, metrics, further, findings, images, patients }) =>
    [
      ...metricNames.map((metric) => [metric, metrics[metric]] as const),
      ...Object.entries(further ?? {}),
      ...(findings ? findingMetricNames.map((metric) => [metric, findings.metrics[metric]] as const) : []),
    ].map(([metric, value]) => [name, metric, ...estimate(value), images, patients]),
  );

function calibrationRows({ table, analysis }: ReportResult): CsvValue[][] {
  const found = (analysis?.models ?? []).flatMap(({ name, recalibration }) =>
    recalibration.flatMap(({ method, bins }) =>
      bins.map(({ confidence, accuracy, count }): CsvValue[] => [name, method, confidence, accuracy, count]),
    ),
  );
  if (found.length > 0) return found;
  return table.models.flatMap(({ name, calibration }) =>
    calibration.bins.map(({ confidence, accuracy, count }) => [name, 'none', confidence, accuracy, count]),
  );
}

const learningCurveTable = ({ learningCurve }: ReportModel): CsvTable => ({
  name: 'learning_curve',
  head: ['metric', 'share', 'patients', 'images', 'score'],
  rows: (learningCurve?.points ?? []).flatMap(({ share, patients, images, scores }) =>
    scores.map((score) => [learningCurve!.metric, share, patients, images, score]),
  ),
});

const epochTable = ({ runs }: ReportModel): CsvTable => ({
  name: 'epochs',
  head: [
    'run',
    'approach',
    'epoch',
    'phase',
    'train_loss',
    'train_accuracy',
    'validation_loss',
    'validation_accuracy',
    'validation_f1',
    'validation_auc',
    'learning_rate',
    'seconds',
    'best',
  ],
  rows: runs.flatMap(({ id, approach, epochs }) =>
    epochs.map((one) => [
      id,
      approach,
      one.epoch,
      one.phase,
      one.trainLoss,
      one.trainAccuracy,
      one.validationLoss,
      one.validationAccuracy,
      one.validationF1,
      one.validationAuc,
      one.learningRate,
      one.seconds,
      one.best,
    ]),
  ),
});

const settingTable = ({ runs }: ReportModel): CsvTable => ({
  name: 'settings',
  head: ['run', 'approach', 'setting', 'value'],
  rows: runs.flatMap(({ id, approach, config }) =>
    Object.entries(config).map(([name, value]) => [
      id,
      approach,
      name,
      typeof value === 'object' ? JSON.stringify(value) : String(value),
    ]),
  ),
});
