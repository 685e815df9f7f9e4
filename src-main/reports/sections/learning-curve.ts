import { lineChart, type LineSeries, type Scene } from '../../charts/index.ts';
import type { CurveMetric, LearningCurveReport } from '../../contract/learning-curve.ts';
import { figure, figures, paragraph, soft, table } from '../blocks.ts';
import { share, whole } from '../format.ts';
import type { SectionMaker } from '../section.ts';

const METRICS: Record<CurveMetric, string> = {
  val_balanced_accuracy: 'balanced accuracy',
  val_accuracy: 'accuracy',
  val_auc: 'AUC',
};

/** What more training patients would bring. */
export const learningCurveSection: SectionMaker = ({ learningCurve }) =>
  learningCurve && learningCurve.points.length > 0
    ? [
        {
          id: 'learning-curve',
          title: 'Learning curve',
          blocks: [
            paragraph(sentence(learningCurve)),
            figures(
              figure(
                chart(learningCurve),
                `${capital(METRICS[learningCurve.metric])} on validation by training patients: means with their 95 % intervals${learningCurve.curve ? ', and the curve through all trainings with its own (an inverse power law, Figueroa et al. 2012)' : ''}.`,
              ),
            ),
            table(
              'Shares of the training patients, each drawn anew for each training; the interval is of the mean, by Student’s t over the trainings.',
              ['Patients', 'Images', 'Trainings', capital(METRICS[learningCurve.metric])],
              learningCurve.points.map(({ patients, images, scores, mean, range }) => [
                whole(patients),
                whole(images),
                whole(scores.length),
                range ? [share(mean), soft(`\n${share(range.low)}–${share(range.high)}`)] : share(mean),
              ]),
            ),
          ],
        },
      ]
    : [];

function sentence({ curve, done, trainings, judgedBy, points }: LearningCurveReport): string {
  const trained = `The fine-tuned plan was trained ${done} times on shares of the training patients${done < trainings ? ` (of ${trainings} that were asked for)` : ''}, and judged by the same ${whole(judgedBy)} validation patients; the test set had no part in it.`;
  if (!curve)
    return `${trained} No curve is to be told: that takes four different numbers of patients, and scores that rise and bend.`;
  const largest = points[points.length - 1].patients;
  const farthest = curve.points[curve.points.length - 1];
  const level =
    curve.ceiling > 1
      ? 'Where the curve levels off cannot be told yet, as these scores rise as if they went on beyond 1'
      : `As far as the curve can tell it levels off at ${share(curve.ceiling)} (± ${share(curve.ceilingError)})`;
  return `${trained} ${level}; ${whole(farthest.patients)} patients of the same kind instead of ${whole(largest)} would give ${share(farthest.score)} (${share(farthest.low)}–${share(farthest.high)}).`;
}

const capital = (text: string): string => text[0].toUpperCase() + text.slice(1);

function chart({ points, curve, metric }: LearningCurveReport): Scene {
  const bars = points.flatMap(({ patients, range }): LineSeries[] =>
    range
      ? [
          {
            name: '',
            unnamed: true,
            series: 'series-1',
            markers: 'none',
            dash: [],
            points: [
              [patients, Math.max(0, range.low)],
              [patients, Math.min(1, range.high)],
            ],
          },
        ]
      : [],
  );
  return lineChart({
    label: `${METRICS[metric]} by training patients`,
    series: [
      ...(curve
        ? [
            {
              name: 'curve',
              series: 'series-0' as const,
              markers: 'none' as const,
              points: curve.points.map(({ patients, score }): [number, number] => [patients, score]),
              band: curve.points.map(({ patients, low, high }): [number, number, number] => [
                patients,
                low,
                high,
              ]),
            },
          ]
        : []),
      ...bars,
      {
        name: 'trainings',
        series: 'series-1',
        markers: 'all',
        lineless: true,
        points: points.map(({ patients, mean }): [number, number] => [patients, mean]),
      },
    ],
    x: { name: 'training patients' },
    y: { name: METRICS[metric] },
    legend: true,
  });
}
