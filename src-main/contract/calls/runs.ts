import { z } from 'zod';
import { call, type CallTable } from '../call.ts';
import { preprocessingSpec, splitOptions } from '../dataset.ts';
import type { RunFinding } from '../diagnosis.ts';
import type { Job } from '../job.ts';
import { approaches, type Run } from '../run.ts';
import { trainingConfigSchema, type EpochMetrics } from '../training.ts';

const id = z.int().positive();

/** One run of a comparison, as lists show it. */
export interface RunSummaryRow {
  run: Run;
  epochs: EpochMetrics[];
  /** Epoch whose weights count, its validation values; null before the first epoch or without validation. */
  best: EpochMetrics | null;
  evaluatedOn: string[];
  /** What the epochs show, the most important first; empty without any. */
  findings: RunFinding[];
}

/** Trainings on one split that are set beside one another. */
export interface ComparisonSummary {
  id: number;
  /** As a person calls it, or "Training 3". */
  name: string;
  createdAt: string;
  splitId: number;
  classes: string[];
  /** Whether an image may show any number of the classes. */
  multiLabel: boolean;
  /** What it starts from: the network, or the weights that were added. */
  modelTitle: string;
  runs: RunSummaryRow[];
  /** How often the test set of its split was opened. */
  testOpenings: number;
  /** What it differs in from the training before it, in words. */
  differences: string[];
}

export interface LogLine {
  at: string;
  text: string;
}

export const runCalls = {
  /** Trains a plan and what it is compared with, as one job. */
  'runs.start': call(
    z.object({
      settings: trainingConfigSchema.prefault({}),
      preprocessing: preprocessingSpec.partial().optional(),
      split: z.object({ splitId: id.optional(), options: splitOptions.optional() }).prefault({}),
      approaches: z.array(z.enum(approaches)).min(1).optional(),
      name: z.string().trim().max(120).default(''),
    }),
  ).returns<{ job: Job }>(),
  /** The newest first. */
  'runs.list': call(z.null()).returns<ComparisonSummary[]>(),
  /** Goes on with what is unfinished of a comparison, each run from its last checkpoint. */
  'runs.resume': call(z.object({ comparisonId: id })).returns<Job>(),
  /** Holds what trains between two batches, or lets it go on; null only asks. Returns whether it is held. */
  'runs.pause': call(z.object({ paused: z.boolean().nullable() })).returns<boolean>(),
  'runs.rename': call(z.object({ comparisonId: id, name: z.string().trim().max(120) })).returns<null>(),
  /** Deletes trainings with their models. That a held-out set was opened for them is kept. */
  'runs.delete': call(z.object({ comparisonId: id })).returns<null>(),
  'runs.log': call(z.object({ comparisonId: id })).returns<LogLine[]>(),
} satisfies CallTable;
