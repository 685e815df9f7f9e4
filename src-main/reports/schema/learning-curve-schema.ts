import { z } from 'zod';
import { nullableNumber, range } from './parts.ts';

/** Scores by number of training patients, one plan on one split, judged by the same validation images. */
export const learningCurve = z.object({
  sweepId: z.int(),
  splitId: z.int(),
  state: z.string(),
  metric: z.string(),
  createdAt: z.string(),
  judgedBy: z.int().describe('Validation patients.'),
  done: z.int(),
  trainings: z.int(),
  points: z.array(
    z.object({
      share: z.number(),
      patients: z.int(),
      images: z.int(),
      scores: z.array(z.number()),
      mean: z.number(),
      range: range.nullable().describe('95 % interval of the mean, by Student’s t over the trainings.'),
    }),
  ),
  curve: z
    .object({
      ceiling: z.number(),
      ceilingError: z.number(),
      points: z.array(z.object({ patients: z.int(), score: z.number(), low: z.number(), high: z.number() })),
      needed: nullableNumber,
      farther: z.boolean(),
    })
    .nullable()
    .describe('An inverse power law through all scores (Figueroa et al. 2012).'),
});
