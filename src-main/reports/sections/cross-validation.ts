import { forestPlot } from '../../charts/index.ts';
import { metricNames, type MetricName } from '../../contract/evaluation.ts';
import type { ReportCrossValidation, ReportFold } from '../../contract/report-cross-validation.ts';
import type { FoldDifference, HeldOutPatients } from '../../contract/cross-validation.ts';
import {
  type Blocks,
  code,
  facts,
  figure,
  heading,
  list,
  paragraph,
  soft,
  strong,
  table,
  type Text,
} from '../blocks.ts';
import { approachName, interval, METRIC, rangeOf, share, shortHash, signed, whole } from '../format.ts';
import type { SectionMaker } from '../section.ts';
import { testTable } from './analysis.ts';

/** Every patient judged once by models that have not seen them: folds, pooled results, spread and differences. */
export const crossValidationSection: SectionMaker = ({ crossValidation }) =>
  crossValidation
    ? [{ id: 'cross-validation', title: 'Cross-validation', blocks: blocksOf(crossValidation) }]
    : [];

function blocksOf(found: ReportCrossValidation): Blocks {
  const { folds, pooled, analysis, notes, multiLabel } = found;
  const main = mainOf(found);
  const { bootstrap, models } = pooled;
  const named = (model: (typeof models)[number]): string => approachName(model.approach, multiLabel);
  return [
    paragraph(
      `${whole(found.dealt.patients)} patients were dealt to ${folds.length} folds, whole and stratified by class. Each fold was judged by models that were trained on the others, so that every patient is judged once, by models that have not seen ${found.dealt.seen ? 'the labels of that patient' : 'that patient'}. A cross-validation judges a plan, not the one model of this report.`,
    ),
    facts([
      ['Patients', `${whole(found.dealt.patients)} with ${whole(found.dealt.images)} images`],
      ['Kept for a test', keptText(found)],
      ['Plan', planText(found)],
      ['Seed of the folds', String(found.seed)],
    ]),
    table(
      `Folds, and what ${main ? named(main).toLowerCase() : 'the last approach'} reached on the patients that judged each. The hash says who was on which side.`,
      [
        ...['Fold', 'Patients learned from', 'Stopped by', 'Judged by'],
        ...(found.nested ? ['Chosen plan'] : []),
        ...['Balanced accuracy', 'F1', 'AUC', 'Hash'],
      ],
      folds.map((fold) => foldRow(fold, found)),
      { prose: found.nested !== null },
    ),
    table(
      `All patients together, each judged by the fold that has not seen them; 95 % intervals by bootstrap over patients (${bootstrap.replicates} replicates, seed ${bootstrap.seed}), models taken as given.`,
      ['Approach', ...metricNames.map((name) => METRIC[name])],
      models.map((model) => [
        named(model),
        ...metricNames.map((name): Text => {
          const one = model.metrics[name];
          const value = share(one.value);
          const range = rangeOf(one);
          const said = model === main ? strong(value) : value;
          return range === '' ? said : [said, soft(`\n${range}`)];
        }),
      ]),
    ),
    main &&
      figure(
        foldPlot(found, 'balancedAccuracy'),
        'Balanced accuracy of all patients together with its 95 % interval, and of each fold: how far folds lie apart hints at how much other patients to learn from would change.',
      ),
    table(
      'Over the folds: mean ± standard deviation, and from the lowest to the highest. Not a standard error, since folds share most of what they learned from.',
      ['Approach', ...metricNames.map((name) => METRIC[name])],
      models.map((model) => [
        named(model),
        ...metricNames.map((name): Text => {
          const one = found.spread.find(
            ({ approach, metric }) => approach === model.approach && metric === name,
          );
          if (!one || one.mean === null) return '–';
          return [
            `${share(one.mean)} ± ${share(one.standardDeviation)}`,
            soft(`\n${share(one.lowest)}–${share(one.highest)}`),
          ];
        }),
      ]),
    ),
    found.differences.length > 0 && differenceTable(found),
    analysis.tests.length > 0 && testTable({ table: pooled }, analysis.tests),
    heading('How to read this'),
    list(notes),
  ];
}

