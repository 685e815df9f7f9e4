/** What Graft does, for every shell: the command line today, the window next. One use case in each file. */
import type { AuditTrail } from '../contract/audit.ts';
import type { CapsuleVerification } from '../contract/capsule.ts';
import type { PlanInput } from '../contract/calls/plans.ts';
import type { CheckKind, StoredCheck } from '../contract/checks.ts';
import type { CrossValidationReport } from '../contract/cross-validation.ts';
import type { Split } from '../contract/dataset.ts';
import type { ExportedModel } from '../contract/run.ts';
import type { AddedModel } from '../contract/calls/models.ts';
import type { StoredRateSweep } from '../contract/rate-finder.ts';
import type { StudyPlan, StudyQuestionInput } from '../contract/study-plan.ts';
import type { ModelRanking, StoredRanking } from '../contract/ranking.ts';
import type { LearningCurveReport } from '../contract/learning-curve.ts';
import type { SweepInput, SweepReport } from '../contract/sweep.ts';
import type { LabelReport } from '../contract/instances.ts';
import type { WeightOptions, WeightReport } from '../contract/weights.ts';
import { checkRun, type CheckOptions } from './checks/check-run.ts';
import { chooseSplit, type SplitChoice } from './choose-split.ts';
import {
  crossValidate,
  resumeCrossValidation,
  type CrossValidateOptions,
} from './cross-validation/cross-validate.ts';
import {
  listCrossValidationReports,
  showCrossValidation,
} from './cross-validation/read-cross-validations.ts';
import { demo, type DemoOptions, type DemoReport } from './demo.ts';
import { evaluate, type EvaluateOptions, type EvaluateReport } from './evaluate.ts';
import { exportDicom, type ExportDicomOptions, type ExportedDocuments } from './export-dicom.ts';
import { type ExplainOptions, type ExplainReport, writeExplanations } from './explain/write-explanations.ts';
import { exportModel, type ExportOptions } from './export-model.ts';
import {
  importFolder,
  labelImages,
  type FindingOptions,
  type ImportedFolder,
  type ImportFolderOptions,
} from './import-folder.ts';
import { adapt, type AdaptOptions, type AdaptReport } from './adaptation/adapt.ts';
import { resumeRuns } from './adaptation/resume.ts';
import type { StoredJudgement, TargetAudit } from '../contract/adaptation-judgement.ts';
import { type AuditOptions, chooseAudit } from './adaptation/audit.ts';
import { writeAuditList } from './adaptation/audit-list.ts';
import { judgeAdaptation, judgementsOf, type JudgeOptions, keepRun } from './adaptation/judge.ts';
import { addModel, inspectWeights, type AddModelInput } from './added-models.ts';
import { readAudit } from './audit.ts';
import { verifyCapsule, type VerifyOptions } from './capsule/verify-capsule.ts';
import { writeCapsule, type CapsuleOptions, type WrittenCapsule } from './capsule/write-capsule.ts';
import { listModels, type ModelList } from './list-models.ts';
import { listRuns, type RunSummary } from './list-runs.ts';
import { planText, readPlanFile } from './plan-file.ts';
import { findLearningRate, writeCurve } from './find-rate.ts';
import { previewAugmentation, type ContactSheet } from './preview-augmentation.ts';
import { planStudy } from './plan-study.ts';
import { listProblems, type ProblemReport } from './problems.ts';
import { rankModels, type RankOptions } from './rank-models.ts';
import {
  discardPretraining,
  pretrainUnlabelled,
  resumePretraining,
  type PretrainOptions,
} from './pretrain-unlabelled.ts';
import { openProjectForReading } from '../store/index.ts';
import { withSession } from './session.ts';
import { lastRanking } from './stored-ranking.ts';
import { listSweepReports, planFromSweep, showSweep } from './sweep/read-sweeps.ts';
import { resumeSweep, sweepPlans, type SweepOptions } from './sweep/sweep.ts';
import {
  type LearningCurveOptions,
  resumeLearningCurve,
  showLearningCurve,
  trainLearningCurve,
} from './sweep/learning-curve.ts';
import { readSweepFile } from './sweep/sweep-file.ts';
import { writeReport, type ReportOptions, type WrittenReport } from './write-report.ts';
import { trainModel, type TrainOptions, type TrainReport } from './train-model.ts';
import type { Reporting } from './reporting.ts';

