import type { Finding } from './dataset.ts';
import type { Approach } from './run.ts';

/**
 * Why a value has no interval:
 * - `too-few-patients`: fewer than five patients, or fewer than five of some class
 * - `no-variation`: every replicate gave the same value
 */
export type WithheldReason = 'too-few-patients' | 'no-variation';

/**
 * How an interval came about: the bootstrap by patient, bias-corrected and accelerated (Efron 1987) or its percentiles where that is not
 * defined; DeLong's variance; Wilson's for a share of patients.
 */
export type IntervalMethod = 'bca' | 'percentile' | 'delong' | 'wilson';

/** A number with its 95 % interval, by bootstrap over patients where nothing else is said. Null where it is not defined (one class only, say). */
export interface Estimate {
  value: number | null;
  low: number | null;
  high: number | null;
  method?: IntervalMethod;
  /** Only where there is a value without an interval. */
  withheld?: WithheldReason;
}

/** What a model said about one image, as far as statistics need to know. */
export interface ScoredPrediction {
  /** Images of one patient are drawn together when resampling. */
  patientKey: string;
  /** Class index; −1 where an image may show several findings. */
  label: number;
  /** Of findings: one for each. */
  findings?: readonly Finding[];
  /** One for each class, adding up to 1, but for findings, of which each has its own. */
  probabilities: ArrayLike<number>;
}

export const metricNames = ['accuracy', 'balancedAccuracy', 'precision', 'recall', 'f1', 'auc'] as const;
/**
 * Precision, recall, F1 and AUC are macro averages (AUC: one against the rest; binary: of the second class). Of findings accuracy is the share of
 * answers that were right, balanced accuracy the mean over findings of recall and specificity, and AUC the mean of those that are defined.
 */
export type MetricName = (typeof metricNames)[number];

export const findingMetricNames = ['averagePrecision', 'microF1', 'hammingLoss', 'subsetAccuracy'] as const;
/**
 * Besides, of findings: the mean average precision; F1 of all answers together; the share of answers that were wrong; the share of images of
 * which every known answer was right.
 */
export type FindingMetricName = (typeof findingMetricNames)[number];

export const averageNames = ['macro', 'micro', 'weighted'] as const;
export const averagedMetricNames = ['precision', 'recall', 'specificity', 'f1'] as const;
export type AverageName = (typeof averageNames)[number];
export type AveragedMetricName = (typeof averagedMetricNames)[number];

export const furtherMetricNames = [
  'matthews',
  'kappa',
  'aucOneVersusOne',
  'averagePrecision',
  'brier',
  'logLoss',
  'expectedCalibrationError',
  'adaptiveCalibrationError',
] as const;
/**
 * Besides, of classes: Matthews' correlation; Cohen's kappa; the mean area over pairs of classes (Hand and Till 2001); the mean average precision;
 * and four of which less is better: Brier score (0 to 2), log loss, expected and adaptive calibration error (the latter without an interval).
 */
export type FurtherMetricName = (typeof furtherMetricNames)[number];

/** Answers about one finding, from a probability on; those that nobody knows do not count. */
export interface FindingCounts {
  /** From this probability on the finding is said to be there. */
  threshold: number;
  hits: number;
  misses: number;
  alarms: number;
  rejections: number;
  precision: number;
  recall: number;
  specificity: number;
  f1: number;
}

export interface FindingEvaluation {
  finding: string;
  /** Images that show it, and of which it is known that they do not. */
  present: number;
  absent: number;
  auc: Estimate;
  averagePrecision: Estimate;
  /** At a probability of 0.5. */
  half: FindingCounts;
  /** The shares of those counts, with intervals. */
  estimates: Record<AveragedMetricName, Estimate>;
  /** At the threshold with the largest sum of recall and specificity on the validation images (Youden 1950); null without such. */
  youden: FindingCounts | null;
  /** `[recall, precision]`, from the highest probability down. */
  precisionRecall: [number, number][];
}

/** What a model says of findings, an image having any number of them. */
export interface FindingsEvaluation {
  metrics: Record<FindingMetricName, Estimate>;
  perFinding: FindingEvaluation[];
}

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
  /** The same with intervals, and average precision; of classes, not of findings. */
  estimates?: Record<AveragedMetricName | 'auc' | 'averagePrecision', Estimate>;
}

export interface CalibrationBin {
  /** Mean probability of the predicted class, and how often it was right; of findings that of each, and how often it was there. */
  confidence: number;
  accuracy: number;
  count: number;
}

export interface Calibration {
  /** Expected calibration error over ten equal bins of the predicted class's probability. */
  expectedCalibrationError: number;
  /** Multi-class Brier score: 0 at best, 2 at worst. Of findings the mean over answers: 1 at worst. */
  brier: number;
  logLoss: number;
  bins: CalibrationBin[];
}

export interface RocCurve {
  class: string;
  /** False positive rate, true positive rate; from (0, 0) to (1, 1). */
  points: [number, number][];
}

export interface PrecisionRecallCurve {
  class: string;
  /** `[recall, precision]`, from the highest probability down. */
  points: [number, number][];
  /** Share of the images that are of the class: what guessing has as its precision. */
  prevalence: number;
}

/** Everything about one model on one set. */
export interface ModelEvaluation {
  name: string;
  approach: Approach;
  images: number;
  patients: number;
  metrics: Record<MetricName, Estimate>;
  perClass: ClassMetrics[];
  /** Rows: true class; columns: predicted class. Empty where an image may show several findings. */
  confusion: number[][];
  roc: RocCurve[];
  /** Of classes; those of findings stand with each of them. */
  precisionRecall?: PrecisionRecallCurve[];
  calibration: Calibration;
  /** Of classes, not of findings. */
  further?: Record<FurtherMetricName, Estimate>;
  averages?: Record<AverageName, Record<AveragedMetricName, Estimate>>;
  /** Where an image may show several findings. */
  findings?: FindingsEvaluation;
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
  /** Whether an image may show any number of the classes. Default false. */
  multiLabel?: boolean;
  models: ModelEvaluation[];
  differences: ModelDifference[];
  bootstrap: {
    replicates: number;
    seed: number;
    /** Replicates in which some class was absent; they count for every metric that is defined without it. */
    lackingAClass: number;
  };
}
