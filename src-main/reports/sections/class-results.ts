import { confusionMatrix } from '../../charts/index.ts';
import type { ModelEvaluation } from '../../contract/evaluation.ts';
import { type Blocks, type Figure, figure, figures, table } from '../blocks.ts';
import { share, whole } from '../format.ts';
import { rocChart } from './roc.ts';

/** A model class by class, each image having one; the reliability diagram stands beside its charts. */
export function classResults(
  model: ModelEvaluation,
  classes: readonly string[],
  reliability: Figure,
): Blocks {
  return [
    table(
      'Each class against all others.',
      ['Class', 'Images', 'Precision', 'Recall', 'Specificity', 'F1', 'AUC'],
      model.perClass.map((one) => [
        one.class,
        whole(one.support),
        share(one.precision),
        share(one.recall),
        share(one.specificity),
        share(one.f1),
        share(one.auc),
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
      reliability,
    ),
  ];
}
