import {
  averagedMetricNames,
  type FindingCounts,
  type FindingEvaluation,
  type FindingsEvaluation,
  type ModelEvaluation,
} from '../../contract/evaluation.ts';
import { type Blocks, type Figure, figure, figures, soft, table, type Table, type Text } from '../blocks.ts';
import { interval, rangeOf, share, whole } from '../format.ts';
import { precisionRecallChart, rocChart } from './roc.ts';

/** As many lines as can be told apart. */
const MOST_LINES = 6;

/** A model finding by finding, an image having any number of them; the reliability diagram stands beside its charts. */
export function findingResults(
  { roc }: ModelEvaluation,
  { perFinding }: FindingsEvaluation,
  reliability: Figure,
): Blocks {
  const frequent = new Set(
    [...perFinding]
      .sort((a, b) => b.present - a.present)
      .slice(0, MOST_LINES)
      .map(({ finding }) => finding),
  );
  const which = perFinding.length > MOST_LINES ? `, of the ${MOST_LINES} most frequent findings` : '';
  const shown = perFinding.filter(
    ({ finding, precisionRecall }) => frequent.has(finding) && precisionRecall.length > 0,
  );
  const chosen = perFinding.flatMap(({ finding, youden }) => (youden ? [{ finding, counts: youden }] : []));
  return [
    table(
      'Each finding against its absence, on the images of which it is known, with 95 % intervals.',
      ['Finding', 'There', 'Not there', 'AUC', 'Average precision'],
      perFinding.map(({ finding, present, absent, auc, averagePrecision }) => [
        finding,
        whole(present),
        whole(absent),
        interval(auc),
        interval(averagePrecision),
      ]),
    ),
    countTable(
      'From a probability of 0.5 on a finding is said to be there; with 95 % intervals.',
      perFinding.map(({ finding, half, estimates }) => ({ finding, counts: half, estimates })),
    ),
    chosen.length > 0 &&
      countTable(
        'From the probability on that was best on the validation images (largest sum of recall and specificity, Youden 1950).',
        chosen,
      ),
    figures(
      roc.length > 0 &&
        figure(
          rocChart(
            roc.filter((curve) => frequent.has(curve.class)),
            'ROC curve of each finding',
          ),
          `ROC curves${which}. The dashed diagonal is guessing.`,
        ),
      shown.length > 0 &&
        figure(
          precisionRecallChart(
            shown.map(({ finding, precisionRecall, averagePrecision, present, absent }) => ({
              name: finding,
              points: precisionRecall,
              averagePrecision: averagePrecision.value,
              prevalence: present / (present + absent),
            })),
            'Precision-recall curve of each finding',
          ),
          `Precision at each recall${which}. Average precision in brackets. The thin level lines are guessing: how frequent each finding is.`,
        ),
      reliability,
    ),
  ];
}

const countTable = (
  caption: string,
  rows: readonly {
    finding: string;
    counts: FindingCounts;
    estimates?: FindingEvaluation['estimates'];
  }[],
): Table =>
  table(
    caption,
    ['Finding', 'From', 'Hits', 'Misses', 'False alarms', 'Precision', 'Recall', 'Specificity', 'F1'],
    rows.map(({ finding, counts, estimates }) => [
      finding,
      share(counts.threshold),
      whole(counts.hits),
      whole(counts.misses),
      whole(counts.alarms),
      ...averagedMetricNames.map((name): Text =>
        estimates
          ? [
              share(counts[name]),
              soft(`\n${estimates[name].low === null ? 'no interval' : rangeOf(estimates[name])}`),
            ]
          : share(counts[name]),
      ),
    ]),
  );
