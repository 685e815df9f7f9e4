import type { Sample } from '../contract/dataset.ts';
import type { ProgressListener } from '../contract/progress.ts';
import type { ExplanationMethod } from '../contract/explanation.ts';
import type { Executor } from '../engine/index.ts';
import type { ImageSource } from '../training/index.ts';

/** An image, and the class that is to be explained in it. */
export interface Target {
  sample: Pick<Sample, 'cacheIndex'>;
  classIndex: number;
}

/** What of an image speaks for a class: at least 0, on a grid over all that the network was shown, in no particular unit. */
export interface ActivationMap {
  rows: number;
  columns: number;
  values: Float32Array;
}

export interface MapRequest {
  method: ExplanationMethod;
  /** Default: the last of the backbone whose features have a place in the image. Nothing for occlusion. */
  layer?: string | null;
  /** Of occlusion: side of the patch and step, in pixels. Default an eighth of the image's smaller side, and half of that. */
  patch?: number;
  stride?: number;
}

export interface MapContext {
  executor: Executor;
  images: ImageSource;
  signal?: AbortSignal;
  onProgress?: ProgressListener;
}
