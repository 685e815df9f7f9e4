import { confusionMatrix } from '../../charts/index.ts';
import type { Estimate, ModelEvaluation } from '../../contract/evaluation.ts';
import { type Blocks, type Figure, figure, figures, soft, table, type Text } from '../blocks.ts';
import { rangeOf, share, whole } from '../format.ts';
import { precisionRecallChart, rocChart } from './roc.ts';

/** A model class by class, each image having one; the reliability diagram stands beside its charts. */
export function classResults(
  model: ModelEvaluation,
  classes: readonly string[],
  reliability: Figure,
): Blocks {
  return [
    table(
      'Each class against all others, with 95 % intervals.',
      ['Class', 'Images', 'Precision', 'Recall', 'Specificity', 'F1', 'AUC', 'Average precision'],
      model.perClass.map((one) => [
        one.class,
        whole(one.support),
        ...(['precision', 'recall', 'specificity', 'f1', 'auc'] as const).map((name) =>
          withRange(one[name], one.estimates?.[name]),
        ),
        withRange(one.estimates?.averagePrecision.value ?? null, one.estimates?.averagePrecision),
      ]),
    ),
    figures(
      figure(
        confusionMatrix({
          label: 'Confusion matrix of the fine-tuned model',
          counts: model.confusion,
          classes,
        }),
        'Confusion matrix: images, and their share of the true class. Off the diagonal are the errors.',
      ),
      model.roc.length > 0 &&
        figure(
          rocChart(model.roc, 'ROC curve of each class'),
          'ROC curves, each class against the rest. The dashed diagonal is guessing.',
        ),
      model.precisionRecall &&
        model.precisionRecall.length > 0 &&
        figure(
          precisionRecallChart(
            model.precisionRecall.map((curve) => ({
              ...curve,
              name: curve.class,
              averagePrecision:
                model.perClass.find((one) => one.class === curve.class)?.estimates?.averagePrecision.value ??
                null,
            })),
            'Precision-recall curve of each class',
          ),
          'Precision at each recall, each class against the rest; average precision in brackets. The thin level lines are guessing: how frequent each class is.',
        ),
      reliability,
    ),
  ];
}

/** With its interval below, where there is one. */
const withRange = (value: number | null, estimate: Estimate | undefined): Text =>
  estimate && value !== null ? [share(value), soft(`\n${rangeOf(estimate)}`)] : share(value);
