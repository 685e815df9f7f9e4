import { forestPlot, lineChart } from '../../charts/index.ts';
import type {
  ModelAnalysis,
  PairedTest,
  Range,
  SetAnalysis,
  SubgroupResult,
} from '../../contract/analysis.ts';
import { thresholdRuleText, unitText } from '../../contract/analysis-settings.ts';
import type { ReportResult } from '../../contract/report.ts';
import {
  type Blocks,
  figure,
  figures,
  heading,
  paragraph,
  soft,
  table,
  type Text,
  warning,
} from '../blocks.ts';
import { interval, METRIC, rangeOf, share, signed, whole } from '../format.ts';
import type { SectionMaker } from '../section.ts';
import { nameOf } from './results.ts';

/** What goes beyond the table of each set: tests, thresholds, calibration, use, groups of patients, and every look at a held-out set. */
export const analysisSections: SectionMaker = ({ results }) =>
  results.flatMap((result, index) =>
    result.analysis
      ? [
          {
            id: `analysis-${index + 1}`,
            title: `Analysis: ${result.description}`,
            blocks: analysisBlocks(result, result.analysis),
          },
        ]
      : [],
  );

function analysisBlocks(result: ReportResult, analysis: SetAnalysis): Blocks {
  const { settings, fittedOn, fittedHere, cases, patients } = analysis;
  const main = analysis.models.find(({ approach }) => approach === 'fine-tuned') ?? analysis.models[0];
  const fitted = fittedOn
    ? `Thresholds, recalibrations and prediction sets were fitted on ${whole(fittedOn.patients)} validation patients.`
    : 'No validation data were evaluated: there are no thresholds, recalibrations and prediction sets.';
  return [
    paragraph(
      `${whole(cases)} cases of ${whole(patients)} patients; cases are ${unitText(settings)}. Thresholds by ${thresholdRuleText(settings.threshold)}. ${fitted}`,
    ),
    fittedHere && paragraph('They were fitted on this very set: what follows is too good.', 'warning'),
    (result.looks?.sentences ?? []).map((sentence) => paragraph(sentence, 'warning')),
    analysis.tests.length > 0 && testTable(result, analysis.tests),
    main && [thresholds(main), calibration(main), use(main), predictionSets(main), findingSetsOf(main)],
    subgroups(analysis.subgroups, settings.margin),
    levels(result, analysis),
    pilots(result, analysis),
  ];
}

const rangeText = (range: Range | null, write: (x: number) => string = share): string =>
  range ? `${write(range.low)} to ${write(range.high)}` : 'no interval';
const two = (value: string, below: string): Text => (below === '' ? value : [value, soft(`\n${below}`)]);
const pText = (p: number | null): string => (p === null ? '–' : p < 0.001 ? '< 0.001' : p.toFixed(3));

const TESTS: Record<PairedTest['kind'], string> = {
  permutation: 'permutation by patient, accuracy',
  mcnemar: 'McNemar (mid-p), patients right',
  delong: 'DeLong, area',
};

/** Each pair of models on the same patients. */
export const testTable = (result: Pick<ReportResult, 'table'>, tests: readonly PairedTest[]): Blocks => [
  heading('Paired tests'),
  table(
    `Two models on the same patients. The last column is adjusted by Holm over all ${tests.length} tests of this set.`,
    ['Models', 'Test', 'Of', 'Difference', 'p', 'p (Holm)'],
    tests.map((one) => [
      `${nameOf(result, one.first)} − ${nameOf(result, one.second)}`,
      TESTS[one.kind],
      one.target ?? 'all',
      two(signed(one.difference), rangeText(one.range, signed)),
      pText(one.pValue),
      pText(one.adjusted),
    ]),
    { prose: true },
  ),
];

const thresholds = ({ operating }: ModelAnalysis): Blocks =>
  operating.length > 0 && [
    heading('Operating points'),
    table(
      'From the probability on that validation data chose; with 95 % intervals.',
      [
        'Class or finding',
        'From',
        'Sensitivity',
        'Specificity',
        'Positive predictive value',
        'Negative predictive value',
      ],
      operating.map(({ target, threshold, metrics }) => [
        target,
        share(threshold),
        ...(
          ['sensitivity', 'specificity', 'positivePredictiveValue', 'negativePredictiveValue'] as const
        ).map((name) => two(share(metrics[name].value), rangeOf(metrics[name]))),
      ]),
    ),
  ];

