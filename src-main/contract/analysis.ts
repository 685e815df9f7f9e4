import type { AggregationRule, AnalysisSettings, SubgroupAttribute, Unit } from './analysis-settings.ts';
import type { CalibrationBin, Estimate, MetricName } from './evaluation.ts';
import type { Approach } from './run.ts';

/** A range that holds the value with 95 % confidence. */
export interface Range {
  low: number;
  high: number;
}

/** The shares of one confusion table that a threshold gives. */
export const operatingMetricNames = [
  'sensitivity',
  'specificity',
  'positivePredictiveValue',
  'negativePredictiveValue',
  'balancedAccuracy',
  'f1',
] as const;
export type OperatingMetricName = (typeof operatingMetricNames)[number];

/** A threshold that validation data chose, and what it does here. */
export interface OperatingResult {
  /** The class against the rest, or the finding. */
  target: string;
  threshold: number;
  /** What it did on the validation data that chose it: too good. */
  onValidation: { sensitivity: number; specificity: number };
  truePositives: number;
  falsePositives: number;
  trueNegatives: number;
  falseNegatives: number;
  /** By bootstrap over patients; Wilson's where cases are patients. */
  metrics: Record<OperatingMetricName, Estimate>;
}

export const recalibrationMethods = ['none', 'temperature', 'platt', 'isotonic'] as const;
export type RecalibrationMethod = (typeof recalibrationMethods)[number];

/** Probabilities put right by what was fitted on validation data. */
export interface RecalibrationResult {
  method: RecalibrationMethod;
  /** `temperature 1.42`; one entry for each class where there are several fits. */
  fitted: string[];
  /** Expected and adaptive calibration error, Brier score and log loss of this set. */
  ece: number;
  ace: number;
  brier: number;
  logLoss: number;
  /** Of the predicted class; of findings all answers. Ten bins of equal width, empty ones left out. */
  bins: CalibrationBin[];
}

/** What stated probabilities of one class or finding are worth, before anything is put right (Cox 1958; TRIPOD+AI). */
export interface CalibrationOfTarget {
  target: string;
  /** 1 is right; null where it is not finite. */
  slope: number | null;
  slopeRange: Range | null;
  /** 0 is right. */
  inTheLarge: number | null;
  observedToExpected: number | null;
  /** Spiegelhalter's test, two-sided. */
  pValue: number | null;
}

/** Sets that hold the true class with a chance of 1 − miss, calibrated on validation patients (one image of each). */
export interface ConformalResult {
  method: 'least-ambiguous' | 'adaptive';
  /** Whether each class has its own threshold. */
  byClass: boolean;
  miss: number;
  /** Patients that calibrated; too few, and sets hold every class. */
  calibratedOn: number;
  /** Of each class; null where it is in every set. */
  thresholds: (number | null)[];
  coverage: number;
  coverageRange: Range | null;
  coverageOfClass: { class: string; coverage: number | null }[];
  meanSize: number;
  empty: number;
  single: number;
  bySize: { size: number; cases: number; coverage: number }[];
}

/**
 * What cannot be left out about a finding, with a chance of 1 − miss both where it is there and where it is not: that it is, that it is not, or
 * either (binary relevance, label-conditional; Lambrou and Papadopoulos 2016, Vovk 2012). Calibrated on one image of each validation patient.
 */
export interface FindingSets {
  finding: string;
  miss: number;
  /** Patients that calibrated, by whether their image shows it; too few, and that answer is never left out. */
  calibratedOn: { present: number; absent: number };
  /** Scores (1 less the answer's probability) up to which an answer stays; null where it always does. */
  thresholds: { present: number | null; absent: number | null };
  /** Cases of which it is known. */
  cases: number;
  /** How many sets hold the truth: of all, of those that show it, and of those that do not. */
  coverage: Estimate;
  coverageOfPresent: Estimate;
  coverageOfAbsent: Estimate;
  /** Shares of cases of which it is said that it is there, that it is not, either, and neither (it fits no validation case). */
  present: number;
  absent: number;
  either: number;
  neither: number;
}

/** `[threshold, net benefit]` of acting on the model; `treatAll` beside it; treating nobody is 0 (Vickers and Elkin 2006). */
export interface DecisionCurve {
  target: string;
  prevalence: number;
  model: [number, number][];
  treatAll: [number, number][];
}

/** One model on one set, beyond what the table says. */
export interface ModelAnalysis {
  name: string;
  approach: Approach;
  /** By class or finding; empty where there is no validation data, or too little. */
  operating: OperatingResult[];
  /** `none` first; the others where validation data fitted them. */
  recalibration: RecalibrationResult[];
  calibration: CalibrationOfTarget[];
  /** Empty where an image may show several findings, and without validation data. */
  conformal: ConformalResult[];
  /** The same of findings, each by itself; empty of classes. */
  findingSets: FindingSets[];
  decisionCurves: DecisionCurve[];
  /** Area of each class against the rest, or of each finding, with its interval by DeLong, images of a patient together (Obuchowski 1997). */
  areas: { target: string; auc: Estimate }[];
}

/**
 * A paired test of two models:
 * - `permutation`: accuracy, models exchanged within patients
 * - `mcnemar`: patients right, one result for each (mid-p)
 * - `delong`: area of one class or finding, images of a patient together; none where a side has fewer than five patients
 */
