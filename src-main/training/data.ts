/** One image of a dataset: where it lies in the tensor cache, what it shows, whose it is. */
export interface TrainingSample {
  cacheIndex: number;
  label: number;
  /** Same for every image of a patient. */
  patientKey: string;
  /** SOP Instance UID, or what stands for it: stable from run to run. */
  instanceId: string;
}

/** What training has to know of a dataset. Labels are indexes into `classes`. */
export interface TrainingDataset {
  classes: readonly string[];
  train: readonly TrainingSample[];
  validation: readonly TrainingSample[];
}

/** Preprocessed images by cache index: float32 in [0, 1], `[height, width, channels]`. */
export interface ImageSource {
  height: number;
  width: number;
  channels: number;
  /** Changes when an image or its preprocessing does. */
  checksum: string;
  /** Writes one image, `height × width × channels` values, to `into` from `offset`. */
  read(cacheIndex: number, into: Float32Array, offset: number): void;
}
