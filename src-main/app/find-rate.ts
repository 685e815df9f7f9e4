import { extname, join } from 'node:path';
import { type PreprocessingInput, preprocessingSpec } from '../contract/dataset.ts';
import type { PlanRates, RateSweep, StoredRateSweep } from '../contract/rate-finder.ts';
import type { TrainingConfig } from '../contract/training.ts';
import type { RateTask } from '../jobs/rate-worker.ts';
import { runInWorker } from '../jobs/run-in-worker.ts';
import { toCsv } from '../platform/csv.ts';
import { sha256, writeFileAtomic } from '../platform/files.ts';
import type { ReadableDatabase } from '../store/index.ts';
import { lastRateSweep, lastSweepOfOthers, saveRateSweep } from '../store/rate-sweeps.ts';
import { withChosenAugmentation } from './choose-augmentation.ts';
import { chooseSplit } from './choose-split.ts';
import type { Session } from './session.ts';
import type { Reporting } from './reporting.ts';
import { configOf, prepare, preprocessingFor, type TrainOptions } from './train-model.ts';

/**
 * Tries learning rates for a plan on its training images. No run is made, no weight kept, and neither validation nor test images are
 * looked at. The curve is kept, under the fingerprint of the plan.
 *
 * @throws GraftError what `trainModel` throws before it trains
 */
export async function findLearningRate(
  session: Session,
  options: TrainOptions = {},
  reporting: Reporting = {},
): Promise<StoredRateSweep> {
  const { project, jobs } = session;
  const wished = configOf(project, options.settings ?? {});
  const split = chooseSplit(session, options.split ?? {});
  const { config } = withChosenAugmentation(session, wished, split);
  const preprocessing = preprocessingFor(session, config, options.preprocessing ?? {});
  const dataset = await prepare(session, split, preprocessing, reporting);
  const sweep = await jobs.run(
    { kind: 'rate', title: 'Trying learning rates', ...reporting },
    ({ signal, onProgress }) =>
      runInWorker<RateTask, never, RateSweep>(
        new URL('../jobs/rate-worker.ts', import.meta.url),
        {
          config,
          dataset,
          paths: { runFolder: project.paths.cache, cacheFolder: join(project.paths.cache, 'features') },
        },
        { what: 'The search for a learning rate', signal, onProgress },
      ),
  );
  return saveRateSweep(project.db, rateFingerprint(wished, preprocessing, split.hash), sweep);
}

/** What was found out about rates for a plan, and whether others were tried. */
export function ratesOf(db: ReadableDatabase, fingerprint: string): PlanRates {
  return { own: lastRateSweep(db, fingerprint), otherAt: lastSweepOfOthers(db, fingerprint) };
}

/** What decides rates themselves, how long they last, what comes after training, or how fast it is: no curve depends on it. */
const APART: ReadonlySet<string> = new Set<keyof TrainingConfig>([
  ...(['learningRate', 'headLearningRate', 'epochs', 'headEpochs', 'schedule', 'step', 'plateau'] as const),
  ...(['warmup', 'earlyStopping', 'testVersions', 'ema', 'accumulate', 'threads'] as const),
]);

/** SHA-256 of all that a curve depends on. */
export function rateFingerprint(
  config: TrainingConfig,
  preprocessing: PreprocessingInput,
  splitHash: string,
): string {
  // Stages that join by epoch: which learn in the last phase depends on when it ends.
  const decisive = Object.entries(config).filter(
    ([name]) => !APART.has(name) || (name === 'epochs' && config.unfreeze !== null),
  );
  return sha256(JSON.stringify([decisive, preprocessingSpec.parse(preprocessing), splitHash]));
}

/** Writes a curve as a CSV table (rate, loss, smoothed), or with all that belongs to it to a file that ends in .json. */
export function writeCurve(path: string, stored: StoredRateSweep): void {
  if (extname(path).toLowerCase() === '.json')
    return writeFileAtomic(path, `${JSON.stringify(stored, null, 2)}\n`);
  const rows = stored.sweep.points.map(({ rate, loss, smoothed }) => [rate, loss, smoothed].map(String));
  writeFileAtomic(path, toCsv([['rate', 'loss', 'smoothed'], ...rows]));
}