export interface PairedTest {
  first: string;
  second: string;
  kind: 'permutation' | 'mcnemar' | 'delong';
  /** The class or finding; null for all. */
  target: string | null;
  /** First minus second. */
  difference: number;
  range: Range | null;
  pValue: number;
  /** By Holm over all tests of the table. */
  adjusted: number;
  /** McNemar: patients that only the first, and only the second, got right, and the exact p-value. */
  discordant?: { onlyFirst: number; onlySecond: number; exact: number };
}

/** Results when images, series or patients are cases. */
export interface LevelResult {
  unit: Unit;
  aggregation: AggregationRule;
  cases: number;
  /** Series or patients whose images have different labels: they are left out. Of findings none is. */
  mixed: number;
  models: {
    name: string;
    approach: Approach;
    metrics: Record<MetricName, Estimate>;
    /** Cases of which the class, or every finding, is right. */
    right: number;
    /** Of that share, where each patient is one case. */
    wilson: Range | null;
    clopperPearson: Range | null;
  }[];
}

export const subgroupMetricNames = ['balancedAccuracy', 'auc', 'sensitivity', 'specificity'] as const;
/** Sensitivity and specificity at the threshold that validation chose; where there are two classes, or findings (their mean). */
export type SubgroupMetricName = (typeof subgroupMetricNames)[number];

export interface SubgroupRow {
  group: string;
  cases: number;
  patients: number;
  value: number | null;
  range: Range | null;
  /** Less that of all others. */
  difference: number | null;
  differenceRange: Range | null;
  pValue: number | null;
  /** By Holm over the groups of the attribute. */
  adjusted: number | null;
  /** `found`: at least the margin apart, and the adjusted p-value below 0.05. `none-found` is no proof that there is none. */
  disparity: 'found' | 'none-found' | 'not-tested';
}

/** One metric of the main model by one attribute. */
export interface SubgroupResult {
  attribute: SubgroupAttribute;
  metric: SubgroupMetricName;
  /** Cases of which the attribute is not known. */
  unknown: number;
  rows: SubgroupRow[];
}

/** What this many patients can show, from what was found on them (accuracy of patients). */
export interface PilotPlan {
  first: string;
  second: string;
  patients: number;
  /** Share of patients on whom exactly one model is right. */
  discordant: number;
  /** Smallest difference of accuracies that is found with a power of 80 %; null where not even the largest would be. */
  detectable: number | null;
  /** Patients that it takes to find these differences; null where it cannot be so large. */
  needed: { difference: number; patients: number | null }[];
}

/** Everything about one set that goes beyond its table. */
export interface SetAnalysis {
  settings: AnalysisSettings;
  classes: string[];
  multiLabel: boolean;
  cases: number;
  images: number;
  patients: number;
  /** The validation data that fitted thresholds, recalibrations and prediction sets; null where none was evaluated. */
  fittedOn: { cases: number; patients: number; fittedAt: string } | null;
  /** Whether that is this very set: what was fitted on it is then too good. */
  fittedHere: boolean;
  models: ModelAnalysis[];
  tests: PairedTest[];
  /** Images, series and patients. */
  levels: LevelResult[];
  subgroups: SubgroupResult[];
  /** The main model against each other; empty where patients have no single result. */
  pilots: PilotPlan[];
  replicates: number;
  seed: number;
}

/** One opening of a held-out set, and what had been changed since the one before. */
export interface TestLook {
  openedAt: string;
  /** The training that was looked at; null where it was deleted. */
  comparisonId: number | null;
  /** `learningRate: 0.0003 → 0.001`; empty for a look at the same. Null for the first. */
  changed: string[] | null;
}

/** The looks at one held-out set, and what follows for the results shown. */
export interface TestLooks {
  looks: TestLook[];
  /** Looks before the last one of the training that is shown, by trainings with other settings. */
  before: number;
  /** Looks by other trainings afterwards. */
  after: number;
  /** Settings of the analysis that were changed after the first look, oldest first. */
  settingsChanged: { at: string; changed: string[] }[];
  /** The same in sentences; none where the set was looked at once and nothing changed. */
  sentences: string[];
}

/** What validation data fitted for one model: kept with its run, applied to every other set as it is. */
export interface FittedModel {
  /** By class or finding; null where the validation data lacks a side. */
  thresholds: (number | null)[];
  /** One for all classes, or one for each finding. */
  temperatures: number[];
  /** P = 1 / (1 + exp(slope · ln(p ÷ (1 − p)) + offset)), by class or finding; classes are then divided by their sum. */
  platt: { slope: number; offset: number }[];
  /** Curves of probability by class or finding, straight between the points; null with fewer cases than they need. */
  isotonic: { scores: number[]; probabilities: number[] }[] | null;
  /** Scores up to which a class belongs to a set; null where it is in every set. */
  conformal: {
    method: ConformalResult['method'];
    byClass: boolean;
    calibratedOn: number;
    thresholds: (number | null)[];
  }[];
  /** The same of findings. */
  findingSets?: Pick<FindingSets, 'thresholds' | 'calibratedOn'>[];
}
