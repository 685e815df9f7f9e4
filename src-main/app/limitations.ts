import type { Dataset, Split } from '../contract/dataset.ts';
import { OUT_OF_FOLD } from '../contract/run.ts';
import type { ContinuedWeights, ReportResult } from '../contract/report.ts';

/** Fewer test patients than this leave every interval wide. */
const FEW_PATIENTS = 30;

/** What a reader has to know before believing the figures, each sentence drawn from the records. */
export function limitationsOf(subject: {
  split: Split;
  dataset: Dataset;
  results: readonly ReportResult[];
  continued: ContinuedWeights | null;
  /** Training and validation patients whom the network had seen without labels: no test holds them out, but folds do. */
  seenInFolds?: number;
}): string[] {
  const { split, dataset, results, continued, seenInFolds = 0 } = subject;
  const sentences: string[] = [];
  for (const { setName, table, openings, looks } of results.filter(
    (result) => result.setName !== 'validation' && result.setName !== OUT_OF_FOLD,
  )) {
    const { patients } = table.models[0];
    if (patients < FEW_PATIENTS)
      sentences.push(`The set ${setName} holds ${patients} patients: its figures are uncertain.`);
    if (looks && looks.sentences.length > 0) sentences.push(looks.sentences.join(' '));
    else if (openings > 1)
      sentences.push(
        `The set ${setName} was opened ${openings} times: choices made between openings may have been guided by it.`,
      );
  }
  if (Object.keys(split.options.evaluationSets).length === 0)
    sentences.push(
      'No data of another site or scanner was kept apart: how the model does elsewhere is not known.',
    );
  if (continued && continued.seen.patients > 0)
    sentences.push(
      `Before any label was used, the network had learned from images of ${continued.seen.patients} of the patients it is judged by (${continued.seen.images} of their images here): its figures may be too good.`,
    );
  if (seenInFolds > 0 && results.some(({ setName }) => setName === OUT_OF_FOLD))
    sentences.push(
      `Out of fold each patient is judged by the member that has not learned their labels, but the network had seen images of ${seenInFolds} of these patients before any label was used: those figures may be too good.`,
    );
  if (dataset.failed.length > 0)
    sentences.push(`${dataset.failed.length} images could not be decoded and take no part.`);
  if (split.multiLabel)
    sentences.push(
      'Answers about findings that were in doubt or not given are left out of training and of every figure: how the model does on doubtful images is not known.',
    );
  sentences.push(
    'Labels were taken as given: their quality was not checked.',
    'Each approach was trained with one seed: how much another seed would change is not known.',
    'Only exact copies are found: images that are nearly the same, under different patient IDs, are not.',
  );
  return sentences;
}
