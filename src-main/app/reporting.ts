import type { EpochMetrics } from '../contract/training.ts';
import type { JobOptions } from '../jobs/job-runner.ts';
import type { PauseSwitch } from '../platform/pause-switch.ts';

export type Reporting = Pick<JobOptions, 'signal' | 'onProgress'>;

/** What a training tells besides, and how it is held. */
export interface TrainReporting extends Reporting {
  pause?: PauseSwitch;
  onEpoch?: (runId: number, metrics: EpochMetrics) => void;
}
