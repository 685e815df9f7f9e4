import type { Dataset, Sample } from '../contract/dataset.ts';

/** What training has to know of a dataset. */
export type TrainingDataset = Pick<Dataset, 'classes' | 'multiLabel' | 'train' | 'validation' | 'pool'>;

/** Preprocessed images by cache index: float32 in [0, 1], `[height, width, channels]`. */
export interface ImageSource {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  /** Changes when the images or their preprocessing do: outputs of frozen networks are kept under it. */
  readonly checksum: string;
  /** Writes one image, `height × width × channels` values, to `into` from `offset`. */
  read(cacheIndex: number, into: Float32Array, offset: number): void;
  /** The same where an image is another one in each version that is drawn of it, before it is augmented. Default: `read`. */
  readVersion?(cacheIndex: number, version: number, into: Float32Array, offset: number): void;
}

/** What names an image from run to run, for the random streams of its augmentation. */
export const sampleKey = ({ sopInstanceUID, instanceId, frameIndex }: Sample): string =>
  `${sopInstanceUID ?? instanceId}/${frameIndex}`;
