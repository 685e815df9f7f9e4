import { resolveAugmentation } from '../contract/augmentation.ts';
import type { Sample } from '../contract/dataset.ts';
import type { ProgressListener } from '../contract/progress.ts';
import type { TrainingConfig } from '../contract/training.ts';
import { ProgressMeter } from '../platform/progress-meter.ts';
import { openPhaseInputs, type PhaseInputs, type PhaseInputsOptions, versionsOf } from './batches.ts';
import type { Companion } from './companion.ts';
import type { ImageSource, TrainingDataset } from './data.ts';
import type { RunPaths } from './run-context.ts';

/** The images of a training. */
export interface InputsOfTask {
  config: TrainingConfig;
  dataset: TrainingDataset;
  images: ImageSource;
  paths: RunPaths;
  companion?: Companion;
}

/** What a phase sees: its own images, and those of a companion. */
export interface OpenInputs {
  own: PhaseInputs;
  others: PhaseInputs | null;
  account: PhaseInputs['account'];
  close(): Promise<void>;
}

/** Opens the inputs of a phase for all images of a training; behind a cut this computes what the cache does not hold yet. */
export async function openInputs(
  { config, dataset, images, paths, companion }: InputsOfTask,
  phase: Pick<
    PhaseInputsOptions,
    'executor' | 'network' | 'parameters' | 'baseCut' | 'hashOf' | 'signal' | 'gate'
  >,
  onProgress: ProgressListener | undefined,
): Promise<OpenInputs> {
  const { train, validation, pool } = dataset;
  const augmentation = resolveAugmentation(config.augmentation);
  const versions = versionsOf(augmentation);
  const labelled = pool ? pool.length * versions : train.length * versions + validation.length;
  const passes = labelled + (companion ? companion.samples.length * (versions + 1) : 0);
  const total = (phase.baseCut ?? null) === null ? passes : 2 * passes;
  const meter = new ProgressMeter('Computing features of frozen layers', 'images', total, onProgress);
  const common = {
    ...phase,
    images,
    augmentation,
    seed: config.seed,
    cacheFolder: paths.cacheFolder,
    ...(config.workers === null ? {} : { workers: config.workers }),
  };
  const plain = (samples: readonly Sample[]): Promise<PhaseInputs> =>
    openPhaseInputs({ ...common, train: samples, validation: samples }, meter);
  const own = await openPhaseInputs({ ...common, train, validation, ...(pool ? { pool } : {}) }, meter);
  const others = companion
    ? await plain(companion.samples).catch(async (error: unknown) => {
        await own.close();
        throw error;
      })
    : null;
  return {
    own,
    others,
    account: {
      bytes: own.account.bytes + (others?.account.bytes ?? 0),
      seconds: own.account.seconds + (others?.account.seconds ?? 0),
    },
    close: async () => {
      await own.close();
      await others?.close();
    },
  };
}
