import { z } from 'zod';
import type { SetAnalysis } from './analysis.ts';
import type { ErrorRecord } from './errors.ts';
import type { EvaluationTable, MetricName } from './evaluation.ts';
import type { JobState } from './job.ts';
import { approaches, type TrainedApproach } from './run.ts';
import { sweepSchema, type Choices } from './sweep.ts';
import type { Monitor } from './training.ts';

export const dealtPatients = ['development', 'all'] as const;

/** How a plan is cross-validated. */
export const crossValidationSchema = z.object({
  /** Outer folds, each of which is judged once by models that have not seen its patients. */
  folds: z.int().min(2).max(20).default(5),
  /** Of how patients are dealt to folds. */
  seed: z.int().min(0).max(0xffff_ffff).default(7),
  /** About this share of the patients that a fold learns from stops its trainings, and decides which of their epochs is kept. */
  validation: z.number().gte(0.05).lte(0.5).default(0.2),
  /**
   * `development`: training and validation patients of the split, without those that any other split on which something was trained
   * keeps for its test. `all`: those kept for a test as well, which counts as an opening of each such set.
   */
  patients: z.enum(dealtPatients).default('development'),
  approaches: z
    .array(z.enum(approaches))
    .min(1)
    .default([...approaches]),
  /** Tuned anew within the training part of each fold (Varma and Simon 2006). Null: the plan as it is. */
  sweep: sweepSchema.nullable().default(null),
});
export type CrossValidation = z.output<typeof crossValidationSchema>;
export type CrossValidationInput = z.input<typeof crossValidationSchema>;

/** Patients and images of one side of a fold. */
export interface FoldSide {
  patients: number;
  images: number;
}

/** Whom a cross-validation dealt, and whom it did not. */
export interface DealtPatients extends FoldSide {
  /** Images whose pixels occur under another of the images, each picture being used once. */
  copies: number;
  /** Patients that stayed out because they are kept for a test, by the set that keeps them. */
  locked: HeldOutPatients[];
  /** Sets kept for a test whose patients were dealt all the same: each was counted as opened. */
  opened: HeldOutPatients[];
  /** Of these whom the model that the plan starts from had seen without labels, and their images that it had; left out: nobody. */
  seen?: FoldSide;
}

export interface HeldOutPatients {
  splitId: number;
  setName: string;
  patients: number;
}

/** Metrics of one approach on the patients of one fold; null where one is not defined there. */
export interface FoldMetrics {
  approach: TrainedApproach;
  metrics: Record<MetricName, number | null>;
}

/** A metric over the folds: not a standard error, since folds share most of what they learned from (Bengio and Grandvalet 2004). */
export interface FoldSpread {
  approach: TrainedApproach;
  metric: MetricName;
  /** Folds in which it is defined. */
  folds: number;
  mean: number | null;
  /** With n − 1; null with fewer than two folds. */
  standardDeviation: number | null;
  lowest: number | null;
  highest: number | null;
}

/** The mean difference of two approaches over the folds, by the corrected resampled t-test (Nadeau and Bengio 2003). */
export interface FoldDifference {
  first: TrainedApproach;
  second: TrainedApproach;
  metric: MetricName;
  folds: number;
  mean: number;
  /** Of 95 %; null where all folds differ by the same. */
  low: number | null;
  high: number | null;
  pValue: number | null;
}

/** What a finished cross-validation came to. */
export interface CrossValidationResult {
  /** Of fold 1, 2, … */
  folds: FoldMetrics[][];
  spread: FoldSpread[];
  differences: FoldDifference[];
  /** All patients together, each image judged by the fold that has not seen its patient: intervals by bootstrap over patients. */
  pooled: EvaluationTable;
  /** Paired tests, calibration, units and subgroups of the same. */
  analysis: SetAnalysis;
  computedAt: string;
}

/** What tuned a fold, on patients that the fold learns from. */
export interface FoldTuning {
  sweepId: number;
  state: JobState;
  trials: number;
  /** Trials that have ended. */
  ended: number;
  objective: Monitor;
  /** Null before it is done. */
  chosen: { trial: number; choices: Choices; value: number | null } | null;
}

/** One outer fold as it stands. */
export interface CrossValidationFold {
  /** From 1. */
  fold: number;
  splitId: number;
  /** Says which patients are on which side. */
  splitHash: string;
  learned: FoldSide;
  validation: FoldSide;
  judged: FoldSide & { classes: number[] };
  tuning: FoldTuning | null;
  runs: { runId: number; approach: TrainedApproach; state: JobState; epochs: number }[];
  /** Whether its patients have been judged by all approaches. */
  done: boolean;
}

/** A cross-validation as it stands. */
export interface CrossValidationReport {
  id: number;
  splitId: number;
  state: JobState;
  definition: CrossValidation;
  /** The network that the plan starts from. */
  modelName: string;
  classes: string[];
  multiLabel: boolean;
  dealt: DealtPatients;
  folds: CrossValidationFold[];
  result: CrossValidationResult | null;
  /** What to know when reading it, in sentences. */
  notes: string[];
  createdAt: string;
  finishedAt: string | null;
  error: ErrorRecord | null;
}
