import { z } from 'zod';

/** Pieces that the schema of a report repeats. */
export const count = z.object({ name: z.string(), count: z.int().describe('How many.') });
export const nullableNumber = z.number().nullable();
export const estimate = z
  .object({
    value: nullableNumber,
    low: nullableNumber,
    high: nullableNumber,
    method: z.enum(['bca', 'percentile', 'delong', 'wilson']).optional(),
    withheld: z.enum(['too-few-patients', 'no-variation']).optional(),
  })
  .describe('A value with its 95 % interval; null where it is not defined.');
export const range = z.object({ low: z.number(), high: z.number() });
export const point = z.tuple([z.number(), z.number()]);
export const calibrationBin = z.object({ confidence: z.number(), accuracy: z.number(), count: z.int() });
/** `fine-tuned`, `scratch`, `probe`, `majority`, and what later versions add. */
export const approach = z.string();
export const estimates = z.record(z.string(), estimate);
