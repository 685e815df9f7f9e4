import { z } from 'zod';

const share = z.number().gt(0).lt(1);

/** A later study: what it should find, and what is known beforehand. */
export const studyQuestion = z.object({
  /** How often a difference is found where there is none, two-sided. */
  alpha: share.default(0.05),
  /** How often one is found that is there. */
  power: share.default(0.8),
  /** Two accuracies on the same patients; left out: not asked. */
  accuracies: z
    .object({
      /** The difference that should be found. */
      difference: share,
      /** Share of patients on whom exactly one model is right; from a pilot where there is one. */
      discordant: z.number().gt(0).lte(1),
    })
    .optional(),
  /** An area: told from a second one on the same patients, or known to within a half width. */
  area: z
    .object({
      auc: z.number().gt(0.5).lt(1),
      other: z.number().gt(0.5).lt(1).optional(),
      halfWidth: z.number().gt(0).lt(0.5).optional(),
      /** Share of patients who have the condition. */
      prevalence: share.default(0.5),
      /** How much the two areas vary together. */
      correlation: z.number().gte(0).lt(1).default(0.5),
    })
    .optional(),
  /** Images of each patient, and how alike results are within one (0 to 1): for results by image. */
  imagesPerPatient: z.number().gte(1).default(1),
  alike: z.number().gte(0).lte(1).default(0.5),
  /** Scores by number of training patients, on the same other patients. */
  points: z.array(z.object({ patients: z.number().positive(), score: z.number().gte(0).lte(1) })).default([]),
  /** The score that training should reach. */
  target: share.optional(),
});
export type StudyQuestion = z.output<typeof studyQuestion>;
export type StudyQuestionInput = z.input<typeof studyQuestion>;

export interface CurvePoint {
  patients: number;
  score: number;
  low: number;
  high: number;
}

export interface StudyPlan {
  question: StudyQuestion;
  /** Patients that it takes; null where nothing was asked. */
  accuracies: { patients: number; images: number } | null;
  area: { positives: number; negatives: number; what: 'difference' | 'half-width' }[];
  /** By how much more images it takes than if each were a patient of its own (Kish 1965). */
  designEffect: number;
  /** Null with fewer than four different numbers of patients, and where scores do not rise or do not bend. */
  curve: {
    /** Of scores that still rise steeply it may be above 1: where they level off is not to be told then. */
    ceiling: number;
    ceilingError: number;
    /** At the numbers given, and up to three times the largest; scores from 0 to 1, whatever the curve gives. */
    points: CurvePoint[];
    /** Training patients for the target; null from the ceiling on, and without a target. */
    needed: number | null;
    /** Whether that is more than three times the largest number given: further than the curve can be trusted. */
    farther: boolean;
  } | null;
}
