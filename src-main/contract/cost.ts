/** What the last phase of a training took on this machine, measured on batches of drawn images: speed does not depend on what they show. */
export interface PhaseCost {
  /** One image through the frozen layers below the first that learns, once for each version of it; 0 where there are none. */
  frozenSeconds: number;
  /** One training step: forward, backward and update of a batch. */
  stepSeconds: number;
  /** One validation image through what is behind the frozen layers. */
  judgeSeconds: number;
}

/** What a network costs on this machine, at one size of images, one batch and one choice of what learns. */
export interface MeasuredCost {
  /** With the whole backbone frozen; null for random weights, which are never frozen. */
  headOnly: PhaseCost | null;
  /** As the plan says, in its last phase, in which most learns. */
  planned: PhaseCost;
  /** The largest resident memory of the process that measured, in bytes: about what a training's own will have. */
  memoryBytes: number;
  /** Images a step. */
  batch: number;
  height: number;
  width: number;
  /** ISO 8601, UTC. */
  measuredAt: string;
}

/** What a training takes on images of a certain number; decoding and augmentation are not in it. */
export interface TrainingCost {
  /** Features of frozen layers, before the first epoch. */
  onceSeconds: number;
  /** Training and validation. */
  epochSeconds: number;
}

/** What a model would cost on the images at hand: an estimate from what was measured. */
export interface ModelCost extends Pick<
  MeasuredCost,
  'memoryBytes' | 'batch' | 'height' | 'width' | 'measuredAt'
> {
  headOnly: TrainingCost | null;
  planned: TrainingCost;
  /** Training images that it was reckoned for. */
  images: number;
}
