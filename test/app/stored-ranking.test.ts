import { describe, expect, it } from 'vitest';
import { storedRanking } from '../../src-main/app/stored-ranking.ts';
import type { ModelRanking, RankedModel } from '../../src-main/contract/ranking.ts';
import type { Approach } from '../../src-main/contract/run.ts';
import { epochMetricsSchema, trainingConfigSchema } from '../../src-main/contract/training.ts';
import { saveEpoch } from '../../src-main/store/epochs.ts';
import { saveRanking } from '../../src-main/store/rankings.ts';
import { createComparison, finishRun, startRun } from '../../src-main/store/runs.ts';
import { useWorkplace } from '../cohort/fixtures.ts';

const place = useWorkplace();

const ranked = (modelName: string, initial: string, probe: number): RankedModel => ({
  name: initial === 'random' ? `${modelName} (random)` : modelName,
  title: modelName,
  modelName,
  initial,
  probe: { value: probe, low: probe, high: probe },
  neighbours: { value: probe, low: probe, high: probe },
  logMe: 0,
  hScore: 0,
  parameters: 1,
  multiplyAdds: 1,
  features: 1,
  images: 10,
  patients: 5,
  cost: null,
  costReason: null,
});

const ranking = (splitHash: string | null): ModelRanking => ({
  models: [
    ranked('starter', 'pretrained', 0.9),
    ranked('resnet18', '/added/resnet18-1', 0.8),
    ranked('starter', 'random', 0.6),
    ranked('resnet18', 'random', 0.5),
  ],
  skipped: [],
  withoutWeights: [],
  images: 10,
  patients: 5,
  size: 32,
  splitHash,
});

/** A training on a split: each approach with the validation F1 of its epochs. */
function trained(
  splitId: number,
  config: { modelName: string; initial: string },
  reached: Partial<Record<Approach, number[]>>,
): void {
  const { db } = place.project;
  const approaches = Object.keys(reached) as Approach[];
  const { runs } = createComparison(
    db,
    splitId,
    approaches.map((approach) => ({
      approach,
      config: trainingConfigSchema.parse(config),
      preprocessing: {} as never,
      environment: {} as never,
      startingWeights: null,
    })),
  );
  for (const { id, approach } of runs) {
    startRun(db, id);
    reached[approach]!.forEach((validationF1, at) =>
      saveEpoch(
        db,
        id,
        epochMetricsSchema.parse({
          epoch: at + 1,
          phase: 'fine-tuning',
          trainLoss: 1,
          trainAccuracy: 1,
          trainF1: 1,
          validationLoss: 1,
          validationAccuracy: 1,
          validationF1,
          learningRate: 1,
          seconds: 1,
          imagesPerSecond: 1,
          best: false,
        }),
      ),
    );
    finishRun(db, id, null);
  }
}

function splits(): void {
  place.project.db.exec(`
    INSERT INTO label_sets (id, name, source, created_at, updated_at) VALUES (1, 'labels', 'csv', 'now', 'now');
    INSERT INTO splits (id, label_set_id, classes, seed, options, hash, created_at) VALUES (1, 1, '["a","b"]', 0, '{}', 'one', 'now');
    INSERT INTO splits (id, label_set_id, classes, seed, options, hash, created_at) VALUES (2, 1, '["a","b"]', 1, '{}', 'other', 'now');
    INSERT INTO splits (id, label_set_id, classes, seed, options, hash, created_at) VALUES (3, 1, '["a","b"]', 0, '{}', 'one', 'now');`);
}

describe('what trainings say of a ranking', () => {
  it('is nothing before there is a ranking, and no number below three models', () => {
    expect(storedRanking(place.project)).toBeNull();
    splits();
    saveRanking(place.project.db, ranking('one'));
    trained(1, { modelName: 'starter', initial: 'pretrained' }, { 'fine-tuned': [0.5, 0.7] });
    expect(storedRanking(place.project)!.feedback).toEqual({ models: 1, kendall: null });
  });

  it('takes runs from scratch for the random weights of their network, whatever their settings start from', () => {
    splits();
    saveRanking(place.project.db, ranking('one'));
    const own = { modelName: 'starter', initial: 'pretrained' };
    trained(1, own, { probe: [0.1], scratch: [0.4, 0.3], 'fine-tuned': [0.9, 0.8] });
    trained(3, { modelName: 'resnet18', initial: '/added/resnet18-1' }, { 'fine-tuned': [0.5] });
    // Probe .9, .8, .6; reached .9, .5, .4.
    expect(storedRanking(place.project)!.feedback).toEqual({ models: 3, kendall: 1 });
    trained(1, { modelName: 'resnet18', initial: 'random' }, { 'fine-tuned': [0.45] });
    // One of six pairs the other way round.
    const { models, kendall } = storedRanking(place.project)!.feedback;
    expect(models).toBe(4);
    expect(kendall).toBeCloseTo(4 / 6, 9);
  });

  it('does not compare with other validation patients', () => {
    splits();
    saveRanking(place.project.db, ranking('one'));
    trained(2, { modelName: 'starter', initial: 'pretrained' }, { scratch: [1], 'fine-tuned': [0.1] });
    expect(storedRanking(place.project)!.feedback.models).toBe(0);
    saveRanking(place.project.db, ranking(null));
    expect(storedRanking(place.project)!.feedback.models).toBe(2);
  });
});
