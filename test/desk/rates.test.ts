import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApp } from '../../src-main/app/index.ts';
import { rateFingerprint } from '../../src-main/app/find-rate.ts';
import type { RateSweep, StoredRateSweep } from '../../src-main/contract/rate-finder.ts';
import { trainingConfigSchema, type TrainingSettings } from '../../src-main/contract/training.ts';
import { sampleProject, type SampleProject } from '../app/sample-project.ts';
import { testDesk, type TestDesk } from './opened-desk.ts';

describe('learning rates that were tried', () => {
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

  it('are kept with the plan that they were tried for, and shown for no other', async () => {
    const plan = await desk.ask('plans.current', null);
    plan.preprocessing = { ...plan.preprocessing, height: 32, width: 32 };
    plan.settings = {
      ...plan.settings,
      initial: sample.model,
      freezePreset: 'feature-extraction',
      augmentation: { ...plan.settings.augmentation, variants: 1 },
    };
    expect(await desk.ask('plans.rates', { plan })).toEqual({ own: null, otherAt: null });
    const job = await desk.ended(await desk.ask('plans.findRate', { plan }));
    expect(job).toMatchObject({ kind: 'rate', state: 'done', error: null });
    const sweep = job.result as RateSweep;
    // The backbone is frozen: it is the head's rate that was tried.
    expect(sweep).toMatchObject({ restored: true, setting: 'headLearningRate' });
    const { own } = await desk.ask('plans.rates', { plan });
    expect(own!.sweep).toEqual(sweep);
    // What a curve does not depend on may change: the rate itself, first of all.
    const used = { ...plan, settings: { ...plan.settings, headLearningRate: 0.01, epochs: 3 } };
    expect((await desk.ask('plans.rates', { plan: used })).own).toEqual(own);
    const other = { ...plan, settings: { ...plan.settings, batchSize: 3 } };
    expect(await desk.ask('plans.rates', { plan: other })).toEqual({ own: null, otherAt: own!.sweptAt });
    expect(await desk.ask('runs.list', null)).toEqual([]);
    writesCurve(own!);
  }, 60_000);

  function writesCurve(own: StoredRateSweep): void {
    const app = createApp();
    const path = (name: string): string => join(sample.folder, name);
    app.writeCurve(path('rates.csv'), own);
    const [head, first, ...rest] = readFileSync(path('rates.csv'), 'utf8').slice(1, -2).split('\r\n');
    expect(head).toBe('rate,loss,smoothed');
    expect(first.split(',').map(Number)).toEqual(Object.values(own.sweep.points[0]));
    expect(rest).toHaveLength(own.sweep.points.length - 1);
    app.writeCurve(path('rates.json'), own);
    expect(JSON.parse(readFileSync(path('rates.json'), 'utf8'))).toEqual(own);
  }

  it('are those of images prepared and dealt in one way', () => {
    const of = (settings: TrainingSettings, side: number, split: string): string =>
      rateFingerprint(
        trainingConfigSchema.parse(settings),
        { height: side, width: side, channels: 1 },
        split,
      );
    const one = of({}, 32, 'a');
    expect(of({ learningRate: 1, warmup: 0, earlyStopping: null }, 32, 'a')).toBe(one);
    const others = [
      of({ mixup: 0.2 }, 32, 'a'),
      of({}, 64, 'a'),
      of({}, 32, 'b'),
      of({ seed: 8 }, 32, 'a'),
      of({ unfreeze: [{ epoch: 2, stage: 'x' }] }, 32, 'a'),
      of({ unfreeze: [{ epoch: 2, stage: 'x' }], epochs: 3 }, 32, 'a'),
    ];
    expect(new Set([one, ...others]).size).toBe(7);
  });
});
