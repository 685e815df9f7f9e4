import type { SetAnalysis } from './analysis.ts';
import type { DealtPatients, FoldDifference, FoldMetrics, FoldSide, FoldSpread } from './cross-validation.ts';
import type { EvaluationTable } from './evaluation.ts';

/** One outer fold, as far as a report shows it. */
export interface ReportFold {
  /** From 1. */
  fold: number;
  /** Says which patients were on which side. */
  splitHash: string;
  learned: FoldSide;
  validation: FoldSide;
  /** `classes`: images of each class. */
  judged: FoldSide & { classes: number[] };
  /** What tuning within the fold chose; null where nothing was tuned. */
  chosen: { trial: number; plan: string; objective: string; value: number | null } | null;
  metrics: FoldMetrics[];
}

/** A finished cross-validation in a report. */
export interface ReportCrossValidation {
  id: number;
  finishedAt: string;
  /** The network that was cross-validated. */
  modelName: string;
  classes: string[];
  multiLabel: boolean;
  seed: number;
  /** How each fold was tuned; null: the plan was the same in all. */
  nested: { strategy: string; trials: number; folds: number | null; fields: string[] } | null;
  dealt: DealtPatients;
  folds: ReportFold[];
  spread: FoldSpread[];
  differences: FoldDifference[];
  pooled: EvaluationTable;
  analysis: SetAnalysis;
  notes: string[];
}