export type {
  AdaptOptions,
  AdaptReport,
  AddModelInput,
  CapsuleOptions,
  CheckOptions,
  ContactSheet,
  CrossValidateOptions,
  DemoOptions,
  DemoReport,
  EvaluateOptions,
  EvaluateReport,
  ExportDicomOptions,
  ExportedDocuments,
  ExplainOptions,
  ExplainReport,
  ExportOptions,
  FindingOptions,
  ImportedFolder,
  ImportFolderOptions,
  ModelList,
  PretrainOptions,
  ProblemReport,
  Reporting,
  ReportOptions,
  RunSummary,
  SplitChoice,
  SweepOptions,
  TrainOptions,
  TrainReport,
  VerifyOptions,
  WrittenCapsule,
  WrittenReport,
};
export { exportFormats, type ExportFormat } from './export-model.ts';
export { leftOutSentences } from './export-dicom.ts';
export { nameOfStart, startOfRun } from './start-names.ts';
export type { SetResult } from './results.ts';
export type { ImageName } from './problems.ts';
export type { LibraryModel } from './list-models.ts';

/**
 * The calls that a shell makes. `project` is the project's folder. Long ones take a signal and a progress listener;
 * a failure is a GraftError.
 */
export { configurationFolder } from '../store/index.ts';
export type { LearningCurveOptions };
export { choicesText } from '../training/sweep/index.ts';
export { createDesk, type DeskApp, type ShellServices } from './desk/index.ts';

