import { availableParallelism } from 'node:os';
import type { TrialTraining } from './trials-worker.ts';

/** Each lane is a process of its own, with a network of its own in memory. */
const MOST_LANES = 4;

type Training = Pick<TrialTraining, 'config' | 'group' | 'dataset' | 'threads'>;

/**
 * Deals trainings to lanes that run beside one another. Heads behind a frozen backbone are too small to keep more than one core busy, so
 * each gets one; trainings in which the backbone learns use all cores one after the other. Lanes must not write the same features at a
 * time: trainings go to several only where all of them read the same ones, which the very first computes. A group stays in its lane.
 *
 * @param cores default what the machine has; a plan that asks for fewer threads gets no more
 */
export function lanesFor<Of extends Training>(
  trainings: readonly Of[],
  cores = availableParallelism(),
): Of[][] {
  const groups = [...Map.groupBy(trainings, ({ group }) => group).values()];
  const keys = new Set(trainings.map(featuresOf));
  const threads = Math.min(cores, ...trainings.map(({ config }) => config.threads ?? Infinity));
  const count = keys.size === 1 && !keys.has(null) ? Math.min(MOST_LANES, threads, groups.length) : 1;
  if (count <= 1) return trainings.length === 0 ? [] : [[...trainings]];
  const lanes = Array.from({ length: count }, (): Of[] => []);
  for (const [at, group] of groups.entries())
    lanes[at % count].push(...group.map((one) => ({ ...one, threads: 1 })));
  return lanes;
}

/** How many lanes trainings of these plans can come to, before their images are known. */
export function lanesAtMost(
  configs: readonly TrialTraining['config'][],
  cores = availableParallelism(),
): number {
  const threads = Math.min(cores, ...configs.map(({ threads }) => threads ?? Infinity));
  return configs.every(isHeadAlone) ? Math.min(MOST_LANES, threads, configs.length) : 1;
}

/** Whether all that a plan trains is a head, on features of a backbone that is the same for all. */
function isHeadAlone({
  initial,
  freezeUntil,
  trainableLayers,
  unfreeze,
  freezePreset,
}: TrialTraining['config']): boolean {
  const alone = freezePreset === 'feature-extraction' && !freezeUntil && !trainableLayers && !unfreeze;
  return alone && initial !== 'random';
}

/** What decides the features that a training reads, where features are all that it reads; else null. */
function featuresOf({ config, dataset }: Training): string | null {
  if (!isHeadAlone(config)) return null;
  const { initial, modelName, head, augmentation, seed, engine, trainShare } = config;
  // Folds share what is computed for their pool; a dataset without one is the same for all trials with the same images.
  const { cachePath, splitHash, preprocessing } = dataset;
  return JSON.stringify([
    ...[initial, modelName, head.pooling, head.stages, augmentation, seed, engine, trainShare ?? 1],
    ...[cachePath, splitHash, preprocessing],
  ]);
}
