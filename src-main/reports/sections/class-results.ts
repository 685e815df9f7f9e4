import type { ModelEvaluation } from '../contract/evaluation.ts';
import { confusionChart, rocChart } from './charts.ts';
import { share, whole } from './format.ts';
import { figure, type Html, html, table } from './html.ts';

/** A model class by class, each image having one; the reliability diagram stands beside its charts. */
export function classResults(model: ModelEvaluation, classes: readonly string[], reliability: Html): Html {
  return html`${table(
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
  )}
    <div class="pair">
      ${figure(confusionChart(model.confusion, classes, 'Confusion matrix of the fine-tuned model'), 'Confusion matrix: images, and their share of the true class. Off the diagonal are the errors.')}
      ${model.roc.length > 0 && figure(rocChart(model.roc, 'ROC curve of each class'), 'ROC curves, each class against the rest. The dashed diagonal is guessing.')}
      ${reliability}
    </div>`;
}