export interface App {
  /** Makes the project where there is none. */
  importFolder(
    project: string,
    folder: string,
    options?: ImportFolderOptions,
    reporting?: Reporting,
  ): Promise<ImportedFolder>;
  labelImages(
    project: string,
    labels: string,
    source?: string,
    findings?: FindingOptions,
  ): Promise<LabelReport>;
  createSplit(project: string, choice: SplitChoice): Promise<Split>;
  trainModel(project: string, options?: TrainOptions, reporting?: Reporting): Promise<TrainReport>;
  /** Tries learning rates for a plan; nothing is kept but the curve. */
  findLearningRate(project: string, options?: TrainOptions, reporting?: Reporting): Promise<StoredRateSweep>;
  /** Writes a contact sheet of training images, each beside versions of it, as PNG. */
  previewAugmentation(
    project: string,
    options: TrainOptions,
    path: string,
    signal?: AbortSignal,
  ): Promise<ContactSheet>;
  /** Writes such a curve to a CSV or JSON file. */
  writeCurve(path: string, sweep: StoredRateSweep): void;
  /** Adapted runs as well. */
  resumeTraining(project: string, runId: number, reporting?: Reporting): Promise<TrainReport>;
  /** Adapts a finished run to images of another domain, whose labels nobody looks at. */
  adapt(project: string, options: AdaptOptions, reporting?: Reporting): Promise<AdaptReport>;
  /** Searches for a better plan among the training and validation patients. */
  sweepPlans(project: string, options: SweepOptions, reporting?: Reporting): Promise<SweepReport>;
  resumeSweep(project: string, sweepId: number, reporting?: Reporting): Promise<SweepReport>;
  /** The newest first. */
  listSweeps(project: string): SweepReport[];
  showSweep(project: string, sweepId: number): SweepReport;
  /** Trains one plan on growing shares of the training patients. */
  trainLearningCurve(
    project: string,
    options: LearningCurveOptions,
    reporting?: Reporting,
  ): Promise<LearningCurveReport>;
  resumeLearningCurve(
    project: string,
    sweepId: number,
    reporting?: Reporting,
    target?: number,
  ): Promise<LearningCurveReport>;
  /** One as it stands; null: the newest. */
  showLearningCurve: typeof showLearningCurve;
  /** The plan of the best trial of a sweep, or of another. */
  planFromSweep(project: string, sweepId: number, trial?: number): TrainOptions;
  /** A sweep in YAML or JSON, checked. */
  readSweepFile(path: string): SweepInput;
  /** Judges a plan by cross-validation, tuned within each fold where there is a sweep. */
  crossValidate(
    project: string,
    options?: CrossValidateOptions,
    reporting?: Reporting,
  ): Promise<CrossValidationReport>;
  resumeCrossValidation(project: string, id: number, reporting?: Reporting): Promise<CrossValidationReport>;
  /** The newest first. */
  listCrossValidations(project: string): CrossValidationReport[];
  showCrossValidation(project: string, id: number): CrossValidationReport;
  evaluate(project: string, options?: EvaluateOptions, reporting?: Reporting): Promise<EvaluateReport>;
  /** Asks whether a run is right for the right reason, or what its errors have in common. */
  checkRun<Kind extends CheckKind>(
    project: string,
    kind: Kind,
    options?: CheckOptions,
    reporting?: Reporting,
  ): Promise<StoredCheck<Kind>>;
  /** Writes maps of what speaks for a class, and checks them against random weights. */
  explain(project: string, options?: ExplainOptions, reporting?: Reporting): Promise<ExplainReport>;
  /** How many patients a study takes; with a project, its trainings are points of the learning curve. */
  planStudy(question: StudyQuestionInput, project: string | null): StudyPlan;
  exportModel(project: string, options?: ExportOptions, reporting?: Reporting): Promise<ExportedModel>;
  /** Writes one file with everything that a study was. */
  writeCapsule(project: string, options?: CapsuleOptions, reporting?: Reporting): Promise<WrittenCapsule>;
  /** Runs such a file again, and says what agrees. */
  verifyCapsule(
    project: string,
    path: string,
    options?: VerifyOptions,
    reporting?: Reporting,
  ): Promise<CapsuleVerification>;
  /** Writes predictions as Structured Reports, and a PDF as an Encapsulated one. */
  exportDicom(
    project: string,
    options?: ExportDicomOptions,
    reporting?: Reporting,
  ): Promise<ExportedDocuments>;
  writeReport(project: string, options?: ReportOptions, reporting?: Reporting): Promise<WrittenReport>;
  /** `folder` gets the sample data and the project. */
  demo(folder: string, options?: DemoOptions, reporting?: Reporting): Promise<DemoReport>;
  /** A plan in YAML or JSON, checked. */
  readPlanFile(path: string): PlanInput;
  /** The plan that options mean, every default written out, as YAML. */
  planText(options: TrainOptions, folder?: string | null): string;
  listRuns(project: string): RunSummary[];
  listModels(project: string | null): ModelList;
  /** Ranks models by their frozen features of the project's images; the test set stays closed. */
  rankModels(project: string, options?: RankOptions, reporting?: Reporting): Promise<ModelRanking>;
  /** The ranking that was made last, with what trainings say of it; null where there was none. */
  lastRanking(project: string): StoredRanking | null;
  /** Continues a model on the project's images without their labels, and adds what comes of it. */
  pretrainUnlabelled(project: string, options?: PretrainOptions, reporting?: Reporting): Promise<AddedModel>;
  /** Goes on with one that was stopped, by its number. */
  resumePretraining(project: string, id: number, reporting?: Reporting): Promise<AddedModel>;
  discardPretraining(project: string, id: number): Promise<void>;
  /** Looks at a weights file; nothing is kept. */
  inspectWeights(
    path: string,
    options?: Partial<WeightOptions>,
    reporting?: Reporting,
  ): Promise<WeightReport>;
  /** Adds weights to a project, which is made where there is none. */
  addModel(project: string, input: AddModelInput, reporting?: Reporting): Promise<AddedModel>;
  listProblems(project: string): ProblemReport;
  /** Whether adapting helped, and which model is kept. */
  judgeAdaptation(project: string, options?: JudgeOptions, reporting?: Reporting): Promise<StoredJudgement>;
  /** The newest first. */
  listJudgements(project: string): StoredJudgement[];
  /** Decides by hand which model of a judgement is kept. */
  keepRun(project: string, runId: number): Promise<StoredJudgement>;
  /** Chooses patients of the target to be labelled, by chance, or adds further ones. */
  chooseAudit(project: string, options?: AuditOptions): Promise<TargetAudit>;
  /** Writes a table of them with an empty column for labels. */
  writeAuditList(project: string, audit: TargetAudit, path: string): void;
  /** What was done in a project, the newest first, and whether it stands as it was written. */
  readAudit(project: string, most?: number): AuditTrail;
}