/** As many lines as can be told apart. */
const MOST_LINES = 6;

function calibration({ recalibration, calibration: targets }: ModelAnalysis): Blocks {
  if (recalibration.length === 0) return null;
  return [
    heading('Calibration'),
    table(
      'Stated probabilities as they are (none), and put right by what validation data fitted; less is better in every column.',
      ['Method', 'Fitted', 'Expected error', 'Adaptive error', 'Brier', 'Log loss'],
      recalibration.map(({ method, fitted, ece, ace, brier, logLoss }) => [
        method,
        fitted.join(', ') || '–',
        ...[ece, ace, brier, logLoss].map((value) => value.toFixed(3)),
      ]),
      { prose: true },
    ),
    targets.length > 0 &&
      table(
        'Before anything is put right: a slope of 1 and an intercept of 0 are perfect (Cox 1958).',
        ['Class or finding', 'Slope', 'In the large', 'Observed / expected', 'Spiegelhalter’s p'],
        targets.map((one) => [
          one.target,
          two(share(one.slope), one.slope === null ? '' : rangeText(one.slopeRange)),
          signed(one.inTheLarge),
          share(one.observedToExpected),
          pText(one.pValue),
        ]),
      ),
    figures(
      figure(
        lineChart({
          label: 'Reliability before and after recalibration',
          series: recalibration.slice(0, MOST_LINES).map(({ method, bins }) => ({
            name: method,
            points: bins.map(({ confidence, accuracy }): [number, number] => [confidence, accuracy]),
          })),
          x: { name: 'stated probability', domain: [0, 1] },
          y: { name: 'observed share', domain: [0, 1] },
          diagonal: true,
          legend: true,
        }),
        'Reliability by method: on the diagonal probabilities can be taken at their word.',
      ),
    ),
  ];
}

function use({ decisionCurves }: ModelAnalysis): Blocks {
  if (decisionCurves.length === 0) return null;
  return [
    heading('Decision curves'),
    figures(
      ...decisionCurves.slice(0, MOST_LINES).map(({ target, model, treatAll, prevalence }) => {
        const top = Math.max(0.05, prevalence, ...model.map(([, benefit]) => benefit)) * 1.08;
        return figure(
          lineChart({
            label: `Decision curve of ${target}`,
            series: [
              { name: 'acting on the model', points: model, markers: 'none' },
              { name: 'acting on everybody', points: treatAll, markers: 'none' },
            ],
            x: { name: 'threshold probability', domain: [0, 1] },
            y: { name: 'net benefit (per case)', domain: [-0.25 * top, top] },
            levels: [{ y: 0, label: 'acting on nobody' }],
          }),
          `${target} (${Math.round(prevalence * 100)} % of cases): the model is of use where its line is the highest (Vickers and Elkin 2006).`,
        );
      }),
    ),
  ];
}

const predictionSets = ({ conformal }: ModelAnalysis): Blocks =>
  conformal.length > 0 && [
    heading('Prediction sets'),
    table(
      'Sets of classes that hold the true one with the stated chance, calibrated on validation patients.',
      ['Method', 'Aimed at', 'Holds the true class', 'Mean size', 'One class only'],
      conformal.map(({ method, byClass, miss, coverage, coverageRange, meanSize, single }) => [
        `${method}${byClass ? ', by class' : ''}`,
        share(1 - miss),
        two(share(coverage), rangeText(coverageRange)),
        share(meanSize),
        String(Number(single.toFixed(2))),
      ]),
      { prose: true },
    ),
  ];

