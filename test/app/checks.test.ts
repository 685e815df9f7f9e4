import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createApp } from '../../src-main/app/index.ts';
import { sampleProject, smallTraining, type SampleProject } from './sample-project.ts';

describe('checking a run', () => {
  const app = createApp();
  let sample: SampleProject;
  let runId: number;
  beforeAll(async () => {
    sample = await sampleProject();
    const training = smallTraining(sample.model);
    const fractions = { train: 0.6, validation: 0.3, test: 0.1 };
    const report = await app.trainModel(sample.project, {
      ...training,
      split: { options: { fractions } },
      approaches: ['probe'],
    });
    runId = report.runs[0].id;
    await app.evaluate(sample.project, { runId, sets: ['validation'] });
  }, 120_000);
  afterAll(() => sample.remove());

  test('asks for attributes of its images and for the border, opens no set, and stands in the report', async () => {
    const { report, setName } = await app.checkRun(sample.project, 'shortcuts', { images: 200 });
    expect(setName).toBeNull();
    expect(report.border).toHaveLength(1);
    const asked = [...report.attributes, ...report.skipped].map(({ attribute }) => attribute);
    expect(asked).toEqual(expect.arrayContaining(['source', 'Manufacturer', 'PatientSex']));
    // Both hospitals have a share of the patients, and they are told by their own scanners.
    expect(report.attributes.find(({ attribute }) => attribute === 'source')!.values).toHaveLength(2);
    const written = await app.writeReport(sample.project, { runId });
    expect(written.model.checks!.map(({ kind }) => kind)).toEqual(['shortcuts']);
    expect(written.model.results.map(({ setName: name, openings }) => [name, openings])).toEqual([
      ['validation', 0],
    ]);
    expect(readFileSync(written.html, 'utf8')).toContain('Shortcuts, leakage and failures');
  }, 60_000);

  test('groups the errors of a set that was evaluated, and refuses one that was not', async () => {
    const { report, setName } = await app.checkRun(sample.project, 'failures');
    expect(setName).toBe('validation');
    expect(report.byConfusion.reduce((sum, { wrong }) => sum + wrong, 0)).toBe(report.wrong);
    expect(report.images).toBeGreaterThan(0);
    const closed = app.checkRun(sample.project, 'failures', { set: 'test' });
    await expect(closed).rejects.toMatchObject({ code: 'not-evaluated' });
  }, 60_000);

  test('measures what a split by image would hide, or says that nothing can leak', async () => {
    const asked = app.checkRun(sample.project, 'leakage');
    const outcome = await asked.then(
      ({ report }) => report.rows.length,
      (error: { code: string }) => error.code,
    );
    expect([2, 'images-of-one']).toContain(outcome);
  }, 60_000);
});
