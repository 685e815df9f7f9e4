import { choicesText } from '../../app/index.ts';
import type {
  CrossValidationFold,
  CrossValidationReport,
  CrossValidationResult,
  FoldDifference,
} from '../../contract/cross-validation.ts';
import { metricNames } from '../../contract/evaluation.ts';
import { testTable } from './analysis-text.ts';
import { estimateText, TITLES } from './result-text.ts';
import { table, type Cell } from './table.ts';

const three = (value: number | null): string => (value === null ? '–' : value.toFixed(3));
const signed = (value: number): string => `${value >= 0 ? '+' : '−'}${Math.abs(value).toFixed(3)}`;

/** A cross-validation for people: folds, pooled results, spread, differences, and what to know when reading them. */
export function crossValidationText(report: CrossValidationReport): string {
  const { id, folds, result, dealt, notes, state } = report;
  return [
    `Cross-validation ${id}: ${dealt.patients} patients, ${dealt.images} images, ${folds.length} folds${result ? '' : ` (${state})`}.`,
    foldTable(report),
    ...(result ? ['', ...resultLines(result)] : []),
    '',
    ...notes.map((note) => `Note: ${note}`),
    ...(result ? [] : [`Go on with: graft cross-validate --resume ${id}`]),
  ].join('\n');
}

function foldTable({ folds, result, definition }: CrossValidationReport): string {
  const tuned = definition.sweep !== null;
  const last = (fold: CrossValidationFold): string[] => {
    const metrics = result?.folds[fold.fold - 1].at(-1)?.metrics;
    return [three(metrics?.accuracy ?? null), three(metrics?.f1 ?? null), three(metrics?.auc ?? null)];
  };
  const main = folds[0]?.runs.at(-1)?.approach ?? definition.approaches.at(-1)!;
  return table(
    [
      ...['fold', 'learned', 'validation', 'judged', 'images', 'state'],
      ...(tuned ? ['chosen plan'] : []),
      ...['accuracy', 'F1', 'AUC'].map((name) => `${name} of ${main}`),
    ],
    folds.map((fold): Cell[] => [
      ...[fold.fold, fold.learned.patients, fold.validation.patients, fold.judged.patients],
      fold.judged.images,
      stateOf(fold),
      ...(tuned ? [chosenText(fold)] : []),
      ...last(fold),
    ]),
  );
}

function stateOf({ done, runs, tuning }: CrossValidationFold): string {
  if (done) return 'done';
  if (runs.length > 0)
    return `${runs.filter(({ state }) => state === 'done').length} of ${runs.length} trained`;
  return tuning ? `tuning, ${tuning.ended} of ${tuning.trials}` : 'waiting';
}

function chosenText({ tuning }: CrossValidationFold): string | null {
  if (!tuning?.chosen) return null;
  const { trial, choices, value } = tuning.chosen;
  return `${trial}: ${choicesText(choices)} (${tuning.objective} ${three(value)})`;
}

function resultLines({ pooled, spread, differences, analysis }: CrossValidationResult): string[] {
  return [
    'All patients together, each judged by the fold that has not seen them (95 % by bootstrap over patients):',
    table(
      ['approach', ...metricNames.map((name) => TITLES[name])],
      pooled.models.map(({ name, metrics }) => [
        name,
        ...metricNames.map((metric) => estimateText(metrics[metric])),
      ]),
    ),
    '',
    'Over the folds, mean ± standard deviation (lowest–highest):',
    table(
      ['approach', ...metricNames.map((name) => TITLES[name])],
      pooled.models.map(({ approach }) => [
        approach,
        ...metricNames.map((metric) => {
          const found = spread.find((one) => one.approach === approach && one.metric === metric);
          if (!found || found.mean === null) return '–';
          const { mean, standardDeviation, lowest, highest } = found;
          return `${three(mean)} ± ${three(standardDeviation)} (${three(lowest)}–${three(highest)})`;
        }),
      ]),
    ),
    ...differenceLines(differences),
    ...(analysis.tests.length > 0
      ? ['', 'Paired tests on all patients together, adjusted by Holm:', testTable(analysis)]
      : []),
  ];
}

function differenceLines(differences: readonly FoldDifference[]): string[] {
  if (differences.length === 0) return [];
  const pairs = Map.groupBy(differences, ({ first, second }) => `${first} − ${second}`);
  return [
    '',
    'Differences over the folds, with 95 % by the corrected t-test of Nadeau and Bengio, and p:',
    table(
      ['difference', ...metricNames.map((name) => TITLES[name])],
      [...pairs].map(([name, of]) => [
        name,
        ...metricNames.map((metric) => {
          const found = of.find((one) => one.metric === metric);
          if (!found) return '–';
          const { mean, low, high, pValue } = found;
          if (low === null || high === null || pValue === null) return signed(mean);
          return `${signed(mean)} (${signed(low)} to ${signed(high)}), ${pValue < 0.001 ? '< 0.001' : pValue.toFixed(3)}`;
        }),
      ]),
    ),
  ];
}

export const CROSS_VALIDATION_LINE = [
  ...['cross-validation', 'state', 'folds', 'patients', 'network', 'tuned', 'accuracy', 'AUC', 'made (UTC)'],
];

/** A cross-validation in one line. */
export function crossValidationLine(report: CrossValidationReport): Cell[] {
  const { id, state, folds, dealt, modelName, definition, result, createdAt } = report;
  const main = result?.pooled.models.at(-1)?.metrics;
  return [
    id,
    state,
    `${folds.filter(({ done }) => done).length}/${folds.length}`,
    dealt.patients,
    modelName,
    definition.sweep ? definition.sweep.strategy : 'no',
    main ? three(main.accuracy.value) : null,
    main ? three(main.auc.value) : null,
    createdAt.slice(0, 16).replace('T', ' '),
  ];
}
