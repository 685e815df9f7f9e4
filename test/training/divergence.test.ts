import { describe, expect, it } from 'vitest';
import type { TrainingSettings } from '../../src-main/contract/training.ts';
import { evaluateModels } from '../../src-main/evaluation/index.ts';
import { openExecutor } from '../../src-main/engine/index.ts';
import { loadModel } from '../../src-main/models/index.ts';
import { predict, train } from '../../src-main/training/index.ts';
import { settings, stripes, stripesDataset, task, tinyModelFolder } from './helpers.ts';

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

describe('a model whose answers are no numbers', () => {
  it('is refused when it is asked', async () => {
    const executor = await openExecutor({ threads: 1 });
    const model = loadModel(initial);
    model.parameters.get('predictions/bias').data[1] = NaN;
    await expect(predict(model, stripesDataset(3, 0).train, stripes, executor)).rejects.toMatchObject({
      code: 'answers-no-numbers',
    });
    await executor.dispose();
  });

  it('is refused when it is judged, in place of being ranked for ever', () => {
    const predictions = [0, 1].map((label) => ({
      patientKey: `p${label}`,
      label,
      probabilities: Float32Array.of(NaN, NaN),
    }));
    const models = [{ name: 'fine-tuned', approach: 'fine-tuned' as const, predictions }];
    expect(() => evaluateModels({ classes: ['a', 'b'], models, replicates: 2 })).toThrow(
      /^Expected probabilities of fine-tuned, found answers that are no numbers/,
    );
  });
});
