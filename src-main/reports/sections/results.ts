import { forestPlot, lineChart, type Scene } from '../../charts/index.ts';
import type { Estimate, EvaluationTable, MetricName, ModelEvaluation } from '../../contract/evaluation.ts';
import { metricNames } from '../../contract/evaluation.ts';
import type { ReportResult } from '../../contract/report.ts';
import { OUT_OF_FOLD } from '../../contract/run.ts';
import {
  type Blocks,
  type Figure,
  figure,
  heading,
  type Inline,
  paragraph,
  soft,
  strong,
  table,
  type Text,
} from '../blocks.ts';
import {
  approachName,
  interval,
  METRIC,
  rangeOf,
  share,
  signed,
  signedInterval,
  signedRangeOf,
  whole,
} from '../format.ts';
import { listed, type Section, type SectionMaker } from '../section.ts';
import { classResults } from './class-results.ts';
import { findingResults } from './finding-results.ts';

/** Each evaluated set: what counts first, patients who helped to choose last. */
export const resultSections: SectionMaker = ({ results }) => results.map(resultSection);

/** One set: every approach with its intervals, and the fine-tuned model class by class or finding by finding. */
function resultSection(result: ReportResult, index: number): Section {
  const tuned = mainModel(result);
  const { bootstrap, multiLabel = false, differences } = result.table;
  const noun = multiLabel ? 'finding' : 'class';
  const columns = multiLabel ? findingColumns : classColumns;
  const averages = multiLabel
    ? 'AUC, average precision and F1 are means over findings; micro F1, Hamming loss (share of answers that were wrong) and exact match (share of images of which every answer was right) are of all answers; a finding is said to be there from a probability of 0.5 on. All with'
    : 'Macro averages over classes;';
  const reliable = reliability(tuned, multiLabel);
  const lacking = bootstrap.lackingAClass ? `; ${bootstrap.lackingAClass} of them lacked a ${noun}` : '';
  const blocks: Blocks = [
    paragraph(`${whole(tuned.images)} images of ${whole(tuned.patients)} patients. ${openedText(result)}`),
    table(
      `${averages} 95 % intervals by bootstrap over patients (${bootstrap.replicates} replicates, seed ${bootstrap.seed}${lacking}). Where a ${noun} has fewer than five patients, or all replicates agree, a value has no interval.`,
      ['Approach', ...columns.map(({ title }) => title)],
      result.table.models.map((model) => [
        approachName(model.approach, multiLabel),
        ...columns.map(({ of }) => estimateCell(model, of(model))),
      ]),
    ),
    figure(
      approachesPlot(result.table, 'balancedAccuracy'),
      `Balanced accuracy: each ${noun} counts the same. Markers are values, bars their 95 % intervals. A bar that does not reach another’s marker is a hint, the differences below are the test.`,
    ),
    differences.length > 0 && [
      table(
        'Differences of two approaches on the same patients. An interval that leaves out zero is evidence of a real difference.',
        ['Difference', 'Balanced accuracy', 'Accuracy', 'F1', 'AUC'],
        // Of adapted models each has its own pair with the one that it came from.
        [...Map.groupBy(differences, ({ first, second }) => `${first} ${second}`).values()].map((pair) => {
          const of = (metric: string): Text => {
            const found = pair.find((one) => one.metric === metric);
            return found ? twoLines(signed(found.difference.value), signedRangeOf(found.difference)) : '–';
          };
          const [{ first, second }] = pair;
          return [
            `${nameOf(result, first)} − ${nameOf(result, second)}`,
            of('balancedAccuracy'),
            of('accuracy'),
            of('f1'),
            of('auc'),
          ];
        }),
      ),
      figure(
        differencesPlot(result),
        'Differences in balanced accuracy with their 95 % intervals: to the right of the dashed line the first of the two is better.',
      ),
    ],
    heading(`${nameOf(result, tuned.name)}, ${noun} by ${noun}`),
    tuned.findings
      ? findingResults(tuned, tuned.findings, reliable)
      : classResults(tuned, result.table.classes, reliable),
    result.withCopies && copies(result),
  ];
  return { id: `result-${index + 1}`, title: `Results: ${result.description}`, blocks };
}

/** Sets that choose epochs and thresholds are locked for nobody, and nobody counts looks at them. */
const openedText = ({ setName, openings }: ReportResult): string =>
  setName === 'validation' || setName === OUT_OF_FOLD
    ? 'This set was never locked: epochs were chosen by it.'
    : `This set has been opened ${openings === 1 ? 'once' : `${openings} times`}.`;

/** The fine-tuned model, or the first where there is none. */
export const mainModel = ({ table: { models } }: Pick<ReportResult, 'table'>): ModelEvaluation =>
  models.find(({ approach }) => approach === 'fine-tuned') ?? models[0];

