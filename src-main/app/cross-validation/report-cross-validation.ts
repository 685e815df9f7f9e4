import { basename, isAbsolute } from 'node:path';
import type { CrossValidationReport } from '../../contract/cross-validation.ts';
import type { ReportModel } from '../../contract/report.ts';
import type { ReportCrossValidation, ReportFold } from '../../contract/report-cross-validation.ts';
import type { Choices } from '../../contract/sweep.ts';
import { listCrossValidations } from '../../store/cross-validations.ts';
import type { ReadableDatabase } from '../../store/index.ts';
import { choicesText } from '../../training/sweep/index.ts';
import { crossValidationReport } from './cross-validation-report.ts';

/**
 * What a report says of cross-validation: the one that was finished last, of this training's split if there is one. Nothing where none is
 * finished.
 *
 * @param modelName the network of the training that is reported
 */
export function crossValidationOfReport(
  db: ReadableDatabase,
  splitId: number,
  modelName: string,
): Pick<ReportModel, 'crossValidation'> {
  const done = listCrossValidations(db).filter(({ state }) => state === 'done');
  const found = done.find((one) => one.splitId === splitId) ?? done[0];
  if (!found) return {};
  const report = crossValidationReport(db, found);
  const apart = [
    ...(found.splitId === splitId
      ? []
      : [
          `It dealt patients of split ${found.splitId}, not of the split that the training of this report has.`,
        ]),
    ...(report.modelName === modelName
      ? []
      : [
          `It judged a plan that starts from ${report.modelName}, not from ${modelName} as the training of this report.`,
        ]),
  ];
  return { crossValidation: reported(report, apart) };
}

function reported(report: CrossValidationReport, apart: string[]): ReportCrossValidation {
  const { id, finishedAt, modelName, classes, multiLabel, definition, dealt, folds, notes } = report;
  const { folds: metrics, spread, differences, pooled, analysis } = report.result!;
  const { sweep } = definition;
  return {
    id,
    finishedAt: finishedAt ?? '',
    modelName,
    classes,
    multiLabel,
    seed: definition.seed,
    nested: sweep && {
      strategy: sweep.strategy,
      trials: folds[0].tuning?.trials ?? 0,
      folds: sweep.folds,
      fields: Object.keys(sweep.space),
    },
    dealt,
    folds: folds.map(({ fold, splitHash, learned, validation, judged, tuning }, at): ReportFold => ({
      fold,
      splitHash,
      learned,
      validation,
      judged,
      chosen: tuning?.chosen
        ? {
            trial: tuning.chosen.trial,
            plan: choicesText(withoutFolders(tuning.chosen.choices)),
            objective: tuning.objective,
            value: tuning.chosen.value,
          }
        : null,
      metrics: metrics[at],
    })),
    spread,
    differences,
    pooled,
    analysis,
    notes: [...apart, ...notes],
  };
}

/** A folder on this machine says who uses it; its last name is enough to know a model by. */
const withoutFolders = (choices: Choices): Choices =>
  Object.fromEntries(
    Object.entries(choices).map(([name, value]) => [
      name,
      typeof value === 'string' && isAbsolute(value) ? basename(value) : value,
    ]),
  );
