import { thresholdRuleText, unitText } from '../../contract/analysis-settings.ts';
import type { Range, SetAnalysis, SubgroupResult } from '../../contract/analysis.ts';
import { estimateText } from './result-text.ts';
import { table } from './table.ts';

const three = (value: number | null): string => (value === null ? '–' : value.toFixed(3));
const signed = (value: number): string => `${value >= 0 ? '+' : '−'}${Math.abs(value).toFixed(3)}`;
const withRange = (text: string, range: Range | null): string =>
  range ? `${text} (${range.low.toFixed(3)} to ${range.high.toFixed(3)})` : text;
const difference = (value: number, range: Range | null): string =>
  range ? `${signed(value)} (${signed(range.low)} to ${signed(range.high)})` : signed(value);
const chance = (p: number): string => (p < 0.001 ? '< 0.001' : p.toFixed(3));

/** What goes beyond a set's table, for people: the main model's, and the tests of all. */
export function analysisText(analysis: SetAnalysis): string {
  const { settings, cases, fittedOn, fittedHere } = analysis;
  const fitted = fittedHere
    ? 'Thresholds, recalibration and prediction sets were fitted on these very images: they look too good here.'
    : fittedOn
      ? `Thresholds (by ${thresholdRuleText(settings.threshold)}), recalibration and prediction sets were fitted on ${fittedOn.patients} validation patients.`
      : 'No threshold, recalibration or prediction set: evaluate the validation images too, which fit them.';
  return [
    `  Cases: ${cases} ${unitText(settings)}. ${fitted}`,
    ...section('tests of differences, adjusted by Holm over all of them', testTable(analysis)),
    ...section('thresholds chosen on validation', operating(analysis)),
    ...section('calibration', calibration(analysis)),
    ...section('prediction sets', predictionSets(analysis)),
    ...section('what can be said of each finding, and how often that holds', findingSets(analysis)),
    ...section('images, series and patients', levels(analysis)),
    ...section('subgroups', subgroups(analysis.subgroups)),
    ...section('for a later study (80 % power, accuracy of patients)', pilots(analysis)),
  ].join('\n');
}

/** Under a heading; nothing where there is nothing. */
const section = (title: string, body: string): string[] => (body === '' ? [] : ['', `  ${title}:`, body]);

const main = ({ models }: SetAnalysis): SetAnalysis['models'][number] => models[models.length - 1];

const KINDS = { permutation: 'accuracy', mcnemar: 'patients right', delong: 'area' };

/** Paired tests as a table; empty where there are none. */
export function testTable({ tests: all }: SetAnalysis): string {
  if (all.length === 0) return '';
  return table(
    ['difference', 'of', 'value', 'p', 'adjusted', 'test'],
    all.map(({ first, second, kind, target, difference: value, range, pValue, adjusted }) => [
      `${first} − ${second}`,
      target === null ? KINDS[kind] : `${KINDS[kind]}, ${target}`,
      difference(value, range),
      chance(pValue),
      chance(adjusted),
      kind === 'permutation' ? 'permutation by patient' : kind === 'mcnemar' ? 'McNemar, mid-p' : 'DeLong',
    ]),
  );
}

function operating(analysis: SetAnalysis): string {
  const rows = main(analysis).operating;
  if (rows.length === 0) return '';
  return table(
    [analysis.multiLabel ? 'finding' : 'class', 'from', 'sensitivity', 'specificity', 'PPV', 'NPV'],
    rows.map(({ target, threshold, metrics }) => [
      target,
      threshold.toFixed(3),
      estimateText(metrics.sensitivity),
      estimateText(metrics.specificity),
      estimateText(metrics.positivePredictiveValue),
      estimateText(metrics.negativePredictiveValue),
    ]),
  );
}

const METHODS = { none: 'as stated', temperature: 'temperature', platt: 'Platt', isotonic: 'isotonic' };

const calibration = (analysis: SetAnalysis): string =>
  table(
    ['probabilities', 'ECE', 'ACE', 'Brier', 'log loss', 'fitted'],
    main(analysis).recalibration.map(({ method, ece, ace, brier, logLoss, fitted }) => [
      METHODS[method],
      ...[ece, ace, brier, logLoss].map((value) => value.toFixed(3)),
      fitted.length > 1 ? `${fitted[0]}, … (${fitted.length})` : (fitted[0] ?? ''),
    ]),
  );

function predictionSets(analysis: SetAnalysis): string {
  const rows = main(analysis).conformal;
  if (rows.length === 0) return '';
  return table(
    ['sets', 'asked for', 'hold the true class', 'mean size', 'one class', 'patients'],
    rows.map(({ method, byClass, miss, coverage, coverageRange, meanSize, single, calibratedOn }) => [
      `${method}${byClass ? ', by class' : ''}`,
      three(1 - miss),
      withRange(three(coverage), coverageRange),
      meanSize.toFixed(2),
      three(single),
      calibratedOn,
    ]),
  );
}

function findingSets(analysis: SetAnalysis): string {
  const rows = main(analysis).findingSets;
  if (rows.length === 0) return '';
  return table(
    [
      'finding',
      'asked for',
      'right where there',
      'right where not',
      'there',
      'not there',
      'either',
      'patients',
    ],
    rows.map((one) => [
      one.finding,
      three(1 - one.miss),
      estimateText(one.coverageOfPresent),
      estimateText(one.coverageOfAbsent),
      three(one.present),
      three(one.absent),
      three(one.either),
      `${one.calibratedOn.present} + ${one.calibratedOn.absent}`,
    ]),
  );
}

function levels({ levels: all }: SetAnalysis): string {
  const rows = all.flatMap(({ unit, aggregation, cases, mixed, models }) => {
    const last = models.at(-1);
    if (!last) return [];
    const name = unit === 'image' ? unit : `${unit} (${aggregation})`;
    const left = mixed > 0 ? `, ${mixed} mixed left out` : '';
    const { accuracy, balancedAccuracy, auc } = last.metrics;
    return [[name, `${cases}${left}`, ...[accuracy, balancedAccuracy, auc].map(estimateText)]];
  });
  return table(['case', 'cases', 'accuracy', 'balanced accuracy', 'AUC'], rows);
}

function subgroups(all: readonly SubgroupResult[]): string {
  if (all.length === 0) return '';
  return table(
    ['attribute', 'group', 'patients', 'metric', 'value', 'less all others', 'adjusted p', ''],
    all.flatMap(({ attribute, metric, rows }) =>
      rows.map(
        ({ group, patients, value, range, difference: apart, differenceRange, adjusted, disparity }) => [
          attribute,
          group,
          patients,
          metric,
          withRange(three(value), range),
          apart === null ? '–' : difference(apart, differenceRange),
          adjusted === null ? '–' : chance(adjusted),
          disparity === 'found' ? 'DISPARITY' : disparity === 'not-tested' ? 'not tested' : '',
        ],
      ),
    ),
  );
}

function pilots({ pilots: all }: SetAnalysis): string {
  if (all.length === 0) return '';
  const [{ needed }] = all;
  return table(
    [
      'difference',
      'patients',
      'only one right',
      'found from',
      ...needed.map(({ difference: wanted }) => `for ${wanted}`),
    ],
    all.map(({ first, second, patients, discordant, detectable, needed: of }) => [
      `${first} − ${second}`,
      patients,
      three(discordant),
      three(detectable),
      ...of.map(({ patients: count }) => count ?? '–'),
    ]),
  );
}
