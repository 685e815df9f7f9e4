import { describe, expect, it } from 'vitest';
import { analysisSettings } from '../../src-main/contract/analysis-settings.ts';
import type { ScoredPrediction } from '../../src-main/contract/evaluation.ts';
import { computeStatistics, dealt } from '../../src-main/jobs/compute-statistics.ts';
import type { StatisticsSet } from '../../src-main/jobs/statistics-worker.ts';
import { RandomStream } from '../../src-main/platform/random.ts';

const classes = ['no', 'yes'];

function setOf(images: number): StatisticsSet {
  const random = new RandomStream(images, 'statistics');
  const predictions = Array.from({ length: images }, (_, i): ScoredPrediction => {
    const p = random.uniform();
    return { patientKey: `p${i >> 1}`, label: (i >> 1) % 2, probabilities: [1 - p, p] };
  });
  const models = [{ name: 'm', approach: 'fine-tuned' as const, predictions }];
  const series = predictions.map(() => null);
  return {
    table: { classes, models, replicates: 20 },
    withCopies: null,
    analysis: {
      classes,
      multiLabel: false,
      models,
      set: { predictions: [predictions], series },
      validation: null,
      fittedHere: false,
      groupings: [],
      settings: analysisSettings.parse({}),
    },
  };
}

describe('statistics of several sets', () => {
  const sets = [20, 80, 30].map(setOf);

  it('are shared out, the largest set alone', () => {
    expect(dealt(sets, 2)).toEqual([[1], [2, 0]]);
    expect(dealt(sets, 8)).toHaveLength(3);
    expect(dealt(sets, 1)).toEqual([[1, 2, 0]]);
  });

  it('come back in their order, the same from one worker as from two', async () => {
    const [together, apart] = await Promise.all([
      computeStatistics(sets, {}, 1),
      computeStatistics(sets, {}, 2),
    ]);
    expect(apart.map(({ table }) => table.models[0].images)).toEqual([20, 80, 30]);
    expect(apart).toEqual(together);
  });

  it('fail as one where one of them fails', async () => {
    await expect(computeStatistics([sets[0], setOf(0)], {}, 2)).rejects.toMatchObject({
      code: 'evaluation-empty',
    });
  });

  it('end when they are cancelled', async () => {
    const stop = new AbortController();
    const computing = computeStatistics(sets, { signal: stop.signal }, 2);
    stop.abort();
    await expect(computing).rejects.toMatchObject({ kind: 'cancelled' });
  });
});
