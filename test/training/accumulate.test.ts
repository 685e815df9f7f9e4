import { describe, expect, it } from 'vitest';
import { train } from '../../src-main/training/index.ts';
import { settings, stripesDataset, task, tinyModelFolder } from './helpers.ts';

describe('batches that are accumulated', () => {
  it('train as batches as large as all of them do: rates, warm-up and running means too', async () => {
    const initial = tinyModelFolder();
    const trained = (batchSize: number, accumulate: number) =>
      train(
        task(
          settings({
            ...{
              initial,
              batchSize,
              accumulate,
              freezePreset: 'full',
              epochs: 4,
              headEpochs: 1,
              warmup: 0.2,
            },
            ...{ augmentation: { preset: 'none' }, head: { dropout: 0 }, classWeights: false, ema: 0.9 },
          }),
          // Two steps of an epoch, the last one of fewer images.
          stripesDataset(28, 8),
        ),
      );
    const [whole, parts] = [await trained(16, 1), await trained(4, 4)];
    parts.epochs.forEach(({ validationLoss, learningRate }, at) => {
      expect(learningRate).toBeCloseTo(whole.epochs[at].learningRate, 12);
      expect(validationLoss!).toBeCloseTo(whole.epochs[at].validationLoss!, 5);
    });
  });
});
