import type { Approach } from './run.ts';

/**
 * Why a value has no interval:
 * - `too-few-patients`: fewer than five patients, or fewer than five of some class
 * - `no-variation`: every replicate gave the same value
 */
export type WithheldReason = 'too-few-patients' | 'no-variation';

/** A number with its 95 % bootstrap interval. Null where it is not defined (one class only, say). */
export interface Estimate {
  value: number | null;
  low: number | null;
  high: number | null;
  /** Only where there is a value without an interval. */
  withheld?: WithheldReason;
}

/** What a model said about one image, as far as statistics need to know. */
export interface ScoredPrediction {
  /** Images of one patient are drawn together when resampling. */
  patientKey: string;
  /** Class index. */
  label: number;
  /** One for each class, adding up to 1. */
  probabilities: ArrayLike<number>;
}

export const metricNames = ['accuracy', 'balancedAccuracy', 'precision', 'recall', 'f1', 'auc'] as const;
/** Precision, recall, F1 and AUC are macro averages (AUC: one against the rest; binary: of the second class). */
export type MetricName = (typeof metricNames)[number];

/** One class against all others. */
export interface ClassMetrics {
  class: string;
  precision: number;
  recall: number;
  specificity: number;
  f1: number;
  auc: number | null;
  /** Images of the class. */
  support: number;
}

export interface CalibrationBin {
  /** Mean probability of the predicted class, and how often it was right. */
  confidence: number;
  accuracy: number;
  count: number;
}

export interface Calibration {
  /** Expected calibration error over ten equal bins of the predicted class's probability. */
  expectedCalibrationError: number;
  /** Multi-class Brier score: 0 at best, 2 at worst. */
  brier: number;
  logLoss: number;
  bins: CalibrationBin[];
}

export interface RocCurve {
  class: string;
  /** False positive rate, true positive rate; from (0, 0) to (1, 1). */
  points: [number, number][];
}

/** Everything about one model on one set. */
export interface ModelEvaluation {
  name: string;
  approach: Approach;
  images: number;
  patients: number;
  metrics: Record<MetricName, Estimate>;
  perClass: ClassMetrics[];
  /** Rows: true class; columns: predicted class. */
  confusion: number[][];
  roc: RocCurve[];
  calibration: Calibration;
}

/** The difference of two models (first minus second) on the same patients. */
export interface ModelDifference {
  first: string;
  second: string;
  metric: MetricName;
  difference: Estimate;
}

/** One table: several models on the same images. */
export interface EvaluationTable {
  classes: string[];
  models: ModelEvaluation[];
  differences: ModelDifference[];
  bootstrap: {
    replicates: number;
    seed: number;
    /** Replicates in which some class was absent; they count for every metric that is defined without it. */
    lackingAClass: number;
  };
}