const mainOf = ({ pooled: { models } }: ReportCrossValidation) =>
  models.find(({ approach }) => approach === 'fine-tuned') ?? models.at(-1);

const setsText = (sets: readonly HeldOutPatients[]): string =>
  sets
    .map(({ splitId, setName, patients }) => `${whole(patients)} of ${setName} (split ${splitId})`)
    .join(', ');

function keptText({ dealt: { opened, locked } }: ReportCrossValidation): string {
  if (opened.length > 0) return `Dealt as well, and counted as an opening: ${setsText(opened)}`;
  return locked.length > 0 ? `Took no part: ${setsText(locked)}` : 'None: all were dealt';
}

function planText({ modelName, nested }: ReportCrossValidation): string {
  if (!nested) return `${modelName}, the same in every fold`;
  const { strategy, trials, folds, fields } = nested;
  const by = folds === null ? 'its validation patients' : `${folds} inner folds of what it learned from`;
  return `${modelName}, tuned within each fold (${strategy}, ${trials} trials over ${fields.join(', ')}, by ${by})`;
}

function foldRow(fold: ReportFold, found: ReportCrossValidation): Text[] {
  const main = mainOf(found);
  const metrics = fold.metrics.find(({ approach }) => approach === main?.approach)?.metrics;
  const { learned, validation, judged, chosen } = fold;
  return [
    String(fold.fold),
    whole(learned.patients),
    whole(validation.patients),
    `${whole(judged.patients)}, ${whole(judged.images)} images`,
    ...(found.nested ? [chosen ? `${chosen.plan} (${chosen.objective} ${share(chosen.value)})` : '–'] : []),
    ...(['balancedAccuracy', 'f1', 'auc'] as const).map((name) => share(metrics?.[name] ?? null)),
    code(shortHash(fold.splitHash)),
  ];
}

function foldPlot(found: ReportCrossValidation, metric: MetricName) {
  const main = mainOf(found)!;
  const all = main.metrics[metric];
  return forestPlot({
    label: `${METRIC[metric]} of ${approachName(main.approach, found.multiLabel)} by fold`,
    axis: `${METRIC[metric].toLowerCase()} (95 % interval of all together)`,
    domain: [0, 1],
    heading: 'value (interval)',
    countHeading: 'patients',
    rows: [
      {
        name: 'all together',
        value: all.value,
        low: all.low,
        high: all.high,
        text: interval(all),
        count: whole(main.patients),
        series: 'series-1',
      },
      ...found.folds.map(({ fold, judged, metrics }) => {
        const value = metrics.find(({ approach }) => approach === main.approach)?.metrics[metric] ?? null;
        const count = whole(judged.patients);
        return { name: `fold ${fold}`, value, low: null, high: null, text: share(value), count };
      }),
    ],
  });
}

function differenceTable({ differences, multiLabel }: ReportCrossValidation): Blocks {
  const freedom = [...new Set(differences.map(({ folds }) => folds - 1))].sort((a, b) => a - b);
  const cell = (one: FoldDifference | undefined): Text => {
    if (!one) return '–';
    const { mean, low, high, pValue } = one;
    if (low === null || high === null || pValue === null) return signed(mean);
    return [
      signed(mean),
      soft(`\n${signed(low)} to ${signed(high)}\np ${pValue < 0.001 ? '< 0.001' : pValue.toFixed(3)}`),
    ];
  };
  return table(
    `Differences over the folds, with 95 % intervals and p by the corrected resampled t-test (Nadeau and Bengio 2003), ${freedom.join(' or ')} degrees of freedom${freedom.length > 1 ? ' (a metric counts in the folds that have it)' : ''}; not adjusted for their number.`,
    ['Difference', ...metricNames.map((name) => METRIC[name])],
    [...Map.groupBy(differences, ({ second }) => second)].map(([second, of]) => [
      `${approachName(of[0].first, multiLabel)} − ${approachName(second, multiLabel)}`,
      ...metricNames.map((name) => cell(of.find(({ metric }) => metric === name))),
    ]),
  );
}
