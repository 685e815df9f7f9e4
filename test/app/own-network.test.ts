import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createApp } from '../../src-main/app/index.ts';
import type { AddedModel } from '../../src-main/contract/calls/models.ts';
import { openProjectForReading } from '../../src-main/store/index.ts';
import { sha256 } from '../../src-main/platform/files.ts';
import { sampleProject, smallTraining, type SampleProject } from './sample-project.ts';

const file = fileURLToPath(new URL('../models/weights/files/onnx/residual.onnx', import.meta.url));

/** Each test goes on from the one before, as a person would. */
describe('a network that an ONNX file describes', () => {
  const app = createApp();
  let sample: SampleProject;
  let added: AddedModel;
  let run: number;
  beforeAll(async () => {
    sample = await sampleProject();
  });
  afterAll(() => sample.remove());

  test('is added with its stages, its origin and the checksum of the file', async () => {
    added = await app.addModel(sample.project, {
      path: file,
      title: 'Residual',
      source: 'tests',
      licence: 'CC0-1.0',
      sourceTask: 'nothing',
    });
    expect(added).toMatchObject({
      modelName: 'residual-onnx',
      sha256: sha256(readFileSync(file)),
      licence: 'CC0-1.0',
      report: { format: 'ONNX', classes: 5, preprocessing: 'torch', graph: { layers: 8, fixedSize: false } },
    });
    expect(added.report!.graph!.stages.slice(0, 2)).toEqual(['stem', 'stage1']);
  });

  test('is fine-tuned from a stage on, beside the same network from scratch; what is frozen does not move', async () => {
    const { split, preprocessing, settings } = smallTraining(added.folder);
    const report = await app.trainModel(sample.project, {
      split,
      preprocessing,
      settings: { ...settings, initial: undefined, modelName: added.id, freezeUntil: 'stage1', epochs: 2 },
      approaches: ['scratch', 'fine-tuned'],
    });
    expect(report.runs.map(({ approach, state }) => [approach, state])).toEqual([
      ['scratch', 'done'],
      ['fine-tuned', 'done'],
    ]);
    const [scratch, tuned] = app.listRuns(sample.project).map((one) => one.run.result!);
    expect(tuned.frozen.unmoved).toBe(true);
    const learning = new Set(tuned.freezeMap.filter(({ trainable }) => trainable).map(({ stage }) => stage));
    expect(learning.has('stem') || learning.has('stage1')).toBe(false);
    expect(learning.has('head')).toBe(true);
    expect(scratch.freezeMap.map(({ layer }) => layer)).toEqual(tuned.freezeMap.map(({ layer }) => layer));
    run = report.runs[1].id;
  });

  test('is explained at its last layer with places, as every other network is', async () => {
    await app.evaluate(sample.project, { runId: run, sets: ['validation'] });
    const images = [String(openedImage())];
    const { files, check } = await app.explain(sample.project, { runId: run, images });
    expect(files[0].explanation).toMatchObject({ layer: 'Relu_2', members: 1 });
    expect(check).toMatchObject({ layer: 'Relu_2' });
    expect(check!.steps.at(-1)!.stage).toBe('stem');
    const asked = app.explain(sample.project, { runId: run, images, layer: 'fc', check: false });
    await expect(asked).rejects.toThrow(
      /Expected a layer of residual-onnx that has places in the image.*Relu_2; found "fc"/,
    );
  });

  test('is exported as ONNX again, which says the same', async () => {
    const exported = await app.exportModel(sample.project, { runId: run });
    expect(exported.largestDifference).toBeLessThanOrEqual(1e-5);
  });

  test('stands in reports with where it comes from', async () => {
    await app.evaluate(sample.project, { runId: run, sets: ['validation'] });
    const { model } = await app.writeReport(sample.project, { runId: run });
    expect(model.model).toMatchObject({
      name: 'residual-onnx',
      licence: 'CC0-1.0',
      sourceTask: 'nothing',
      weights: { title: 'Residual', source: 'tests', format: 'ONNX', preprocessing: 'torch' },
      sha256: added.sha256,
    });
  });

  test('is ranked beside the others, and a plan of it is printed with the size of its images', async () => {
    const ranking = await app.rankModels(sample.project, {
      models: [added.id],
      random: true,
      costs: false,
      images: 24,
      preprocessing: { height: 32, width: 32 },
      split: smallTraining(added.folder).split!,
    });
    expect(ranking.models.map(({ name }) => name)).toEqual([added.id]);
    const plan = app.planText({ settings: { modelName: added.id, epochs: 2 } }, sample.project);
    expect(plan).toContain('modelName: residual-onnx');
    expect(plan).toContain('height: 224');
  });

  test('goes on from any exported run: its folder is a model to add', async () => {
    const again = await app.addModel(sample.project, {
      path: join(sample.project, `runs/${run}/model`),
      title: 'Tuned',
      source: '',
      licence: '',
    });
    expect(again.modelName).toBe('residual-onnx');
  });

  const openedImage = (): number => {
    const { db, close } = openProjectForReading(sample.project);
    const found = db
      .prepare("SELECT instance_id FROM split_members WHERE role = 'validation' LIMIT 1")
      .pluck();
    const id = found.get() as number;
    close();
    return id;
  };

  test('stays in the reports of its runs when it is removed', async () => {
    rmSync(added.folder, { recursive: true });
    const { model } = await app.writeReport(sample.project, { runId: run });
    expect(model.model).toMatchObject({ name: 'residual-onnx', inputSize: 32, licence: 'not stated' });
  });
});
