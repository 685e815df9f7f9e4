import type { EpochMetrics, TrainingConfig } from '../contract/training.ts';
import type { ProgressListener } from '../contract/progress.ts';
import type { Executor, HashOf } from '../engine/index.ts';
import type { Model } from '../models/index.ts';
import type { DropoutDraws } from './dropout-draws.ts';

/** Where a run keeps its things. */
export interface RunPaths {
  /** Checkpoint and trained model of this run. */
  runFolder: string;
  /** Outputs of frozen networks, shared between runs; may be deleted at any time no run is using it. */
  cacheFolder: string;
}

/** Who is told what while a run works, and with what it works. */
export interface RunContext {
  /** Default: opened from the configuration, and closed again at the end. */
  executor?: Executor;
  /** When the features of frozen layers are there, where there are any, before the first step of a phase. */
  onReady?: () => void;
  /** After each epoch, when its checkpoint is on disk. Epochs that a resumed run finds done are told again. */
  onEpoch?: (metrics: EpochMetrics) => void;
  onProgress?: ProgressListener;
  /** Cancels between two steps; what the last checkpoint holds stays. */
  signal?: AbortSignal;
  /** Awaited between two steps: whoever pauses the run holds it here, with everything in memory. */
  gate?: () => Promise<void>;
  /** Where the backbone's weights come from: whoever trains again and again keeps them. Default: read from the disk. */
  sourceOf?: (config: TrainingConfig) => Model | undefined;
  /** How weights are hashed: whoever trains again and again from the same ones need not do it each time. Default: `Parameters.hash`. */
  hashOf?: HashOf;
  /** Random numbers of trainings before: whoever trains again and again with the same seed need not draw them each time. Default: drawn. */
  draws?: DropoutDraws;
}
