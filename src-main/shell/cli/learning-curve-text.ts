import type { CurveMetric, LearningCurveReport } from '../../contract/learning-curve.ts';
import type { StudyPlan } from '../../contract/study-plan.ts';
import { table } from './table.ts';

const METRICS: Record<CurveMetric, string> = {
  val_balanced_accuracy: 'balanced accuracy',
  val_accuracy: 'accuracy',
  val_auc: 'AUC',
};

/** The points of a learning curve, and what the curve through them says. */
export function learningCurveText(report: LearningCurveReport, target?: number): string {
  const { points, curve, metric, judgedBy, done, trainings, sweepId, state } = report;
  const lines = [
    table(
      ['training patients', 'images', 'share', METRICS[metric], '95 %', 'trainings'],
      points.map(({ patients, images, share, mean, range, scores }) => [
        patients,
        images,
        share,
        mean.toFixed(3),
        range ? `${range.low.toFixed(3)} to ${range.high.toFixed(3)}` : '–',
        scores.map((score) => score.toFixed(3)).join(' '),
      ]),
    ),
    '',
    `Learning curve ${sweepId}: ${done} of ${trainings} trainings (${state}), judged by ${judgedBy} validation patients. The test set is still closed.`,
    ...(curve ? curveLines(curve, target) : [NO_CURVE]),
  ];
  return lines.join('\n');
}

export const NO_CURVE =
  'No learning curve can be told: it takes four different numbers of training patients, and scores that rise and bend.';

/** Where a curve levels off, what it says up to three times the largest number, and what a score would take. */
export function curveLines(curve: NonNullable<StudyPlan['curve']>, target: number | undefined): string[] {
  return [
    curve.ceiling > 1
      ? 'Where it levels off cannot be told yet: these scores rise as if they went on beyond 1.'
      : `It levels off at ${curve.ceiling.toFixed(3)} (± ${curve.ceilingError.toFixed(3)}).`,
    table(
      ['training patients', 'score', '95 % of the curve'],
      curve.points
        .filter((_, at) => at % 4 === 0)
        .map(({ patients, score, low, high }) => [
          patients,
          score.toFixed(3),
          `${low.toFixed(3)} to ${high.toFixed(3)}`,
        ]),
    ),
    ...(target === undefined ? [] : [targetLine(curve, target)]),
  ];
}

const targetLine = ({ needed, farther }: NonNullable<StudyPlan['curve']>, target: number): string =>
  needed === null
    ? `No number of patients like these reaches ${target}, as far as the curve can tell.`
    : `${target} takes about ${needed} training patients${farther ? ': more than three times those tried, further than the curve can be trusted' : ''}.`;
