import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createApp, type TrainOptions } from '../../src-main/app/index.ts';
import { openOnnx } from '../../src-main/engine/index.ts';
import {
  listInstances,
  listLabels,
  listLabelSets,
  openProjectForReading,
} from '../../src-main/store/index.ts';
import { listEvaluations } from '../../src-main/store/evaluations.ts';
import { listPredictions } from '../../src-main/store/predictions.ts';
import { sampleProject, smallTraining, type SampleProject } from './sample-project.ts';

/** Each test goes on from the one before, as a person would. */
describe('the whole job with findings', () => {
  const app = createApp();
  let sample: SampleProject;
  let training: TrainOptions;

  /** Labels of the sample as a table in other words. */
  function table(name: string, answer: (label: string, at: number) => string): string {
    const project = openProjectForReading(sample.project);
    try {
      const set = listLabelSets(project.db).find((one) => one.name === 'labels')!;
      const images = new Map(listInstances(project.db).map((one) => [one.id, one.SOPInstanceUID]));
      const rows = listLabels(project.db, set.id).map(
        ({ instanceId, className }, at) => `${images.get(instanceId)},${answer(className, at)}`,
      );
      const path = join(sample.folder, name);
      writeFileSync(path, ['sop_instance_uid,label', ...rows].join('\n'));
      return path;
    } finally {
      project.close();
    }
  }

  beforeAll(async () => {
    sample = await sampleProject();
    training = smallTraining(sample.model);
  });
  afterAll(() => sample.remove());

  test('labels images with several findings, or none, and deals patients by them', async () => {
    const words: Record<string, string> = {
      'smooth-nodule': 'nodule',
      'spiculated-mass': 'nodule|spiculated',
    };
    const path = table('findings.csv', (label, at) =>
      at % 11 === 5 ? 'nodule?' : (words[label] ?? 'No Finding'),
    );
    const report = await app.labelImages(sample.project, path, undefined, { multiLabel: true });
    expect(report.classes.map(({ name }) => name)).toEqual(['nodule', 'spiculated']);
    expect(report.findings!.none).toBeGreaterThan(0);
    expect(report.findings!.unknown).toBeGreaterThan(0);
    const split = await app.createSplit(sample.project, training.split!);
    expect(split).toMatchObject({ multiLabel: true, classes: ['nodule', 'spiculated'] });
    for (const side of ['train', 'validation', 'test', 'hospital-b'])
      for (const images of split.counts[side].classes) expect(images, side).toBeGreaterThan(0);
  });

  test('trains with a sigmoid for each finding, beside its baselines', async () => {
    const { runs } = await app.trainModel(sample.project, {
      ...training,
      approaches: ['majority', 'probe', 'fine-tuned'],
    });
    expect(runs.map(({ approach, state }) => [approach, state])).toEqual([
      ['majority', 'done'],
      ['probe', 'done'],
      ['fine-tuned', 'done'],
    ]);
    const [, , { epochs }] = app.listRuns(sample.project);
    expect(epochs.at(-1)!.validationFindings!.perFinding).toHaveLength(2);
  });

  test('predicts each finding for itself, keeps what is known, and judges it with intervals', async () => {
    const { results, runs } = await app.evaluate(sample.project);
    const { table: evaluation } = results.find(({ setName }) => setName === 'hospital-b')!;
    expect(evaluation.multiLabel).toBe(true);
    const tuned = evaluation.models[2].findings!;
    expect(tuned.perFinding.map(({ finding }) => finding)).toEqual(['nodule', 'spiculated']);
    expect(tuned.metrics.hammingLoss.low).not.toBeNull();
    expect(tuned.metrics.hammingLoss.value).toBeCloseTo(1 - evaluation.models[2].metrics.accuracy.value!, 12);
    expect(evaluation.differences.length).toBeGreaterThan(0);
    // Guessing by frequency says the same of every image: half of the pairs are ranked right.
    expect(evaluation.models[0].findings!.perFinding[0].auc.value).toBe(0.5);
    const project = openProjectForReading(sample.project);
    const stored = runs.map((run) => {
      const { id } = listEvaluations(project.db, run.id).find(({ setName }) => setName === 'test')!;
      return listPredictions(project.db, id);
    });
    project.close();
    for (const predictions of stored)
      for (const { label, findings, probabilities } of predictions) {
        expect([label, findings!.length, probabilities.length]).toEqual([-1, 2, 2]);
        expect(probabilities.every((value) => value >= 0 && value <= 1)).toBe(true);
      }
    expect(stored[1].some(({ probabilities: [a, b] }) => Math.abs(a + b - 1) > 0.01)).toBe(true);
    const unknown = stored[0].filter(({ findings }) => findings!.includes(null)).length;
    expect(unknown + results[0].table.models[0].images).toBeGreaterThan(0);
  });

  test('writes a report finding by finding, and exports a file with a probability for each', async () => {
    const { html } = await app.writeReport(sample.project);
    const page = readFileSync(html, 'utf8');
    expect(page).toContain('finding by finding');
    expect(page).not.toContain('Confusion matrix');
    const exported = await app.exportModel(sample.project);
    expect(exported.largestDifference).toBeLessThanOrEqual(1e-5);
    const onnx = await openOnnx(readFileSync(join(sample.project, exported.path)));
    const { probabilities } = await onnx.run(
      { image: new Float32Array(32 * 32).fill(0.5) },
      { image: [1, 32, 32, 1] },
    );
    expect(probabilities.shape).toEqual([1, 2]);
    await onnx.dispose();
  });

  test('ranks models by the areas under the curves of its findings', async () => {
    const ranking = await app.rankModels(sample.project, {
      models: ['starter'],
      costs: false,
      preprocessing: { height: 32, width: 32 },
      split: {},
    });
    const [{ measure, probe, neighbours, logMe, hScore }] = ranking.models;
    expect(measure).toBe('area');
    for (const one of [probe, neighbours]) {
      expect(one.value).toBeGreaterThanOrEqual(one.low);
      expect(one.value).toBeLessThanOrEqual(one.high);
    }
    expect(Number.isFinite(logMe) && Number.isFinite(hScore)).toBe(true);
    expect(app.lastRanking(sample.project)!.ranking.models[0].measure).toBe('area');
  });

  test('refuses one sigmoid for three classes before anything is trained', async () => {
    const path = table('three.csv', (label) => label);
    await app.labelImages(sample.project, path);
    const before = app.listRuns(sample.project).length;
    const refused = app.trainModel(sample.project, {
      ...training,
      settings: { ...training.settings, head: { output: 'sigmoid' } },
    });
    await expect(refused).rejects.toMatchObject({ code: 'head-output' });
    expect(app.listRuns(sample.project)).toHaveLength(before);
  });

  test('tells two classes apart by one sigmoid, judged as two classes', async () => {
    const path = table('two.csv', (label) => (label === 'none' ? 'clear' : 'lesion'));
    await app.labelImages(sample.project, path);
    const { runs } = await app.trainModel(sample.project, {
      ...training,
      settings: { ...training.settings, head: { output: 'sigmoid' } },
      approaches: ['probe'],
    });
    expect(runs.map(({ state }) => state)).toEqual(['done']);
    const { results } = await app.evaluate(sample.project, { sets: ['validation'] });
    const [probe] = results[0].table.models;
    expect(probe.confusion.flat()).toHaveLength(4);
    expect(probe.metrics.auc.value).not.toBeNull();
    const exported = await app.exportModel(sample.project);
    const onnx = await openOnnx(readFileSync(join(sample.project, exported.path)));
    const { probabilities } = await onnx.run(
      { image: new Float32Array(32 * 32).fill(0.5) },
      { image: [1, 32, 32, 1] },
    );
    const [clear, lesion] = probabilities.data;
    expect(clear + lesion).toBeCloseTo(1, 6);
    await onnx.dispose();
  });
});
