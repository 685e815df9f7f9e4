import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Sample } from '../../src-main/contract/dataset.ts';
import {
  trainingConfigSchema,
  type TrainingConfig,
  type TrainingSettings,
} from '../../src-main/contract/training.ts';
import {
  initialiseParameters,
  type Network,
  NetworkBuilder,
  saveModel,
} from '../../src-main/models/index.ts';
import { RandomStream } from '../../src-main/platform/random.ts';
import type { ImageSource, TrainingDataset, TrainingTask } from '../../src-main/training/index.ts';

export const SIDE = 16;

/** A residual network of three stages, small enough for the plain executor. */
export function tinyNetwork(): Network {
  const b = new NetworkBuilder('tiny', [SIDE, SIDE, 1], 'one', { epsilon: 1e-3, momentum: 0.8 });
  b.conv2d('one_conv', 6, 3, { strides: 2 });
  b.normalize('one_bn');
  b.activate('one_relu');
  b.stage('two');
  b.conv2d('two_conv', 6, 3);
  b.normalize('two_bn');
  b.sum('two_add', 'one_relu', 'two_bn');
  b.activate('two_relu');
  b.stage('three');
  b.conv2d('three_conv', 8, 3, { strides: 2 });
  b.normalize('three_bn');
  b.activate('three_relu');
  b.head(2);
  return b.build();
}

/** A folder with the tiny network as a saved model to start from. */
export function tinyModelFolder(): string {
  const folder = join(mkdtempSync(join(tmpdir(), 'graft-tiny-')), 'model');
  const network = tinyNetwork();
  saveModel(folder, {
    network,
    parameters: initialiseParameters(network, 11),
    classes: ['a', 'b'],
    preprocessing: { scale: [2], offset: [-1] },
    imageChannels: 1,
    metadata: {},
  });
  return folder;
}

/** Noise with upright stripes (label 0) or level ones (label 1). */
export const stripes: ImageSource = {
  height: SIDE,
  width: SIDE,
  channels: 1,
  checksum: 'stripes',
  read: (index, into, offset) => {
    const stream = new RandomStream(3, 'stripes', index);
    const phase = stream.integer(4);
    for (let y = 0; y < SIDE; y++) {
      for (let x = 0; x < SIDE; x++) {
        const on = ((index % 2 === 0 ? x : y) + phase) % 4 < 2;
        into[offset + y * SIDE + x] = Math.min(1, Math.max(0, (on ? 0.7 : 0.3) + stream.normal(0, 0.15)));
      }
    }
  },
};

export const sample = (index: number): Sample => ({
  cacheIndex: index,
  label: index % 2,
  patientKey: `p${index}`,
  instanceId: index,
  frameIndex: 0,
});

/** `train` images for learning and `validation` others. */
export function stripesDataset(train = 22, validation = 10): TrainingDataset {
  const indexes = Array.from({ length: train + validation }, (_, i) => i);
  return {
    classes: ['upright', 'level'],
    train: indexes.slice(0, train).map(sample),
    validation: indexes.slice(train).map(sample),
  };
}

export const settings = (own: TrainingSettings): TrainingConfig =>
  trainingConfigSchema.parse({
    batchSize: 8,
    threads: 1,
    epochs: 4,
    headEpochs: 2,
    augmentation: { variants: 2 },
    ...own,
  });

/** A task in a folder of its own. */
export function task(config: TrainingConfig, dataset = stripesDataset(), images = stripes): TrainingTask {
  const folder = mkdtempSync(join(tmpdir(), 'graft-training-'));
  return {
    config,
    dataset,
    images,
    paths: { runFolder: join(folder, 'run'), cacheFolder: join(folder, 'cache') },
  };
}
