import type {
  CrossValidation,
  CrossValidationFold,
  CrossValidationReport,
  DealtPatients,
  FoldTuning,
  HeldOutPatients,
} from '../../contract/cross-validation.ts';
import type { TrainedApproach } from '../../contract/run.ts';
import { trainingConfigSchema } from '../../contract/training.ts';
import { listFolds, partsOfFold, type StoredCrossValidation } from '../../store/cross-validations.ts';
import { listEpochs } from '../../store/epochs.ts';
import { isEvaluated } from '../../store/evaluations.ts';
import { getSplit, type ReadableDatabase } from '../../store/index.ts';
import { listRunsOfComparison } from '../../store/runs.ts';
import { getSweep } from '../../store/sweeps.ts';
import { sweepReport } from '../sweep/sweep-report.ts';

/** A cross-validation as it stands. */
export function crossValidationReport(
  db: ReadableDatabase,
  stored: StoredCrossValidation,
): CrossValidationReport {
  const { id, splitId, state, definition, dealt, result, createdAt, finishedAt, error, plan } = stored;
  const { classes, multiLabel = false } = getSplit(db, splitId)!;
  return {
    id,
    splitId,
    state,
    definition,
    modelName: plan.settings?.modelName ?? trainingConfigSchema.parse({}).modelName,
    classes,
    multiLabel,
    dealt,
    folds: listFolds(db, id).map(({ fold, splitId: own }) => foldReport(db, fold, own)),
    result,
    notes: notesOf(definition, dealt),
    createdAt,
    finishedAt,
    error,
  };
}

function foldReport(db: ReadableDatabase, fold: number, splitId: number): CrossValidationFold {
  const { hash, counts } = getSplit(db, splitId)!;
  const { comparisonId, sweepId } = partsOfFold(db, splitId);
  const runs = comparisonId === null ? [] : listRunsOfComparison(db, comparisonId);
  const side = (role: string) => ({ patients: counts[role].patients, images: counts[role].images });
  return {
    fold,
    splitId,
    splitHash: hash,
    learned: side('train'),
    validation: side('validation'),
    judged: { ...side('test'), classes: counts.test.classes },
    tuning: sweepId === null ? null : tuningOf(db, sweepId),
    runs: runs.map(({ id, approach, state }) => ({
      runId: id,
      approach: approach as TrainedApproach,
      state,
      epochs: listEpochs(db, id).length,
    })),
    done: runs.length > 0 && runs.every(({ id }) => isEvaluated(db, id, 'test')),
  };
}

function tuningOf(db: ReadableDatabase, sweepId: number): FoldTuning {
  const { state, trials, objective, best } = sweepReport(db, getSweep(db, sweepId)!);
  const first = trials.find(({ number }) => number === best);
  return {
    sweepId,
    state,
    trials: trials.length,
    ended: trials.filter((one) => ['done', 'dropped', 'failed'].includes(one.state)).length,
    objective,
    chosen:
      state === 'done' && first ? { trial: first.number, choices: first.choices, value: first.mean } : null,
  };
}

const namesOf = (sets: readonly HeldOutPatients[]): string =>
  sets.map(({ splitId, setName, patients }) => `${patients} of ${setName} in split ${splitId}`).join(', ');

function notesOf(
  { sweep, folds }: CrossValidation,
  { locked, opened, copies, seen }: DealtPatients,
): string[] {
  return [
    ...(opened.length > 0
      ? [
          `Patients kept for a test were dealt as well (${namesOf(opened)}): each of these sets was counted as opened, and is no untouched test set any more.`,
        ]
      : []),
    ...(locked.length > 0
      ? [`Patients kept for a test took no part and are still locked: ${namesOf(locked)}.`]
      : []),
    ...(opened.length === 0 && locked.length === 0
      ? ['No split keeps any of these patients for a test: all were dealt.']
      : []),
    ...(seen
      ? [
          `The model that the plan starts from had learned without labels from images of ${seen.patients} of these patients (${seen.images} of the images here), whom each fold holds out: results may be too good. Cross-validate a start that has not seen them.`,
        ]
      : []),
    ...(copies > 0
      ? [
          `${copies} images whose pixels occur under another image were left out; patients who share one are on one side of every fold.`,
        ]
      : []),
    sweep
      ? `The plan was chosen anew in each fold, among its training and validation patients alone: what is judged is the way of choosing, not one plan, and folds may have chosen differently.`
      : 'The plan was the same in each fold. If it was chosen by results on these patients, what stands here is too good: cross-validate with a sweep instead.',
    `Folds share most of what they learned from: their spread is not a standard error, and has no unbiased estimate (Bengio and Grandvalet 2004). Differences over the ${folds} folds use the corrected t-test of Nadeau and Bengio (2003).`,
    'Pooled intervals resample patients and take the models as given: they do not hold how much the models would differ with other training patients. Pooled areas compare probabilities of different models; beside them stands the mean over folds (Forman and Scholz 2010).',
  ];
}
