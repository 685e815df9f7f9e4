import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createApp } from '../../src-main/app/index.ts';
import type { LearningCurveReport } from '../../src-main/contract/learning-curve.ts';
import { openProjectForReading } from '../../src-main/store/index.ts';
import { sampleProject, type SampleProject } from './sample-project.ts';

const settings = {
  freezePreset: 'feature-extraction' as const,
  epochs: 2,
  headEpochs: 2,
  threads: 1,
  augmentation: { preset: 'custom' as const },
};
const preprocessing = { height: 32, width: 32 };

describe('a learning curve', () => {
  const app = createApp();
  let sample: SampleProject;
  let curve: LearningCurveReport;
  beforeAll(async () => {
    sample = await sampleProject();
    const options = {
      plan: {
        settings: { ...settings, initial: sample.model },
        preprocessing,
        split: { options: { fractions: { train: 0.5, validation: 0.25, test: 0.25 } } },
      },
      design: { shares: [1, 0.25, 0.5, 0.75], repeats: 2 },
    };
    const stop = new AbortController();
    const first = app.trainLearningCurve(sample.project, options, {
      signal: stop.signal,
      onProgress: ({ done }) => done > 0 && stop.abort(),
    });
    await expect(first).rejects.toMatchObject({ kind: 'cancelled' });
    curve = await app.resumeLearningCurve(sample.project, 1, {}, 0.7);
  });
  afterAll(() => sample.remove());

  test('that was stopped goes on, with a point for each share and a score for each training', () => {
    expect(curve).toMatchObject({ state: 'done', done: 8, trainings: 8, metric: 'val_balanced_accuracy' });
    expect(curve.points.map(({ share }) => share)).toEqual([0.25, 0.5, 0.75, 1]);
    for (const [at, { patients, images, scores, mean, range }] of curve.points.entries()) {
      expect(scores).toHaveLength(2);
      expect(mean).toBeCloseTo((scores[0] + scores[1]) / 2, 12);
      // Two values lie 12.7 of their half distances from either end (Student's t with one degree of freedom).
      if (scores[0] !== scores[1])
        expect(range!.high - mean).toBeCloseTo(12.706 * (Math.abs(scores[0] - scores[1]) / 2), 3);
      expect(images).toBeGreaterThanOrEqual(patients);
      if (at > 0) expect(patients).toBeGreaterThan(curve.points[at - 1].patients);
    }
  });

  test('has learned from training patients alone, and opened nothing', () => {
    const project = openProjectForReading(sample.project);
    const count = (sql: string): unknown => project.db.prepare(sql).pluck().get();
    expect(count('SELECT count(*) FROM openings')).toBe(0);
    project.close();
    expect(app.showLearningCurve(sample.project, null)).toMatchObject({ sweepId: 1, done: 8 });
  });

  test('is for plans that learn from all patients, and refuses what is no curve', async () => {
    expect(app.planFromSweep(sample.project, 1).settings).not.toHaveProperty('trainShare');
    await expect(
      app.trainModel(sample.project, { settings: { ...settings, trainShare: 0.5 }, preprocessing }),
    ).rejects.toThrow(/all training patients, found trainShare 0.5/);
    await expect(
      app.trainLearningCurve(sample.project, { design: { shares: [0.5], repeats: 0 } }),
    ).rejects.toThrow(/The learning curve does not fit: repeats/);
    expect(() => app.showLearningCurve(sample.project, 9)).toThrow(
      'Expected a sweep of this project, found 9',
    );
  });
});
