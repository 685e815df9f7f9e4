import type { Sample } from '../contract/dataset.ts';
import type { AugmentationConfig } from '../contract/augmentation.ts';
import { type Executor, type HashOf, type Parameters, sizeOf } from '../engine/index.ts';
import type { ProgressMeter } from '../platform/progress-meter.ts';
import { RandomStream } from '../platform/random.ts';
import { augments } from './augment.ts';
import type { ImageSource } from './data.ts';
import { FeatureCache, type FeatureFile } from './feature-cache.ts';
import { type CutNetwork, suffixInputShape } from './programs.ts';
import { VersionImages, type Wanted } from './version-images.ts';

/** Gives a phase the inputs of its images: features from the cache, or the images themselves, augmented. */
export interface PhaseInputs {
  /**
   * Writes what the suffix sees of a batch of training images.
   *
   * @param next the batches that follow, which may be made meanwhile: the same objects that will be asked for
   */
  readTraining(batch: TrainingBatch, into: Float32Array, next?: readonly TrainingBatch[]): Promise<void>;
  readValidation(index: number, into: Float32Array, offset: number): void;
  account: { bytes: number; seconds: number };
  close(): Promise<void>;
}

/** Training images by their place in the list, as an epoch (from 1) sees them. */
export interface TrainingBatch {
  indexes: readonly number[];
  epoch: number;
}

export interface PhaseInputsOptions {
  executor: Executor;
  network: CutNetwork;
  parameters: Parameters;
  images: ImageSource;
  augmentation: AugmentationConfig;
  seed: number;
  cacheFolder: string;
  train: readonly Sample[];
  validation: readonly Sample[];
  /** All images of a cross-validation, those of this fold among them: features are computed and kept for the whole list. */
  pool?: readonly Sample[];
  signal?: AbortSignal;
  gate?: () => Promise<void>;
  /** See RunContext. */
  hashOf?: HashOf;
  /** Threads that draw augmented images ahead; 0: none. Default by the cores. */
  workers?: number;
  /**
   * A cut that a later phase needs anyway, before this one: its features are computed first, and those of this phase
   * from them, so that the layers below run once for both.
   */
  baseCut?: string | null;
}

/** How many versions of each training image a phase behind a cut has. */
export const versionsOf = (augmentation: AugmentationConfig): number =>
  augments(augmentation) ? augmentation.variants : 1;

/** Opens the inputs of a phase; behind a cut this computes what the cache does not hold yet. */
export async function openPhaseInputs(
  options: PhaseInputsOptions,
  meter?: ProgressMeter,
): Promise<PhaseInputs> {
  return options.network.cut === null ? imageInputs(options) : featureInputs(options, meter);
}

function imageInputs(options: PhaseInputsOptions): PhaseInputs {
  const { images, train, validation } = options;
  const versions = new VersionImages(options);
  const wanted = new WeakMap<TrainingBatch, Wanted>();
  const wantedOf = (batch: TrainingBatch): Wanted => {
    const known = wanted.get(batch) ?? {
      samples: batch.indexes.map((index) => train[index]),
      version: batch.epoch,
    };
    wanted.set(batch, known);
    return known;
  };
  return {
    readTraining: (batch, into, next = []) => versions.read(wantedOf(batch), into, next.map(wantedOf)),
    readValidation: (index, into, offset) => images.read(validation[index].cacheIndex, into, offset),
    account: { bytes: 0, seconds: 0 },
    close: () => versions.close(),
  };
}

/** Above this many bytes for all files of a phase, features are kept in half precision. */
const HALF_ABOVE = 2 * 2 ** 30;

async function featureInputs(options: PhaseInputsOptions, meter?: ProgressMeter): Promise<PhaseInputs> {
  const { train, validation, pool, augmentation, seed, cacheFolder: folder } = options;
  const versions = versionsOf(augmentation);
  const dtypeAt = (cut: string | null): 'float16' | 'float32' => {
    const size = sizeOf(suffixInputShape({ ...options.network, cut }));
    const images = pool ? pool.length * versions : train.length * versions + validation.length;
    return 4 * size * images > HALF_ABOVE ? 'float16' : 'float32';
  };
  const { baseCut = null, network } = options;
  const base =
    baseCut === null
      ? undefined
      : new FeatureCache({
          ...options,
          network: { ...network, cut: baseCut },
          folder,
          dtype: dtypeAt(baseCut),
          memory: 0,
        });
  const cache = new FeatureCache({
    ...options,
    folder,
    dtype: dtypeAt(network.cut),
    ...(base ? { base } : {}),
  });
  const files: FeatureFile[] = [];
  try {
    for (let version = 0; version < versions; version++)
      files.push(await cache.features(pool ?? train, version, meter));
    const separate = !pool && validation.length > 0;
    const kept = separate ? await cache.features(validation, 0, meter) : files[0];
    const placeOf = placesIn(pool);
    let drawn = { epoch: 0, versions: new Uint8Array(0) as Uint8Array };
    return {
      readTraining: async ({ indexes, epoch }, into) => {
        if (drawn.epoch !== epoch)
          drawn = { epoch, versions: drawVersions(seed, epoch, train.length, versions) };
        indexes.forEach((index, at) => {
          const file = files[drawn.versions[index]];
          file.read(placeOf(train, index), into, at * file.size);
        });
      },
      readValidation: (index, into, offset) => kept.read(placeOf(validation, index), into, offset),
      // The base's files are counted by the phase that reads them.
      account: cache.account,
      close: async () => {
        for (const file of files) file.close();
        if (separate) kept.close();
      },
    };
  } catch (error) {
    for (const file of files) file.close();
    throw error;
  } finally {
    await cache.dispose();
  }
}

/** Where the features of an image of a list are: at its own place, or at that which it has in the pool. */
function placesIn(pool: readonly Sample[] | undefined): (list: readonly Sample[], index: number) => number {
  if (!pool) return (_, index) => index;
  const places = new Map(pool.map(({ cacheIndex }, place) => [cacheIndex, place]));
  return (list, index) => places.get(list[index].cacheIndex)!;
}

/** Which version of each training image an epoch sees. */
function drawVersions(seed: number, epoch: number, count: number, versions: number): Uint8Array {
  const stream = new RandomStream(seed, 'version', epoch);
  return Uint8Array.from({ length: count }, () => stream.integer(versions));
}
