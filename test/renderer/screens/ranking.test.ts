import { describe, expect, it } from 'vitest';
import type { RankedModel, RankingFeedback } from '../../../src-main/contract/ranking.ts';
import { RankingState } from '../../../src-renderer/screens/model/ranking.svelte.ts';
import { playBridge } from '../bridge.ts';

const accuracy = (value: number) => ({ value, low: value, high: value });

const model = (title: string, probe: number, seconds: number | null, parameters: number): RankedModel => ({
  name: title,
  title,
  modelName: title,
  initial: 'pretrained',
  probe: accuracy(probe),
  neighbours: accuracy(probe),
  logMe: 0,
  hScore: 0,
  parameters,
  multiplyAdds: 1,
  features: 1,
  images: 10,
  patients: 5,
  cost:
    seconds === null
      ? null
      : {
          headOnly: null,
          planned: { onceSeconds: 0, epochSeconds: seconds },
          memoryBytes: 1,
          batch: 16,
          height: 64,
          width: 64,
          measuredAt: 'now',
          images: 10,
        },
  costReason: null,
});

async function shown(feedback: RankingFeedback = { models: 0, kendall: null }): Promise<RankingState> {
  const models = [model('best', 0.9, 40, 3), model('middle', 0.8, null, 1), model('last', 0.7, 10, 2)];
  playBridge({
    'models.ranking': () => ({
      ranking: {
        models,
        skipped: [],
        withoutWeights: [],
        images: 10,
        patients: 5,
        size: 64,
        splitHash: null,
      },
      rankedAt: 'now',
      feedback,
    }),
  });
  const ranking = new RankingState();
  await ranking.load();
  return ranking;
}

const titles = ({ models }: RankingState): string[] => models.map(({ title }) => title);

describe('a ranking on the screen', () => {
  it('begins with the best probe, and turns round when the same column is pressed again', async () => {
    const ranking = await shown();
    expect(titles(ranking)).toEqual(['best', 'middle', 'last']);
    expect(ranking.orderOf('probe')).toBe('descending');
    ranking.sortBy('probe');
    expect(titles(ranking)).toEqual(['last', 'middle', 'best']);
    expect(ranking.orderOf('probe')).toBe('ascending');
  });

  it('shows by a cost the cheapest first, and last what was not measured whichever way', async () => {
    const ranking = await shown();
    ranking.sortBy('planned');
    expect(titles(ranking)).toEqual(['last', 'best', 'middle']);
    ranking.sortBy('planned');
    expect(titles(ranking)).toEqual(['best', 'last', 'middle']);
    ranking.sortBy('headOnly');
    expect(titles(ranking)).toEqual(['best', 'middle', 'last']);
    ranking.sortBy('title');
    expect(titles(ranking)).toEqual(['best', 'last', 'middle']);
  });

  it('says how far the order held, with the number, and from three models on', async () => {
    expect((await shown()).agreement).toBeNull();
    expect((await shown({ models: 1, kendall: null })).agreement).toContain('from three on');
    expect((await shown({ models: 4, kendall: 2 / 3 })).agreement).toContain('τ');
    expect((await shown({ models: 4, kendall: -1 / 3 })).agreement).toContain('another order');
  });
});
