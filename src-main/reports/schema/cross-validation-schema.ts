import { z } from 'zod';
import { setAnalysis } from './analysis-schema.ts';
import { evaluationTable } from './evaluation-schema.ts';
import { approach, nullableNumber } from './parts.ts';

const side = z.object({ patients: z.int(), images: z.int() });
const heldOut = z.array(z.object({ splitId: z.int(), setName: z.string(), patients: z.int() }));

/** Every patient judged once by models that have not seen them: src-main/contract/report-cross-validation.ts. */
export const crossValidation = z.object({
  id: z.int(),
  finishedAt: z.string(),
  modelName: z.string(),
  classes: z.array(z.string()),
  multiLabel: z.boolean(),
  seed: z.int(),
  nested: z
    .object({
      strategy: z.string(),
      trials: z.int(),
      folds: z.int().nullable(),
      fields: z.array(z.string()),
    })
    .nullable()
    .describe('How each fold was tuned on what it learned from; null: the plan was the same in all.'),
  dealt: side.extend({
    copies: z.int(),
    locked: heldOut.describe('Kept for a test, and left out.'),
    opened: heldOut.describe('Kept for a test, and dealt: counted as opened.'),
    seen: side
      .optional()
      .describe('Whom the model that the plan starts from had seen without labels; left out: nobody.'),
  }),
  folds: z.array(
    z.object({
      fold: z.int(),
      splitHash: z.string(),
      learned: side,
      validation: side,
      judged: side.extend({ classes: z.array(z.int()) }),
      chosen: z
        .object({ trial: z.int(), plan: z.string(), objective: z.string(), value: nullableNumber })
        .nullable(),
      metrics: z.array(z.object({ approach, metrics: z.record(z.string(), nullableNumber) })),
    }),
  ),
  spread: z.array(
    z.object({
      approach,
      metric: z.string(),
      folds: z.int(),
      mean: nullableNumber,
      standardDeviation: nullableNumber,
      lowest: nullableNumber,
      highest: nullableNumber,
    }),
  ),
  differences: z.array(
    z.object({
      first: approach,
      second: approach,
      metric: z.string(),
      folds: z.int(),
      mean: z.number(),
      low: nullableNumber,
      high: nullableNumber,
      pValue: nullableNumber.describe('Corrected resampled t-test (Nadeau and Bengio 2003).'),
    }),
  ),
  pooled: evaluationTable,
  analysis: setAnalysis,
  notes: z.array(z.string()),
});
