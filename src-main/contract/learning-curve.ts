import { z } from 'zod';
import type { Range } from './analysis.ts';
import type { JobState } from './job.ts';
import type { StudyPlan } from './study-plan.ts';

/** What a learning curve shows: on validation images, which do not choose the plan here. */
export const curveMetrics = ['val_balanced_accuracy', 'val_accuracy', 'val_auc'] as const;
export type CurveMetric = (typeof curveMetrics)[number];

/** How the points of a learning curve are trained: the same plan on shares of the training patients, several times each. */
export const learningCurveSchema = z.object({
  /** Shares of the training patients; four different numbers of them at least make a curve. */
  shares: z.array(z.number().gt(0).max(1)).min(1).default([0.1, 0.2, 0.4, 0.7, 1]),
  /** Trainings of each share, with other patients and other draws each time. */
  repeats: z.number().int().min(1).max(20).default(3),
  metric: z.enum(curveMetrics).default('val_balanced_accuracy'),
});
export type LearningCurveDesign = z.output<typeof learningCurveSchema>;
export type LearningCurveInput = z.input<typeof learningCurveSchema>;

/** One share of the training patients. */
export interface LearnedPoint {
  share: number;
  /** That it comes to. */
  patients: number;
  images: number;
  /** Of each training that has ended, at the epoch that it kept. */
  scores: number[];
  mean: number;
  /** Of that mean, by Student's t over the trainings; null with one. */
  range: Range | null;
}

/** Scores by number of training patients, all of one plan on one split, judged by the same validation images. */
export interface LearningCurveReport {
  /** The sweep whose trials are its trainings. */
  sweepId: number;
  splitId: number;
  state: JobState;
  metric: CurveMetric;
  createdAt: string;
  /** Patients of validation, who judge. */
  judgedBy: number;
  /** Trainings that have ended, and those that there are to be. */
  done: number;
  trainings: number;
  /** Fewest patients first; shares without a training that has ended are left out. */
  points: LearnedPoint[];
  /** An inverse power law through all scores; null where no curve is to be told. */
  curve: StudyPlan['curve'];
}
