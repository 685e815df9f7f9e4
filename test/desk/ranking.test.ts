import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ModelChoice } from '../../src-main/contract/calls/models.ts';
import type { ModelRanking } from '../../src-main/contract/ranking.ts';
import { kendallTau } from '../../src-main/evaluation/index.ts';
import { createApp } from '../../src-main/app/index.ts';
import { sampleProject, type SampleProject } from '../app/sample-project.ts';
import { testDesk, type TestDesk } from './opened-desk.ts';

describe('the ranking of models at the desk', () => {
  let sample: SampleProject;
  let desk: TestDesk;
  beforeAll(async () => {
    sample = await sampleProject();
    desk = testDesk();
    await desk.ask('projects.open', { folder: sample.project });
  }, 60_000);
  afterAll(async () => {
    await desk.desk.close();
    sample.remove();
  });

  it('is null, then a job whose result stays, the best probe first', async () => {
    expect(await desk.ask('models.ranking', null)).toBeNull();
    const plan = await desk.ask('plans.current', null);
    await desk.ask('plans.save', {
      plan: { ...plan, preprocessing: { ...plan.preprocessing, height: 32, width: 32 } },
    });
    const job = await desk.ended(await desk.ask('models.rank', { random: true }));
    expect(job).toMatchObject({ kind: 'rank', state: 'done' });
    const ranking = job.result as ModelRanking;
    expect(ranking.models.map(({ name }) => name).sort()).toEqual(['starter', 'starter (random)']);
    expect(ranking).toMatchObject({ skipped: [], size: 32 });
    const probes = ranking.models.map(({ probe }) => probe.value);
    expect(probes).toEqual(probes.toSorted((a, b) => b - a));
    expect(ranking.withoutWeights).not.toContain('starter');
    const stored = await desk.ask('models.ranking', null);
    expect(stored).toMatchObject({ ranking, feedback: { models: 0, kendall: null } });
    expect(stored!.rankedAt <= job.finishedAt!).toBe(true);
    expect(ranking.withoutWeights).toContain('vgg16');
    // What each costs was measured, and is known from then on under the same plan, not under another.
    const [transferred, random] = ['starter', 'starter (random)'].map(
      (name) => ranking.models.find((one) => one.name === name)!.cost!,
    );
    expect(transferred).toMatchObject({ batch: 16, height: 32, width: 32 });
    expect(transferred.planned.epochSeconds).toBeGreaterThan(0);
    expect(transferred.memoryBytes).toBeGreaterThan(50e6);
    expect(random.headOnly).toBeNull();
    const starter = async (): Promise<ModelChoice> =>
      (await desk.ask('models.list', null)).library.find(({ name }) => name === 'starter')!;
    // An image with the pixels of another is in the split and not in a training.
    expect((await starter()).cost).toMatchObject({ batch: 16, measuredAt: transferred.measuredAt });
    const now = await desk.ask('plans.current', null);
    await desk.ask('plans.save', { plan: { ...now, settings: { ...now.settings, batchSize: 4 } } });
    expect((await starter()).cost).toBeNull();
    expect((await desk.ended(await desk.ask('models.measure', { name: 'starter' }))).state).toBe('done');
    expect((await starter()).cost).toMatchObject({ batch: 4 });
    // Nothing was opened for it.
    expect(await desk.ask('evaluations.list', null)).toEqual([]);
  }, 120_000);
});

describe('a ranking of models that are named', () => {
  it('goes on without those that these images are too small for, and says why', async () => {
    const sample = await sampleProject();
    const app = createApp();
    const small = { preprocessing: { height: 32, width: 32 }, random: true, costs: false };
    const ranking = await app.rankModels(sample.project, { ...small, models: ['starter', 'inception_v3'] });
    expect(ranking.models.map(({ name }) => name).sort()).toEqual(['starter', 'starter (random)']);
    expect(ranking.skipped).toEqual([
      expect.objectContaining({
        name: 'inception_v3 (random)',
        reason: expect.stringContaining('larger image size'),
      }),
    ]);
    await expect(
      app.rankModels(sample.project, { ...small, models: ['inception_v3'] }),
    ).rejects.toMatchObject({
      code: 'models-missing',
    });
    sample.remove();
  }, 120_000);
});

describe('Kendall’s τ-b', () => {
  it('is scipy’s, ties included', () => {
    expect(kendallTau([1, 2, 3, 4], [1, 2, 3, 4])).toBe(1);
    expect(kendallTau([1, 2, 3], [3, 2, 1])).toBe(-1);
    // scipy.stats.kendalltau([1, 2, 2, 3, 5], [2, 1, 3, 3, 4])
    expect(kendallTau([1, 2, 2, 3, 5], [2, 1, 3, 3, 4])).toBeCloseTo(2 / 3, 9);
    expect(kendallTau([1, 1], [1, 2])).toBeNull();
  });
});
