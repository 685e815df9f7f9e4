import { describe, expect, it } from 'vitest';
import type { TrainingSettings } from '../../src-main/contract/training.ts';
import { train } from '../../src-main/training/index.ts';
import { settings, stripesDataset, task, tinyModelFolder } from './helpers.ts';

const initial = tinyModelFolder();
/** One step an epoch: what it spoils only the validation images show. */
const wild: TrainingSettings = {
  initial,
  freezePreset: 'full',
  headEpochs: 0,
  augmentation: { preset: 'none' },
  head: { dropout: 0 },
  optimizer: { kind: 'sgd' },
  learningRate: 10,
  schedule: 'constant',
  clipNorm: null,
  warmup: 0,
  weightDecay: 0,
  batchSize: 64,
  epochs: 8,
  earlyStopping: null,
};

describe('a training whose weights overflow in the last step of an epoch', () => {
  it.each([24, 0])(
    'is refused with %i validation images, in place of ending or of hanging',
    async (count) => {
      const losses: number[] = [];
      // In the first steps the loss grows and grows, and with one step more it would be none.
      const running = train(task(settings(wild), stripesDataset(64, count)), {
        onEpoch: ({ trainLoss }) => losses.push(trainLoss),
      });
      await expect(running).rejects.toMatchObject({
        code: 'training-diverged',
        message: expect.stringMatching(
          /^Expected answers to stay numbers, found that they overflowed in epoch 3: the learning rate 10 /,
        ),
      });
      expect(losses).toHaveLength(2);
    },
  );
});
