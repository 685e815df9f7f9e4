import type { SetAnalysis, TestLooks } from './analysis.ts';
import type { SetCharacteristics } from './characteristics.ts';
import type { StoredCheck } from './checks.ts';
import type { Preprocessing, Split } from './dataset.ts';
import type { EvaluationTable } from './evaluation.ts';
import type { LearningCurveReport } from './learning-curve.ts';
import type { ReportAdaptation } from './report-adaptation.ts';
import type { ReportCrossValidation } from './report-cross-validation.ts';
import type { Approach, ExportedModel, RunEnvironment } from './run.ts';
import type { EpochMetrics, FreezeMapRow, RunResult, TrainingConfig } from './training.ts';

/** Something counted: refused files by reason, images by manufacturer. */
export interface Count {
  name: string;
  count: number;
}

export interface ReportSource {
  name: string;
  images: number;
  refused: Count[];
}

/** One training, as far as the report shows it. */
export interface ReportRun {
  id: number;
  approach: Approach;
  config: TrainingConfig;
  epochs: EpochMetrics[];
  /** Null for the majority class, which learns nothing, and for the probe, which has no epochs. */
  result: Omit<RunResult, 'epochs' | 'config' | 'freezeMap' | 'modelFolder'> | null;
  freezeMap: FreezeMapRow[];
  /** What the curves say; null without curves. */
  diagnosis: string | null;
}

export interface ReportResult {
  setName: string;
  /** "Held-out patients of the same hospital", say. */
  description: string;
  /** How often this set was opened before and for this report. */
  openings: number;
  /** Copies of images seen in training or selection left out: the result that counts. */
  table: EvaluationTable;
  /** All images; null where there are no copies. */
  withCopies: EvaluationTable | null;
  excluded: Count[];
  /** Tests, thresholds, calibration, subgroups, units and planning; absent in reports of before. */
  analysis?: SetAnalysis;
  /** Of a held-out set: every look at it, and what was changed between looks. */
  looks?: TestLooks;
}

/** How starting weights came to know the project's own images before any label was used. */
export interface ContinuedWeights {
  from: string;
  /** With its source. */
  method: string;
  images: number;
  patients: number;
  epochs: number;
  size: number;
  /** Patients whose images were kept away; null where there was no split. */
  heldOutPatients: number | null;
  /** Of the images that the model is judged by (test and external sets), those seen before, and patients of whom any image was. */
  seen: { images: number; patients: number };
}

/** Everything that a report says: the JSON file is this, the HTML file shows it. Never a patient's identifier. */
export interface ReportModel {
  format: 1;
  title: string;
  /** ISO 8601, UTC. */
  createdAt: string;
  project: string;
  data: {
    sources: ReportSource[];
    /** Values of acquisition attributes, most frequent first. */
    acquisition: { attribute: string; values: Count[] }[];
    /** Whom each set is made of; absent in reports of before. */
    characteristics?: SetCharacteristics[];
    warnings: string[];
  };
  preprocessing: Preprocessing;
  split: Pick<Split, 'classes' | 'multiLabel' | 'options' | 'hash' | 'counts' | 'leftOut'>;
  model: {
    name: string;
    title: string;
    sourceTask: string | null;
    licence: string;
    inputSize: number;
    /** Weights that a person brought: how they call them, where they come from, what file it was. Null for Graft's own and random ones. */
    weights: { title: string; source: string; format: string | null; preprocessing: string | null } | null;
    /** Where they were continued on the project's own images without labels; null for others. */
    continued: ContinuedWeights | null;
    /** Of the weights that training started from; null when they were random. */
    sha256: string | null;
  };
  runs: ReportRun[];
  results: ReportResult[];
  exported: Omit<ExportedModel, 'id' | 'runId'> | null;
  environment: RunEnvironment;
  seeds: { name: string; value: number }[];
  limitations: string[];
  /** Shortcuts, leakage and failures of the main run, as they were checked last; without them nothing was. */
  checks?: StoredCheck[];
  /** Where models were adapted to another domain; without it none was. */
  adaptation?: ReportAdaptation;
  /** Where a plan was cross-validated; without it none was. */
  crossValidation?: ReportCrossValidation;
  /** The newest learning curve of the split; without it none was trained. */
  learningCurve?: LearningCurveReport;
}
