import type { TrainingConfig } from '../contract/training.ts';
import type { Model } from '../models/index.ts';
import type { Companion } from './companion.ts';
import type { ImageSource, TrainingDataset } from './data.ts';
import type { RunPaths } from './run-context.ts';

export interface TrainingTask {
  config: TrainingConfig;
  dataset: TrainingDataset;
  images: ImageSource;
  paths: RunPaths;
  /** Go on from the run's checkpoint when it has one. Default: start anew. */
  resume?: boolean;
  /**
   * Holds after so many epochs of the plan. What is told is what there is by then; resumed, the training goes on and ends as if it had not
   * been held. Default: to the end.
   */
  until?: number;
  /**
   * Least time between two checkpoints, in milliseconds: where epochs take less than writing one does. What a resumed training finds may
   * then lie some epochs back. Default 0: one after every epoch.
   */
  checkpointEveryMs?: number;
  /** Whether the trained model is saved. Default true. */
  keepModel?: boolean;
  /** Starts from this very model, its head included; its weights move. Default: what the configuration says, with a new head. */
  model?: Model;
  /** Images without labels that are learned from as well. */
  companion?: Companion;
  /** Folder of a saved model whose network gets drawn weights, where `initial` is `random`. Default: the network of the library. */
  networkFrom?: string;
}
