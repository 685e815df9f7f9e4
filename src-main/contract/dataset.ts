import { z } from 'zod';
import { instanceFilter } from './instances.ts';

/**
 * How stored values become [0, 1] (0 black). `voi`: the file's own VOI LUT or window, else its whole range. `window`:
 * one window for all, in modality units (Hounsfield for CT). `percentile`: between two percentiles of each image.
 * `full-range`: between the smallest and the largest value of each image.
 */
export const intensity = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('voi') }),
  z.object({ kind: z.literal('window'), center: z.number(), width: z.number().positive() }),
  z
    .object({
      kind: z.literal('percentile'),
      low: z.number().min(0).max(100).default(0.5),
      high: z.number().min(0).max(100).default(99.5),
    })
    .refine(({ low, high }) => low < high, 'the low percentile must be below the high one'),
  z.object({ kind: z.literal('full-range') }),
]);

/** What is done to an image before a network sees it. */
export const preprocessingSpec = z.object({
  /** Pixels. */
  height: z.int().min(1).max(8192),
  width: z.int().min(1).max(8192),
  /** What the network is fed: grey is repeated for 3, colour becomes luma (Rec. 601) for 1. */
  channels: z.union([z.literal(1), z.literal(3)]).default(3),
  intensity: intensity.default({ kind: 'voi' }),
  /**
   * `letterbox` keeps the aspect and fills up with black, `stretch` does not keep it, `crop` keeps it and cuts off what
   * is over on both sides. Averages over areas when shrinking, bilinear when enlarging. Aspect is physical: where a
   * file's rows and columns are spaced differently, that counts.
   */
  resize: z.enum(['letterbox', 'stretch', 'crop']).default('letterbox'),
  /** Of files with several frames: the one in the middle, or each as an image of its own. */
  frames: z.enum(['middle', 'all']).default('middle'),
});

export type Intensity = z.output<typeof intensity>;
export type Preprocessing = z.output<typeof preprocessingSpec>;
/** As a person gives it: everything but height and width may be left out. */
export type PreprocessingInput = z.input<typeof preprocessingSpec>;

export const splitRoles = ['train', 'validation', 'test'] as const;
export type SplitRole = (typeof splitRoles)[number];

/** How patients are dealt to train, validation and test. */
export const splitOptions = z.object({
  seed: z.int().default(0),
  /** Shares of the patients of each class; they must add up to 1. Without validation or test: 0. */
  fractions: z
    .object({
      train: z.number().gt(0).lte(1),
      validation: z.number().gte(0).lt(1),
      test: z.number().gte(0).lt(1),
    })
    .refine((f) => Math.abs(f.train + f.validation + f.test - 1) < 1e-6, 'fractions must add up to 1')
    .default({ train: 0.7, validation: 0.15, test: 0.15 }),
  /** Only these images take part; default all that have a label. */
  filter: instanceFilter.optional(),
  /**
   * Use the places that the labels name (their `split` column). Where they name no validation, it is dealt out of
   * train, validation ÷ (train + validation) of its patients.
   */
  predefined: z.boolean().default(false),
  /** Images kept apart for evaluation alone, e.g. `{ 'hospital-b': { source: 'hospital-b' } }`. */
  evaluationSets: z.record(z.string(), instanceFilter).default({}),
  /** Default the label set made last. */
  labelSetId: z.int().optional(),
});

export type SplitOptions = z.output<typeof splitOptions>;
export type SplitOptionsInput = z.input<typeof splitOptions>;

/** A stored split. */
export interface Split {
  id: number;
  labelSetId: number;
  /** Class names by label index; of a multi-label split the findings. */
  classes: string[];
  /** Whether an image may have any number of the classes. Default false. */
  multiLabel?: boolean;
  options: SplitOptions;
  /** SHA-256 over every member's identity, role and class in canonical order: equal for equal splits, in any project. */
  hash: string;
  createdAt: string;
  /** By role or evaluation set: images, patients, and images of each class in class order; of a multi-label split also those with `none`. */
  counts: Record<string, { images: number; patients: number; classes: number[]; none?: number }>;
  /** Labelled images that take no part, counted by reason. */
  leftOut: Partial<Record<LeftOutReason, number>>;
}

