import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createApp } from '../../src-main/app/index.ts';
import { openOnnx } from '../../src-main/engine/index.ts';
import { reportSchema } from '../../src-main/reports/schema/report-schema.ts';
import { sha256 } from '../../src-main/platform/files.ts';
import { openProjectForReading } from '../../src-main/store/index.ts';
import { listEvaluations } from '../../src-main/store/evaluations.ts';
import { listJobs } from '../../src-main/store/jobs.ts';
import { listPredictions } from '../../src-main/store/predictions.ts';
import { readPdf } from '../reports/pdf-text.ts';
import { sampleProject, smallTraining, type SampleProject } from './sample-project.ts';
import type { TrainingSettings } from '../../src-main/contract/training.ts';

/** Each test goes on from the one before, as a person would. */
describe('the whole job on two drawn hospitals', () => {
  const app = createApp();
  let sample: SampleProject;
  beforeAll(async () => {
    sample = await sampleProject();
  });
  afterAll(() => sample.remove());

  test('lists what the import refused, each with its reason', () => {
    const reasons = app.listProblems(sample.project).refused.map(({ reason }) => reason);
    expect(reasons.sort()).toEqual(['not-dicom', 'truncated']);
  });

  test('trains the four approaches on one split, without opening the test set', async () => {
    const report = await app.trainModel(sample.project, smallTraining(sample.model));
    expect(report.runs.map(({ approach, state }) => [approach, state])).toEqual([
      ['majority', 'done'],
      ['probe', 'done'],
      ['scratch', 'done'],
      ['fine-tuned', 'done'],
    ]);
    const summaries = app.listRuns(sample.project);
    expect(summaries.map(({ epochs }) => epochs.length)).toEqual([0, 0, 3, 3]);
    expect(summaries.map(({ testOpenings }) => testOpenings)).toEqual([0, 0, 0, 0]);
    expect(summaries[3].run.result?.frozen.unmoved).toBe(true);
    expect(summaries[3].run.result?.modelFolder).toBe('runs/4/model');
  });

  test('finds exact copies under other patients, also in another encoding and hospital', () => {
    const { duplicates } = app.listProblems(sample.project);
    expect(duplicates.map(({ patients }) => patients)).toEqual([2, 2]);
    expect(duplicates.flatMap(({ images }) => images.map(({ source }) => source))).toContain('hospital-b');
  });

  test('predicts every image of every set once, copies marked, and counts the openings', async () => {
    const report = await app.evaluate(sample.project);
    expect(report.sets).toEqual(['validation', 'test', 'hospital-b']);
    expect(report.openings.map(({ setName }) => setName)).toEqual(['test', 'hospital-b']);
    const project = openProjectForReading(sample.project);
    try {
      for (const run of report.runs) {
        for (const { id, setName } of listEvaluations(project.db, run.id)) {
          const predictions = listPredictions(project.db, id);
          expect(predictions).toHaveLength(report.split.counts[setName].images);
          for (const { probabilities } of predictions)
            expect(probabilities.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 5);
        }
      }
      const external = listEvaluations(project.db, 4).find(({ setName }) => setName === 'hospital-b')!;
      const marked = listPredictions(project.db, external.id).filter(({ excluded }) => excluded !== null);
      expect(marked).toHaveLength(1);
    } finally {
      project.close();
    }
  });

  test('counts opening the same test set again, also through a split that was made anew', async () => {
    const again = await app.evaluate(sample.project, { sets: ['test'] });
    expect(again.openings.filter(({ setName }) => setName === 'test')).toHaveLength(2);
    const other = await app.createSplit(sample.project, smallTraining(sample.model).split!);
    expect(other.id).not.toBe(again.split.id);
    expect(other.hash).toBe(again.split.hash);
    await app.trainModel(sample.project, {
      ...smallTraining(sample.model),
      split: { splitId: other.id },
      approaches: ['majority'],
    });
    expect((await app.evaluate(sample.project, { sets: ['test'] })).openings).toHaveLength(4);
  });

  test('writes a report of what was evaluated, which names no folder of this machine and no patient', async () => {
    const before = await app.evaluate(sample.project, { runId: 4, sets: ['validation'] });
    const { html, json, files, model } = await app.writeReport(sample.project, { runId: 4 });
    const [page, data] = [html, json].map((path) => readFileSync(path, 'utf8'));
    expect(model.results.map(({ setName }) => setName)).toEqual(['test', 'hospital-b', 'validation']);
    expect(model.runs.map(({ approach }) => approach)).toEqual([
      'majority',
      'probe',
      'scratch',
      'fine-tuned',
    ]);
    expect(model.results.find(({ setName }) => setName === 'test')!.openings).toBe(3);
    expect(model.results.find(({ setName }) => setName === 'hospital-b')!.withCopies).not.toBeNull();
    expect(model.model.sha256).toBe(sha256(readFileSync(join(sample.model, 'weights.safetensors'))));
    expect(JSON.parse(data)).toEqual(JSON.parse(JSON.stringify(model)));
    const pdf = readPdf(readFileSync(files.pdf!.path));
    const tables = readdirSync(files.csv!.path).map((name) =>
      readFileSync(join(files.csv!.path, name), 'utf8'),
    );
    expect(tables.length).toBeGreaterThan(8);
    expect(reportSchema.parse(JSON.parse(data))).toEqual(JSON.parse(data));
    // The reader of the PDF sees what a person sees: a name of a set is found in all of them.
    expect(pdf.pages.join('\n')).toContain('External set hospital-b');
    const card = readFileSync(files.card!.path, 'utf8');
    for (const text of [page, data, card, ...pdf.pages, pdf.rest, ...tables]) {
      expect(text).not.toContain(sample.folder);
      expect(text).not.toMatch(/\b[AB]0\d\d\b/);
      // Names, accession numbers (which hold the patient's) and institutions, as the files have them.
      expect(text).not.toMatch(/Phantom\^|[AB]0\d\d-1|Hospital [AB]\b/);
      expect(text).not.toContain('patientKey');
    }
    const after = await app.evaluate(sample.project, { runId: 4, sets: ['validation'] });
    expect(after.openings).toEqual(before.openings);
  });

  test('reports nothing before anything was evaluated', async () => {
    const { runs } = await app.trainModel(sample.project, {
      ...smallTraining(sample.model),
      approaches: ['majority'],
    });
    await expect(app.writeReport(sample.project, { runId: runs[0].id })).rejects.toMatchObject({
      code: 'not-evaluated',
    });
  });

  test('exports a model whose file says what the trainer says, and records by how much it differs', async () => {
    const exported = await app.exportModel(sample.project, { runId: 4 });
    expect(exported.largestDifference).toBeLessThanOrEqual(1e-5);
    expect(exported.imagesCompared).toBeGreaterThan(20);
    const file = readFileSync(join(sample.project, exported.path));
    expect(sha256(file)).toBe(exported.sha256);
    const onnx = await openOnnx(file);
    const image = new Float32Array(2 * 32 * 32).fill(0.5);
    const { probabilities } = await onnx.run({ image }, { image: [2, 32, 32, 1] });
    expect(probabilities.shape).toEqual([2, 3]);
    await onnx.dispose();
  });

  test('keeps no file, and no record of one, when the file does not agree closely enough', async () => {
    const path = join(sample.folder, 'refused.onnx');
    const recorded = app.listModels(sample.project).exported.length;
    const refused = app.exportModel(sample.project, { runId: 3, path, tolerance: -1 });
    await expect(refused).rejects.toMatchObject({ code: 'export-differs', kind: 'expected' });
    expect(existsSync(path) || existsSync(`${path}.unchecked`)).toBe(false);
    expect(app.listModels(sample.project).exported).toHaveLength(recorded);
  });

  test('does not export the majority class, which has no model', async () => {
    await expect(app.exportModel(sample.project, { runId: 1 })).rejects.toMatchObject({
      code: 'run-not-exportable',
    });
  });

  test('leaves a row of every long operation', () => {
    const project = openProjectForReading(sample.project);
    const jobs = listJobs(project.db);
    project.close();
    expect(new Set(jobs.map(({ kind }) => kind))).toEqual(
      new Set(['import', 'prepare', 'train', 'evaluate', 'report', 'export']),
    );
    const failed = jobs.filter(({ state }) => state !== 'done');
    expect(failed.map(({ error }) => error?.code)).toEqual(['export-differs', 'not-evaluated']);
  });

  test('says which settings do not fit, and starts nothing', async () => {
    const before = app.listRuns(sample.project).length;
    const wrong = app.trainModel(sample.project, { settings: { epochs: 0 } });
    await expect(wrong).rejects.toMatchObject({ code: 'settings-wrong', kind: 'expected' });
    const unfitting: [TrainingSettings, string][] = [
      [{ freezeUntil: 'stage9' }, 'stage-unknown'],
      [{ trainableLayers: ['no_such_layer'] }, 'layer-unknown'],
      [{ unfreeze: [{ epoch: 2, stage: 'stage9' }] }, 'stage-unknown'],
    ];
    for (const [settings, code] of unfitting) {
      const unfit = app.trainModel(sample.project, { settings });
      await expect(unfit).rejects.toMatchObject({ code, kind: 'expected' });
      const judged = app.crossValidate(sample.project, { plan: { settings } });
      await expect(judged).rejects.toMatchObject({ code, kind: 'expected' });
    }
    expect(app.listRuns(sample.project)).toHaveLength(before);
  });
});
