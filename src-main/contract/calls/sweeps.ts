import { z } from 'zod';
import { call, type CallTable } from '../call.ts';
import type { Job } from '../job.ts';
import { learningCurveSchema, type LearningCurveReport } from '../learning-curve.ts';
import { sweepSchema, type SweepReport } from '../sweep.ts';
import { planSchema, type Plan } from './plans.ts';

const id = z.int().positive();

export const sweepCalls = {
  /** Searches for a better plan, as one job. */
  'sweeps.start': call(z.object({ plan: planSchema, sweep: sweepSchema })).returns<Job>(),
  /** The newest first. */
  'sweeps.list': call(z.null()).returns<SweepReport[]>(),
  'sweeps.resume': call(z.object({ sweepId: id })).returns<Job>(),
  /** Makes the plan of a trial the plan of the project, and gives it. */
  'sweeps.usePlan': call(z.object({ sweepId: id, trial: id })).returns<Plan>(),
  /** Trains the points of a learning curve with a training's own plan and split, as one job: a sweep that can be resumed. */
  'sweeps.learningCurve': call(z.object({ comparisonId: id, design: learningCurveSchema })).returns<Job>(),
  /** As they stand, the newest first. */
  'sweeps.learningCurves': call(z.null()).returns<LearningCurveReport[]>(),
  /** Deletes a sweep with its trials. */
  'sweeps.delete': call(z.object({ sweepId: id })).returns<null>(),
} satisfies CallTable;
