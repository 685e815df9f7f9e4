import { z } from 'zod';
import { approach, calibrationBin, estimate, estimates, nullableNumber, point } from './parts.ts';

const counts = z.object({
  threshold: z.number(),
  hits: z.int(),
  misses: z.int(),
  alarms: z.int(),
  rejections: z.int(),
  precision: z.number(),
  recall: z.number(),
  specificity: z.number(),
  f1: z.number(),
});

const model = z.object({
  name: z.string(),
  approach,
  images: z.int(),
  patients: z.int(),
  metrics: estimates,
  further: estimates.optional(),
  averages: z.record(z.string(), estimates).optional(),
  perClass: z.array(
    z.object({
      class: z.string(),
      precision: z.number(),
      recall: z.number(),
      specificity: z.number(),
      f1: z.number(),
      auc: nullableNumber,
      support: z.int(),
      estimates: estimates.optional(),
    }),
  ),
  confusion: z.array(z.array(z.int())).describe('Rows: true class; columns: predicted class.'),
  roc: z.array(z.object({ class: z.string(), points: z.array(point) })),
  precisionRecall: z
    .array(z.object({ class: z.string(), points: z.array(point), prevalence: z.number() }))
    .optional(),
  calibration: z.object({
    expectedCalibrationError: z.number(),
    brier: z.number(),
    logLoss: z.number(),
    bins: z.array(calibrationBin),
  }),
  findings: z
    .object({
      metrics: estimates,
      perFinding: z.array(
        z.object({
          finding: z.string(),
          present: z.int(),
          absent: z.int(),
          auc: estimate,
          averagePrecision: estimate,
          half: counts,
          estimates: estimates.describe('Precision, recall, specificity and F1 at 0.5.'),
          youden: counts.nullable(),
          precisionRecall: z.array(point),
        }),
      ),
    })
    .optional(),
});

/** Several models on the same images. */
export const evaluationTable = z.object({
  classes: z.array(z.string()),
  multiLabel: z.boolean().optional(),
  models: z.array(model),
  differences: z.array(
    z.object({ first: z.string(), second: z.string(), metric: z.string(), difference: estimate }),
  ),
  bootstrap: z.object({ replicates: z.int(), seed: z.int(), lackingAClass: z.int() }),
});
