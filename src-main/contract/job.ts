import type { ErrorRecord } from './errors.ts';
import type { Progress } from './progress.ts';

/** What a long operation can be. */
export type JobKind =
  | 'import'
  | 'prepare'
  | 'pretrain'
  | 'train'
  | 'adapt'
  | 'sweep'
  | 'cross-validate'
  | 'evaluate'
  | 'report'
  | 'export'
  | 'demo'
  | 'sample'
  | 'inspect'
  | 'rank'
  | 'rate'
  | 'explain'
  | 'check';

/**
 * Where a job stands. `interrupted` is one whose process ended without a word: killed, crashed, or the power went.
 * A job that is `done`, `failed`, `cancelled` or `interrupted` stays so; going on makes a new job.
 */
export type JobState = 'queued' | 'running' | 'done' | 'failed' | 'cancelled' | 'interrupted';

export interface Job {
  id: number;
  kind: JobKind;
  /** In words for people: "Import of /data/brain-mri". */
  title: string;
  state: JobState;
  /** ISO 8601, UTC. */
  createdAt: string;
  startedAt: string | null;
  finishedAt: string | null;
  /** The last report before now or the end. */
  progress: Progress | null;
  error: ErrorRecord | null;
  /** What it came to, as plain data whose shape goes with the kind; null where nothing was kept. */
  result: unknown;
}
