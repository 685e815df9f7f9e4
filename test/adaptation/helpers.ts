import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type AdaptationTask, adaptModel } from '../../src-main/adaptation/index.ts';
import { adaptationSchema, type AdaptationSettings } from '../../src-main/contract/adaptation.ts';
import type { TrainingConfig, TrainingSettings } from '../../src-main/contract/training.ts';
import { train, type ImageSource, type TrainingDataset } from '../../src-main/training/index.ts';
import { sample, settings, SIDE, stripes, tinyModelFolder } from '../training/helpers.ts';

/** Images from here on are the target’s. */
export const FIRST_TARGET = 1000;

/** Stripes as another scanner shows them: darker, of less contrast, under a bright edge. */
export const twoScanners: ImageSource = {
  ...stripes,
  checksum: 'two scanners',
  read: (index, into, offset) => {
    stripes.read(index, into, offset);
    if (index < FIRST_TARGET) return;
    for (let i = 0; i < SIDE * SIDE; i++) {
      const edge = i % SIDE < 2 ? 0.5 : 0;
      into[offset + i] = Math.min(1, 0.35 * into[offset + i] + 0.05 + edge);
    }
  },
};

export const sourceDataset = (train = 24, validation = 8): TrainingDataset => {
  const all = Array.from({ length: train + validation }, (_, i) => sample(i));
  return { classes: ['upright', 'level'], train: all.slice(0, train), validation: all.slice(train) };
};

export const targetSamples = (count = 20): TrainingDataset['train'] =>
  Array.from({ length: count }, (_, i) => sample(FIRST_TARGET + i));

export const plan = (own: TrainingSettings = {}): TrainingConfig =>
  settings({
    modelName: 'tiny',
    initial: tinyModelFolder(),
    freezeUntil: 'one',
    epochs: 4,
    headEpochs: 1,
    learningRate: 3e-3,
    ...own,
  });

/** A finished run of the source, and its model’s folder. */
export async function trainedSource(config: TrainingConfig, dataset = sourceDataset()): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'graft-adapt-'));
  const paths = { runFolder: join(folder, 'run'), cacheFolder: join(folder, 'cache') };
  return (await train({ config, dataset, images: twoScanners, paths })).modelFolder;
}

export function adaptationTask(
  config: TrainingConfig,
  sourceModel: string,
  adaptation: AdaptationSettings,
  own: Partial<AdaptationTask> = {},
): AdaptationTask {
  const folder = mkdtempSync(join(tmpdir(), 'graft-adapt-'));
  return {
    adaptation: adaptationSchema.parse(adaptation),
    config,
    dataset: sourceDataset(),
    target: targetSamples(),
    images: twoScanners,
    paths: { runFolder: join(folder, 'run'), cacheFolder: join(folder, 'cache') },
    sourceModel,
    ...own,
  };
}

export { adaptModel };
