import type { Estimate, ModelEvaluation } from '../contract/evaluation.ts';
import { metricNames } from '../contract/evaluation.ts';
import type { ReportResult } from '../contract/report.ts';
import { forestPlot, lineChart } from './charts.ts';
import { classResults } from './class-results.ts';
import { findingResults } from './finding-results.ts';
import { approachName, interval, METRIC, rangeOf, share, signed, signedRangeOf, whole } from './format.ts';
import { type Content, figure, type Html, html, table } from './html.ts';
import { listed, type Section } from './section.ts';

/** One set: every approach with its intervals, and the fine-tuned model class by class or finding by finding. */
export function resultSection(result: ReportResult, index: number): Section {
  const tuned =
    result.table.models.find(({ approach }) => approach === 'fine-tuned') ?? result.table.models[0];
  const { bootstrap, multiLabel = false } = result.table;
  const noun = multiLabel ? 'finding' : 'class';
  const columns = multiLabel ? findingColumns : classColumns;
  const averages = multiLabel
    ? 'AUC, average precision and F1 are means over findings; micro F1, Hamming loss (share of answers that were wrong) and exact match (share of images of which every answer was right) are of all answers; a finding is said to be there from a probability of 0.5 on. All with'
    : 'Macro averages over classes;';
  const reliable = reliability(tuned, multiLabel);
  const body = html`<p>
      ${whole(tuned.images)} images of ${whole(tuned.patients)} patients. This set has been opened
      ${result.openings === 1 ? 'once' : `${result.openings} times`}.
    </p>
    ${table(
      `${averages} 95 % intervals by bootstrap over patients (${bootstrap.replicates} replicates, seed ${bootstrap.seed}${bootstrap.lackingAClass ? `; ${bootstrap.lackingAClass} of them lacked a ${noun}` : ''}). Where a ${noun} has fewer than five patients, or all replicates agree, a value has no interval.`,
      ['Approach', ...columns.map(({ title }) => title)],
      result.table.models.map((model) => [
        approachName(model.approach, multiLabel),
        ...columns.map(({ of }) => estimateCell(model, of(model))),
      ]),
    )}
    ${figure(forestPlot(result.table, 'balancedAccuracy', 'Balanced accuracy of each approach with its interval'), `Balanced accuracy: each ${noun} counts the same. Dots are values, bars their 95 % intervals. A bar that does not reach another’s dot is a hint, the table of differences below is the test.`)}
    ${
      result.table.differences.length > 0 &&
      table(
        'Differences of two approaches on the same patients. An interval that leaves out zero is evidence of a real difference.',
        ['Difference', 'Balanced accuracy', 'Accuracy', 'F1', 'AUC'],
        [...new Set(result.table.differences.map(({ second }) => second))].map((second) => {
          const of = (metric: string): Content => {
            const found = result.table.differences.find(
              (one) => one.second === second && one.metric === metric,
            );
            return found ? twoLines(signed(found.difference.value), signedRangeOf(found.difference)) : '–';
          };
          return [
            `${nameOf(result, result.table.differences[0].first)} − ${nameOf(result, second)}`,
            of('balancedAccuracy'),
            of('accuracy'),
            of('f1'),
            of('auc'),
          ];
        }),
      )
    }
    <h3>${nameOf(result, tuned.name)}, ${noun} by ${noun}</h3>
    ${tuned.findings ? findingResults(tuned, tuned.findings, reliable) : classResults(tuned, result.table.classes, reliable)}
    ${result.withCopies && copies(result)}`;
  return { id: `result-${index + 1}`, title: `Results: ${result.description}`, body };
}

const reliability = (tuned: ModelEvaluation, multiLabel: boolean): Html =>
  figure(
    lineChart(
      [
        {
          name: 'observed',
          points: tuned.calibration.bins.map(({ confidence, accuracy }): [number, number] => [
            confidence,
            accuracy,
          ]),
        },
      ],
      {
        x: 'stated probability',
        y: multiLabel ? 'share that was there' : 'share that was right',
        xRange: [0, 1],
        yRange: [0, 1],
        label: 'Reliability diagram',
        diagonal: true,
      },
    ),
    `Reliability: can stated probabilities be taken at their word? On the diagonal they can. Expected calibration error ${share(tuned.calibration.expectedCalibrationError)}, Brier score ${share(tuned.calibration.brier)}.`,
  );

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
const twoLines = (value: Content, range: string): Html =>
  html`${value}${range !== '' && html`<br /><span class="soft range">${range}</span>`}`;

function estimateCell(model: ModelEvaluation, estimate: Estimate): Html {
  const strong = model.approach === 'fine-tuned' ? 'strong' : '';
  return twoLines(html`<span class="${strong}">${share(estimate.value)}</span>`, rangeOf(estimate));
}

const nameOf = ({ table: { models, multiLabel } }: ReportResult, name: string): string => {
  const found = models.find((model) => model.name === name);
  return found ? approachName(found.approach, multiLabel) : name;
};

function copies({ table: clean, withCopies, excluded }: ReportResult): Html {
  const rowsOf = clean.models.map((model) => {
    const all = withCopies!.models.find(({ name }) => name === model.name)!;
    return [
      approachName(model.approach, clean.multiLabel),
      `${interval(model.metrics.accuracy)}, n = ${model.images}`,
      `${interval(all.metrics.accuracy)}, n = ${all.images}`,
    ];
  });
  return html`<h3>With and without exact copies</h3>
    <p>
      Some images of this set have exactly the pixels of an image seen in training or selection, under another
      patient number (${listed(excluded)}). They are left out of every figure above; with them, results would
      look like this:
    </p>
    ${table('Accuracy without copies (the result that counts) and with them.', ['Approach', 'Without copies', 'With copies'], rowsOf)}`;
}
