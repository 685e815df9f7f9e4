import type { TrainingConfig } from '../contract/training.ts';
import type { ExecutorOptions } from '../engine/index.ts';

/** The engine that a run was configured for. */
export const executorOptions = ({
  engine,
  threads,
}: Pick<TrainingConfig, 'engine' | 'threads'>): ExecutorOptions => ({
  engine,
  ...(threads === null ? {} : { threads }),
});