const findingSetsOf = ({ findingSets }: ModelAnalysis): Blocks =>
  findingSets.length > 0 && [
    heading('What can be said of each finding'),
    table(
      `That it is there, that it is not, or either where neither can be left out; right in ${share(1 - findingSets[0].miss)} of new patients who have it, and of those who do not (each finding by itself, by label: Lambrou and Papadopoulos 2016, Vovk 2012). Calibrated on one image of each validation patient; with fewer than ${Math.ceil(1 / findingSets[0].miss) - 1} who have it, or have not, that is never left out.`,
      [
        'Finding',
        'Calibrated on',
        'Right where there',
        'Right where not',
        'There',
        'Not there',
        'Either',
        'Neither',
      ],
      findingSets.map((one) => [
        one.finding,
        `${whole(one.calibratedOn.present)} with, ${whole(one.calibratedOn.absent)} without`,
        ...[one.coverageOfPresent, one.coverageOfAbsent].map((estimate) =>
          two(share(estimate.value), estimate.low === null ? 'no interval' : rangeOf(estimate)),
        ),
        ...[one.present, one.absent, one.either, one.neither].map(share),
      ]),
      { prose: true },
    ),
  ];

function subgroups(results: readonly SubgroupResult[], margin: number): Blocks {
  const shown = results.filter(({ rows }) => rows.some(({ value }) => value !== null));
  if (shown.length === 0) return null;
  const found = shown.flatMap(({ attribute, metric, rows }) =>
    rows.flatMap(({ group, disparity }) =>
      disparity === 'found' ? [`${group} (${attribute}, ${metric})`] : [],
    ),
  );
  return [
    heading('Groups of patients'),
    found.length > 0
      ? paragraph([warning('Served otherwise than all others: '), `${found.join('; ')}.`])
      : paragraph('No group was found to be served otherwise; that is no proof that there is none.'),
    [...Map.groupBy(shown, ({ metric }) => metric)].map(([metric, all]) =>
      figure(
        forestPlot({
          label: `${metric} by group of patients`,
          axis: `${metric in METRIC ? METRIC[metric as keyof typeof METRIC] : metric} (95 % interval)`,
          heading: 'value (interval)',
          countHeading: 'patients',
          rows: all.flatMap(({ attribute, rows }) => [
            { name: attribute, value: null, low: null, high: null, text: '', heading: true },
            ...rows.map(({ group, value, range, patients, disparity }) => ({
              name: group,
              value,
              low: range?.low ?? null,
              high: range?.high ?? null,
              text: range ? `${share(value)} (${rangeText(range)})` : `${share(value)} (no interval)`,
              count: whole(patients),
              series: disparity === 'found' ? ('series-1' as const) : ('series-0' as const),
            })),
          ]),
        }),
        `Squares: at least ${share(margin)} apart from all others, and the p-value adjusted by Holm below 0.05.`,
      ),
    ),
  ];
}

const levels = (result: ReportResult, { levels: all }: SetAnalysis): Blocks =>
  all.length > 1 && [
    heading('Images, series and patients as cases'),
    table(
      'Series and patients by the rule that was chosen beforehand; those whose images have different labels are left out.',
      ['Cases', 'Model', 'Number', 'Balanced accuracy', 'AUC'],
      all.flatMap(({ unit, aggregation, cases, models }) =>
        models.map(({ name, metrics }) => [
          unit === 'image' ? 'images' : `${unit} (${aggregation})`,
          nameOf(result, name),
          whole(cases),
          interval(metrics.balancedAccuracy),
          interval(metrics.auc),
        ]),
      ),
      { prose: true },
    ),
  ];

const pilots = (result: ReportResult, { pilots: all }: SetAnalysis): Blocks =>
  all.length > 0 && [
    heading('What this many patients can show'),
    table(
      'Accuracy of patients, with a power of 80 %, from how often the models disagreed here.',
      ['Models', 'Patients', 'Smallest difference found', 'Patients needed'],
      all.map(({ first, second, patients, detectable, needed }) => [
        `${nameOf(result, first)} − ${nameOf(result, second)}`,
        whole(patients),
        detectable === null ? 'none' : share(detectable),
        needed
          .map(
            ({ difference, patients: number }) =>
              `${share(difference)}: ${number === null ? 'not possible' : whole(number)}`,
          )
          .join('; '),
      ]),
      { prose: true },
    ),
  ];
