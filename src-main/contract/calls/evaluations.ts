import { z } from 'zod';
import { call, type CallTable } from '../call.ts';
import { analysisSettings, type AnalysisSettings, type SubgroupAttribute } from '../analysis-settings.ts';
import type { SetAnalysis, TestLooks } from '../analysis.ts';
import type { Finding } from '../dataset.ts';
import type { EvaluationTable } from '../evaluation.ts';
import type { Job } from '../job.ts';
import type { Approach } from '../run.ts';
import { studyQuestion, type StudyPlan } from '../study-plan.ts';

const id = z.int().positive();

/** One set that a training can be judged on. */
export interface EvaluableSet {
  name: string;
  /** `validation` chose the epoch; `held-out` sets are locked: opening one is an act, counted and dated. */
  kind: 'validation' | 'held-out';
  images: number;
  patients: number;
  /** Whether every finished run has predictions for it. */
  evaluated: boolean;
  /** When it was opened, by this training or any other on the same split. ISO 8601, UTC. */
  openings: string[];
}

export interface EvaluableComparison {
  comparisonId: number;
  name: string;
  createdAt: string;
  classes: string[];
  /** Whether an image may show any number of the classes. */
  multiLabel: boolean;
  approaches: Approach[];
  sets: EvaluableSet[];
}

/** What one run said of each image of a set, image by image. */
export interface RunScores {
  approach: Approach;
  runId: number;
  /** Images × classes, row by row. */
  probabilities: number[];
  /** Of an ensemble, by image: how far its members' probabilities lie from their mean (root of the mean square over members and classes). */
  disagreement?: number[];
  /** By class: precision at each recall, and their average. Null where the class does not occur. */
  precisionRecall: ({ points: [number, number][]; averagePrecision: number } | null)[];
  /** Accuracy when each patient counts once, by the mean of the patient's probabilities; of findings: of which all answers are right. */
  patientAccuracy: { right: number; patients: number };
}

/** One attribute of the images of a set, for looking at groups of them. */
export interface ScoredAttribute {
  attribute: SubgroupAttribute;
  values: string[];
  /** Of each image its place among the values; −1 where it is not known. */
  codes: number[];
}

export interface SetScores {
  /** Null where the image has left the project. */
  instanceIds: (number | null)[];
  frameIndexes: number[];
  /** Stand-ins, the same in the whole project. */
  pseudonyms: string[];
  labels: number[];
  /** Where an image may show several findings: images × findings, row by row; the labels are then −1. */
  findings?: Finding[];
  /** Why an image does not count; null for those that do. */
  excluded: (string | null)[];
  runs: RunScores[];
  /** Attributes with two values or more, and not too many to be groups. */
  attributes: ScoredAttribute[];
}

/** A finished training as a point of a learning curve: training patients, and balanced accuracy on validation. */
export interface TrainedPoint {
  comparisonId: number;
  patients: number;
  score: number;
}

export interface SetEvaluation {
  setName: string;
  table: EvaluationTable;
  /** With copies of training images, for comparison; null where there are none. */
  withCopies: EvaluationTable | null;
  excluded: Record<string, number>;
  scores: SetScores;
  /** What the table says, in sentences. */
  sentences: string[];
  /** By the settings that were chosen last. */
  analysis: SetAnalysis;
  /** Of a held-out set; null of validation images. */
  looks: TestLooks | null;
}

export const evaluationCalls = {
  /** Trainings with at least one finished run, the newest first. */
  'evaluations.list': call(z.null()).returns<EvaluableComparison[]>(),
  /** Has all finished runs predict these sets. Each held-out set among them is opened: counted before anything else. */
  'evaluations.run': call(
    z.object({ comparisonId: id, sets: z.array(z.string().min(1)).min(1) }),
  ).returns<Job>(),
  'evaluations.result': call(
    z.object({ comparisonId: id, setName: z.string().min(1) }),
  ).returns<SetEvaluation>(),
  /** How a training's results are analysed from now on. Chosen after a held-out set was opened, it is noted, and the report says so. */
  'evaluations.analyseBy': call(
    z.object({ comparisonId: id, settings: analysisSettings }),
  ).returns<AnalysisSettings>(),
  /** How many patients a study takes. */
  'evaluations.planStudy': call(studyQuestion).returns<StudyPlan>(),
  /** Trainings of the project as points of a learning curve. */
  'evaluations.trainedPoints': call(z.null()).returns<TrainedPoint[]>(),
} satisfies CallTable;