/** The application without a face. */
export function createApp(): App {
  return {
    importFolder: (project, ...call) =>
      withSession(project, { create: true }, (session) => importFolder(session, ...call)),
    labelImages: (project, ...call) => withSession(project, {}, (session) => labelImages(session, ...call)),
    createSplit: (project, choice) =>
      withSession(project, {}, async (session) => chooseSplit(session, choice)),
    trainModel: (project, ...call) => withSession(project, {}, (session) => trainModel(session, ...call)),
    findLearningRate: (project, ...call) =>
      withSession(project, {}, (session) => findLearningRate(session, ...call)),
    previewAugmentation: (project, ...call) =>
      withSession(project, {}, (session) => previewAugmentation(session, ...call)),
    resumeTraining: (project, ...call) => withSession(project, {}, (session) => resumeRuns(session, ...call)),
    adapt: (project, ...call) => withSession(project, {}, (session) => adapt(session, ...call)),
    sweepPlans: (project, ...call) => withSession(project, {}, (session) => sweepPlans(session, ...call)),
    resumeSweep: (project, ...call) => withSession(project, {}, (session) => resumeSweep(session, ...call)),
    trainLearningCurve: (project, ...call) =>
      withSession(project, {}, (session) => trainLearningCurve(session, ...call)),
    resumeLearningCurve: (project, ...call) =>
      withSession(project, {}, (session) => resumeLearningCurve(session, ...call)),
    showLearningCurve,
    listSweeps: listSweepReports,
    showSweep,
    planFromSweep,
    readSweepFile,
    crossValidate: (project, options = {}, ...call) =>
      withSession(project, {}, (session) => crossValidate(session, options, ...call)),
    resumeCrossValidation: (project, ...call) =>
      withSession(project, {}, (session) => resumeCrossValidation(session, ...call)),
    listCrossValidations: listCrossValidationReports,
    showCrossValidation,
    evaluate: (project, ...call) => withSession(project, {}, (session) => evaluate(session, ...call)),
    checkRun: (project, ...call) => withSession(project, {}, (session) => checkRun(session, ...call)),
    explain: (project, ...call) => withSession(project, {}, (session) => writeExplanations(session, ...call)),
    planStudy: (question, folder) => {
      if (folder === null) return planStudy(question);
      const project = openProjectForReading(folder);
      try {
        return planStudy(question, project.db);
      } finally {
        project.close();
      }
    },
    exportModel: (project, ...call) => withSession(project, {}, (session) => exportModel(session, ...call)),
    writeCapsule: (project, ...call) => withSession(project, {}, (session) => writeCapsule(session, ...call)),
    verifyCapsule: (project, ...call) =>
      withSession(project, {}, (session) => verifyCapsule(session, ...call)),
    exportDicom: (project, ...call) => withSession(project, {}, (session) => exportDicom(session, ...call)),
    writeReport: (project, ...call) => withSession(project, {}, (session) => writeReport(session, ...call)),
    demo,
    readPlanFile,
    planText,
    writeCurve,
    listRuns,
    listModels,
    inspectWeights,
    rankModels: (project, ...call) => withSession(project, {}, (session) => rankModels(session, ...call)),
    lastRanking,
    addModel: (project, ...call) =>
      withSession(project, { create: true }, (session) => addModel(session.project, ...call)),
    pretrainUnlabelled: (project, ...call) =>
      withSession(project, {}, (session) => pretrainUnlabelled(session, ...call)),
    resumePretraining: (project, ...call) =>
      withSession(project, {}, (session) => resumePretraining(session, ...call)),
    discardPretraining: (project, id) =>
      withSession(project, {}, async (session) => discardPretraining(session.project, id)),
    listProblems,
    judgeAdaptation: (project, ...call) =>
      withSession(project, {}, (session) => judgeAdaptation(session, ...call)),
    listJudgements: judgementsOf,
    keepRun: (project, runId) => withSession(project, {}, async (session) => keepRun(session, runId)),
    chooseAudit: (project, ...call) =>
      withSession(project, {}, async (session) => chooseAudit(session, ...call)),
    writeAuditList,
    readAudit,
  };
}
