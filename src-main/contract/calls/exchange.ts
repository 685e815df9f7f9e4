import { z } from 'zod';
import type { AuditTrail } from '../audit.ts';
import { call, type CallTable } from '../call.ts';
import type { Job } from '../job.ts';

/** What leaves a training for other systems: a model of TensorFlow.js, a folder for inference, DICOM documents, a study capsule. */
export const departures = ['tfjs', 'folder', 'graft', 'dicom', 'capsule'] as const;
export type Departure = (typeof departures)[number];

/** The result of such a job. */
export interface Departed {
  departure: Departure;
  comparisonId: number;
  /** Absolute path of the file or folder. */
  place: string;
  /** What it came to, in one sentence. */
  sentence: string;
}

export const exchangeCalls = {
  /** The job's result is a `Departed`. */
  'exchange.export': call(
    z.object({
      comparisonId: z.int().positive(),
      departure: z.enum(departures),
      /** Of DICOM: whether documents say who the patients are, and whether a heatmap goes with each image. */
      identified: z.boolean().default(true),
      heatmaps: z.boolean().default(false),
    }),
  ).returns<Job>(),
  /** What was done in the project, the newest first, and whether that record is whole. */
  'exchange.audit': call(z.object({ most: z.int().min(1).max(1000) })).returns<AuditTrail>(),
} satisfies CallTable;