/**
 * - `duplicate-sop-instance-uid`: another file carries the same UID and is used
 * - `no-predefined-split`: the labels name no place for it
 * - `patient-in-split`: in an evaluation set, and its patient is in train, validation or test
 * - `class-not-in-split`: in an evaluation set, and no training image is of its class
 * - `nothing-known`: nothing is known of any finding that the split has
 */
export type LeftOutReason =
  | 'duplicate-sop-instance-uid'
  | 'no-predefined-split'
  | 'patient-in-split'
  | 'class-not-in-split'
  | 'nothing-known';

/** Whether a finding is there: 1 yes, 0 no, null where nobody knows. */
export type Finding = 0 | 1 | null;

/** One image (one frame of one file) that a network is shown. */
export interface Sample {
  /** Record of the tensor cache. */
  cacheIndex: number;
  /** Index into `Dataset.classes`; −1 in a multi-label dataset. */
  label: number;
  /** In a multi-label dataset: one for each class, in order. */
  findings?: readonly Finding[];
  /** HMAC of the patient, for patient-level statistics. */
  patientKey: string;
  instanceId: number;
  /** From 0. */
  frameIndex: number;
  sopInstanceUID?: string;
  /** Value of the attribute asked for in `groupBy`, default the source's name: for subgroups and domains. */
  group?: string;
}

/**
 * - `duplicate-of-training`: in validation, test or an evaluation set, and a training image has the same pixels
 * - `duplicate-of-validation`: the same for an image that is in validation
 * - `duplicate-in-training`: a training image before it in canonical order has the same pixels
 */
export type ExclusionReason = 'duplicate-of-training' | 'duplicate-of-validation' | 'duplicate-in-training';

/** A sample kept out by default, with its tensor at hand, so that results can be given with and without it. */
export interface ExcludedSample {
  sample: Sample;
  /** Where it would be: train, validation, test or the name of an evaluation set. */
  role: string;
  reason: ExclusionReason;
  /** The instance with the same pixels. */
  duplicateOf: number;
}

/**
 * - `duplicates`: samples were excluded because their pixels occur elsewhere
 * - `conflicting-labels`: identical pixels carry different labels
 * - `not-decodable`: images could not be decoded and take no part
 * - `class-missing`: a role has no image of some class
 */
export interface DatasetWarning {
  kind: 'duplicates' | 'conflicting-labels' | 'not-decodable' | 'class-missing' | 'seen-without-labels';
  count: number;
  /** One sentence for people. */
  message: string;
  instanceIds: number[];
}

/** An image that could not be made into a tensor. */
export interface PreparationFailure {
  instanceId: number;
  frameIndex: number;
  /** A code of the decoder, e.g. `truncated`, `frame-wrong-size`, `worker-deadline`. */
  code: string;
  message: string;
}

/** Everything that training and evaluation need to know of the data; plain data, goes to worker processes. */
export interface Dataset {
  splitId: number;
  /** Class names by label index; in a multi-label dataset the findings. */
  classes: string[];
  /** Whether an image may have any number of the classes, none among them. Default false: exactly one. */
  multiLabel?: boolean;
  /** Absolute path of the tensor cache, for `TensorCacheReader.open`. */
  cachePath: string;
  height: number;
  width: number;
  channels: 1 | 3;
  train: Sample[];
  validation: Sample[];
  /** Of a fold: the images of all folds. Features of frozen layers are computed for these, so that folds share them. */
  pool?: Sample[];
  test: Sample[];
  /** Further sets for evaluation alone, by name, e.g. the second hospital. */
  evaluationSets: Record<string, Sample[]>;
  excluded: ExcludedSample[];
  failed: PreparationFailure[];
  warnings: DatasetWarning[];
  splitHash: string;
  preprocessing: Preprocessing;
}

/** What came of filling the tensor cache. */
export interface TensorCacheReport {
  /** Absolute path of the cache file. */
  path: string;
  /** Images asked for that are in the cache now. */
  images: number;
  /** Of these, made in this run. */
  prepared: number;
  failed: PreparationFailure[];
  seconds: number;
}
