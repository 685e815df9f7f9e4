import type { ReportModel } from '../../contract/report.ts';
import { whole } from '../format.ts';
import type { Answer } from './checklist.ts';

type Answering = (model: ReportModel) => Answer;

/** An answer with what the cross-validation adds to it; as it was where there is none. Without anything else recorded it answers in part. */
const adding =
  (answer: Answering, said: (found: NonNullable<ReportModel['crossValidation']>) => string): Answering =>
  (model) => {
    const before = answer(model);
    if (!model.crossValidation) return before;
    const text = `${said(model.crossValidation)} ${before.text}`;
    return before.state === 'author'
      ? { state: 'partly', section: 'cross-validation', text }
      : { ...before, text: `${before.text} ${said(model.crossValidation)}` };
  };

/** How data were dealt. */
export const dealt = (answer: Answering): Answering =>
  adding(
    answer,
    ({ dealt: { patients, opened }, folds }) =>
      `Besides, ${whole(patients)} patients were cross-validated in ${folds.length} folds, grouped by patient and stratified by class${opened.length > 0 ? ', those kept for a test among them (counted as an opening)' : ''}.`,
  );

/** How a plan was tuned, and whether what judged it had a say in that. */
export const tuned = (answer: Answering): Answering =>
  adding(answer, ({ nested, folds }) =>
    nested
      ? `Internal validation: ${folds.length}-fold cross-validation, tuned anew within each fold (${nested.strategy}, ${nested.trials} trials).`
      : `Internal validation: ${folds.length}-fold cross-validation by patient, the same plan in each fold.`,
  );

/** What internal data say of the model. */
export const internally = (answer: Answering): Answering =>
  adding(
    answer,
    ({ dealt: { patients }, folds, nested }) =>
      `${nested ? 'Nested cross-validation' : 'Cross-validation'}: ${whole(patients)} patients, each judged once by models that have not seen them, in ${folds.length} folds, with the spread over folds.`,
  );

/** How sure it is. */
export const unsure = (answer: Answering): Answering =>
  adding(
    answer,
    () =>
      'Of the cross-validation: intervals by bootstrap over patients, and differences over folds by the corrected t-test of Nadeau and Bengio.',
  );
