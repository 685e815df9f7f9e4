import { z } from 'zod';
import { call, type CallTable } from '../call.ts';
import type { Job } from '../job.ts';

const id = z.int().positive();

/** Long operations, whichever screen started them. */
export const jobCalls = {
  /** Unfinished ones and the latest finished ones, the newest first. */
  'jobs.list': call(z.object({ limit: z.int().min(1).max(500).default(50) })).returns<Job[]>(),
  /** Takes effect at once for a job that waits, within a second for one that runs. */
  'jobs.cancel': call(z.object({ id })).returns<null>(),
} satisfies CallTable;
