import { z } from 'zod';
import { call, type CallTable } from '../call.ts';
import { crossValidationSchema, type CrossValidationReport } from '../cross-validation.ts';
import type { Job } from '../job.ts';
import { planSchema } from './plans.ts';

const id = z.int().positive();

export const crossValidationCalls = {
  /** Cross-validates a plan over the split that it names, else the one made last, as one job. */
  'crossValidations.start': call(
    z.object({ plan: planSchema, crossValidation: crossValidationSchema }),
  ).returns<Job>(),
  /** The newest first, without their results. */
  'crossValidations.list': call(z.null()).returns<CrossValidationReport[]>(),
  'crossValidations.show': call(z.object({ id })).returns<CrossValidationReport>(),
  'crossValidations.resume': call(z.object({ id })).returns<Job>(),
  /** Deletes one with its folds; openings of held-out sets keep counting. */
  'crossValidations.delete': call(z.object({ id })).returns<null>(),
} satisfies CallTable;