function approachesPlot({ models, multiLabel }: EvaluationTable, metric: MetricName): Scene {
  return forestPlot({
    label: `${METRIC[metric]} of each approach with its 95 % interval`,
    axis: `${METRIC[metric].toLowerCase()} (95 % interval)`,
    domain: [0, 1],
    heading: 'value (interval)',
    rows: models.map(({ approach, metrics }) => ({
      name: approachName(approach, multiLabel),
      value: metrics[metric].value,
      low: metrics[metric].low,
      high: metrics[metric].high,
      text: interval(metrics[metric]),
      series: approach === 'fine-tuned' ? 'series-1' : 'series-0',
    })),
  });
}

function differencesPlot(result: ReportResult): Scene {
  const rows = result.table.differences.filter(({ metric }) => metric === 'balancedAccuracy');
  return forestPlot({
    label: 'Differences in balanced accuracy with their 95 % intervals',
    axis: 'difference in balanced accuracy (95 % interval)',
    reference: { at: 0, label: 'no difference' },
    heading: 'difference (interval)',
    rows: rows.map(({ first, second, difference }) => ({
      name: `${nameOf(result, first)} − ${nameOf(result, second)}`,
      value: difference.value,
      low: difference.low,
      high: difference.high,
      text: signedInterval(difference),
      series: 'series-1',
    })),
  });
}

function reliability(tuned: ModelEvaluation, multiLabel: boolean): Figure {
  const { bins, expectedCalibrationError, brier } = tuned.calibration;
  const scene = lineChart({
    label: 'Reliability diagram',
    series: [
      {
        name: 'observed',
        markers: 'all',
        points: bins.map(({ confidence, accuracy }): [number, number] => [confidence, accuracy]),
      },
    ],
    x: { name: 'stated probability', domain: [0, 1] },
    y: { name: multiLabel ? 'share that was there' : 'share that was right', domain: [0, 1] },
    diagonal: true,
    counts: bins.map(({ confidence, count }) => {
      const from = Math.min(9, Math.floor(confidence * 10)) / 10;
      return { from, to: from + 0.1, count };
    }),
  });
  return figure(
    scene,
    `Reliability: can stated probabilities be taken at their word? On the diagonal they can. Grey bars: how many cases lie there. Expected calibration error ${share(expectedCalibrationError)}, Brier score ${share(brier)}.`,
  );
}

interface Column {
  title: string;
  of: (model: ModelEvaluation) => Estimate;
}

const classColumns: Column[] = metricNames.map((metric) => ({
  title: METRIC[metric],
  of: ({ metrics }) => metrics[metric],
}));

const findingColumns: Column[] = [
  { title: 'AUC', of: ({ metrics }) => metrics.auc },
  { title: 'Average precision', of: ({ findings }) => findings!.metrics.averagePrecision },
  { title: 'F1', of: ({ metrics }) => metrics.f1 },
  { title: 'Micro F1', of: ({ findings }) => findings!.metrics.microF1 },
  { title: 'Hamming loss', of: ({ findings }) => findings!.metrics.hammingLoss },
  { title: 'Exact match', of: ({ findings }) => findings!.metrics.subsetAccuracy },
];

/** Value above, interval below: seven such columns fit a page. */
const twoLines = (value: Inline, range: string): Text => (range === '' ? value : [value, soft(`\n${range}`)]);

function estimateCell(model: ModelEvaluation, estimate: Estimate): Text {
  const value = share(estimate.value);
  return twoLines(model.approach === 'fine-tuned' ? strong(value) : value, rangeOf(estimate));
}

export const nameOf = (
  { table: { models, multiLabel } }: Pick<ReportResult, 'table'>,
  name: string,
): string => {
  const found = models.find((model) => model.name === name);
  return found ? approachName(found.approach, multiLabel) : name;
};

function copies({ table: clean, withCopies, excluded }: ReportResult): Blocks {
  const rows = clean.models.map((model) => {
    const all = withCopies!.models.find(({ name }) => name === model.name)!;
    return [
      approachName(model.approach, clean.multiLabel),
      `${interval(model.metrics.accuracy)}, n = ${model.images}`,
      `${interval(all.metrics.accuracy)}, n = ${all.images}`,
    ];
  });
  return [
    heading('With and without exact copies'),
    paragraph(
      `Some images of this set have exactly the pixels of an image seen in training or selection, under another patient number (${listed(excluded)}). They are left out of every figure above; with them, results would look like this:`,
    ),
    table(
      'Accuracy without copies (the result that counts) and with them.',
      ['Approach', 'Without copies', 'With copies'],
      rows,
    ),
  ];
}
