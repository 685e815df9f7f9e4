import { existsSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createApp } from '../../src-main/app/index.ts';
import { withSession } from '../../src-main/app/session.ts';
import { explainImages } from '../../src-main/app/explain/explain-images.ts';
import { runWithModel, splitOfRun } from '../../src-main/app/explain/explainable.ts';
import { openProjectForReading } from '../../src-main/store/index.ts';
import { listEvaluations } from '../../src-main/store/evaluations.ts';
import { listPredictions } from '../../src-main/store/predictions.ts';
import { sampleProject, smallTraining, type SampleProject } from './sample-project.ts';

describe('explaining a run', () => {
  const app = createApp();
  let sample: SampleProject;
  let runId: number;
  beforeAll(async () => {
    sample = await sampleProject();
    const report = await app.trainModel(sample.project, {
      ...smallTraining(sample.model),
      approaches: ['majority', 'probe'],
    });
    runId = report.runs.find(({ approach }) => approach === 'probe')!.id;
    await app.evaluate(sample.project, { runId, sets: ['validation'] });
  }, 120_000);
  afterAll(() => sample.remove());

  const validationImages = (): { instanceId: number; label: number; probabilities: Float32Array }[] => {
    const { db, close } = openProjectForReading(sample.project);
    const { id } = listEvaluations(db, runId).find(({ setName }) => setName === 'validation')!;
    const found = listPredictions(db, id);
    close();
    return found.map((one) => ({ ...one, instanceId: one.instanceId! }));
  };

  test('writes maps beside their images, values and the check, for the model that a comparison has', async () => {
    const [image] = validationImages();
    const folder = join(sample.folder, 'maps');
    const options = { images: [String(image.instanceId)], folder };
    const report = await app.explain(sample.project, options);
    expect(report.run.id).toBe(runId);
    expect(report.check!.steps.at(-1)!.stage).toBe('stem');
    // The small model's last stage is as coarse as that.
    expect(report.coarse).toMatch(/^Maps of this layer have only \d × \d places/);
    const { picture, explanation } = report.files[0];
    expect(
      [...readFileSync(join(folder, picture)).subarray(1, 4)]
        .map((byte) => String.fromCharCode(byte))
        .join(''),
    ).toBe('PNG');
    // What the model says here is what it said when it was evaluated.
    explanation.probabilities.forEach((value, at) => expect(value).toBeCloseTo(image.probabilities[at], 5));
    expect(explanation.classIndex).toBe(
      explanation.probabilities.indexOf(Math.max(...explanation.probabilities)),
    );
    const written = JSON.parse(readFileSync(report.json, 'utf8')) as {
      images: { heatmap: { values: number[] } }[];
    };
    expect(written.images[0].heatmap.values).toHaveLength(
      explanation.heatmap.rows * explanation.heatmap.columns,
    );
  }, 60_000);

  test('makes no map twice, at any size', async () => {
    const [image] = validationImages();
    const models = join(sample.project, 'runs');
    const asked = [{ instanceId: image.instanceId, frameIndex: 0, classIndex: null }];
    const how = { method: 'gradcam', layer: null, patch: null, stride: null } as const;
    renameSync(models, `${models}-away`);
    try {
      await withSession(sample.project, {}, async (session) => {
        const run = runWithModel(session, runId);
        const [full] = await explainImages(session, run, asked, how, {}, true);
        expect([full.heatmap.rows, full.heatmap.columns]).toEqual([
          full.heatmap.image.rows,
          full.heatmap.image.columns,
        ]);
        expect(full.classes).toEqual(splitOfRun(session.project.db, run).classes);
        const other = explainImages(session, run, asked, { ...how, method: 'occlusion' });
        await expect(other).rejects.toMatchObject({ code: 'model-missing' });
      });
    } finally {
      renameSync(`${models}-away`, models);
    }
  }, 60_000);

  test('names the worst errors by itself, and explains what was wrongly said', async () => {
    const wrong = validationImages().filter(
      ({ label, probabilities }) => probabilities.indexOf(Math.max(...probabilities)) !== label,
    );
    const options = { worst: 2, check: false, method: 'gradcam++' as const };
    if (wrong.length === 0) {
      await expect(app.explain(sample.project, options)).rejects.toMatchObject({
        code: 'nothing-to-explain',
      });
      return;
    }
    const report = await app.explain(sample.project, options);
    expect(report.files).toHaveLength(Math.min(2, wrong.length));
    expect(report.check).toBeNull();
    for (const { explanation } of report.files) {
      const own = wrong.find(({ instanceId }) => instanceId === explanation.instanceId)!;
      expect(explanation.classIndex).not.toBe(own.label);
    }
    expect(existsSync(report.json)).toBe(true);
  }, 60_000);

  test('keeps a set closed that was not opened, and refuses what it does not know', async () => {
    const { db, close } = openProjectForReading(sample.project);
    const closed = db
      .prepare("SELECT instance_id FROM split_members WHERE role = 'test' LIMIT 1")
      .pluck()
      .get() as number;
    close();
    const asked = (options: object) => app.explain(sample.project, { check: false, ...options });
    await expect(asked({ images: [String(closed)] })).rejects.toMatchObject({ code: 'set-locked' });
    await expect(asked({ images: ['2.25.999'] })).rejects.toMatchObject({ code: 'image-missing' });
    await expect(asked({ className: 'dragon' })).rejects.toMatchObject({ code: 'class-unknown' });
    await expect(asked({ set: 'test' })).rejects.toMatchObject({ code: 'not-evaluated' });
    await expect(asked({ runId: runId - 1 })).rejects.toMatchObject({ code: 'run-without-model' });
    const images = [String(validationImages()[0].instanceId)];
    await expect(asked({ images, layer: 'nowhere' })).rejects.toMatchObject({ code: 'layer-unknown' });
  }, 60_000);
});
