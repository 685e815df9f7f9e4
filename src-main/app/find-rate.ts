import { join } from 'node:path';
import type { RateSweep } from '../contract/rate-finder.ts';
import type { RateTask } from '../jobs/rate-worker.ts';
import { runInWorker } from '../jobs/run-in-worker.ts';
import { withChosenAugmentation } from './choose-augmentation.ts';
import { chooseSplit } from './choose-split.ts';
import type { Session } from './session.ts';
import { configOf, prepare, preprocessingFor, type Reporting, type TrainOptions } from './train-model.ts';

/**
 * Tries learning rates for a plan on its training images. No run is made, no weight kept, and neither validation nor test images are
 * looked at.
 *
 * @throws GraftError what `trainModel` throws before it trains
 */
export async function findLearningRate(
  session: Session,
  options: TrainOptions = {},
  reporting: Reporting = {},
): Promise<RateSweep> {
  const { project, jobs } = session;
  const wished = configOf(project, options.settings ?? {});
  const split = chooseSplit(session, options.split ?? {});
  const { config } = withChosenAugmentation(session, wished, split);
  const preprocessing = preprocessingFor(session, config, options.preprocessing ?? {});
  const dataset = await prepare(session, split, preprocessing, reporting);
  return jobs.run(
    { kind: 'inspect', title: 'Trying learning rates', ...reporting },
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
}
