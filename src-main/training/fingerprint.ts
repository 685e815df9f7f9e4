import type { Sample } from '../contract/dataset.ts';
import type { Model } from '../models/index.ts';
import { sha256 } from '../platform/files.ts';
import { answerOf } from './answers.ts';
import { sampleKey } from './data.ts';
import type { TrainingTask } from './training-task.ts';

/**
 * All that decides the course of a training, as one hash.
 *
 * @param weights hashes of all weights that it starts from
 */
export function fingerprint(
  { config, dataset, images, companion }: TrainingTask,
  { network }: Model,
  weights: readonly string[],
): string {
  const list = (samples: readonly Sample[]): unknown =>
    samples.map((sample) => [sampleKey(sample), sample.cacheIndex, answerOf(sample)]);
  return sha256(
    JSON.stringify([config, dataset.classes, list(dataset.train), list(dataset.validation)]),
    JSON.stringify([images.checksum, network]),
    ...(companion ? [JSON.stringify([companion.key, list(companion.samples)])] : []),
    ...weights,
  );
}
