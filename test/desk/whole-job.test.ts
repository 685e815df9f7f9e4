import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Plan } from '../../src-main/contract/calls/plans.ts';
import { sampleProject, smallTraining, type SampleProject } from '../app/sample-project.ts';
import { testDesk, type TestDesk } from './opened-desk.ts';

describe('the whole job at the desk', () => {
  let sample: SampleProject;
  let desk: TestDesk;
  let plan: Plan;
  beforeAll(async () => {
    sample = await sampleProject();
    desk = testDesk();
  }, 60_000);
  afterAll(async () => {
    await desk.desk.close();
    sample.remove();
  });

  it('says that no project is open, and refuses what no schema allows', async () => {
    await expect(desk.ask('runs.list', null)).rejects.toMatchObject({ code: 'project-not-open' });
    expect(await desk.desk.call('no.such.call', null)).toMatchObject({
      ok: false,
      error: { code: 'call-unknown' },
    });
    expect(await desk.desk.call('toString', null)).toMatchObject({
      ok: false,
      error: { code: 'call-unknown' },
    });
    expect(await desk.desk.call('jobs.cancel', { id: 'one' })).toMatchObject({
      ok: false,
      error: { code: 'input-wrong', message: expect.stringContaining('jobs.cancel') },
    });
  });

  it('opens a project once, remembers it, and tells everybody', async () => {
    const project = await desk.ask('projects.open', { folder: sample.project });
    expect(await desk.ask('projects.open', { folder: sample.project })).toEqual(project);
    expect(await desk.ask('projects.recent', null)).toMatchObject([{ folder: sample.project, there: true }]);
    expect(desk.events).toContainEqual({ kind: 'project', project });
    expect(project).toMatchObject({ labelled: project.images, runs: 0 });
  });

  it('describes a plan and what is unwise about it, and stores no split for that', async () => {
    plan = await desk.ask('plans.current', null);
    const { settings, split, preprocessing } = smallTraining(sample.model);
    plan = {
      ...plan,
      name: 'small',
      settings: {
        ...plan.settings,
        ...settings,
        augmentation: { ...plan.settings.augmentation, variants: 2 },
      } as never,
      preprocessing: { ...plan.preprocessing, ...preprocessing } as Plan['preprocessing'],
      split: { splitId: null, options: { ...plan.split.options, ...split!.options } as never },
    };
    await desk.ask('plans.save', { plan });
    expect(await desk.ask('plans.current', null)).toEqual(plan);
    const described = await desk.ask('plans.describe', { plan });
    expect(described.stages.at(-1)).toMatchObject({ name: 'head', rate: 1 });
    expect(described.parameters.trainable).toBeLessThan(described.parameters.total);
    expect(described.explanation.join(' ')).toContain('only the new head learns');
    expect(described.warnings.map(({ text }) => text).join(' ')).toMatch(
      /\d classes have fewer than ten patients to learn from/,
    );
    expect(await desk.ask('plans.splits', null)).toEqual([]);
  });

  it('shows what the network would see, the same each time', async () => {
    const { rows } = await desk.ask('data.browse', {});
    const request = {
      instanceId: rows[0].instanceId,
      preprocessing: plan.preprocessing,
      augmentation: plan.settings.augmentation,
      seed: 7,
      versions: 3,
    };
    const preview = await desk.ask('plans.previewAugmentation', request);
    expect(preview.images).toHaveLength(4);
    expect(new Set(preview.images).size).toBe(4);
    expect(await desk.ask('plans.previewAugmentation', request)).toEqual(preview);
  });

  it('trains as one job, told epoch by epoch, and ends the same when it was held on the way', async () => {
    const start = async (): Promise<void> => {
      const { job } = await desk.ask('runs.start', {
        settings: plan.settings,
        preprocessing: plan.preprocessing,
        split: { options: plan.split.options },
        approaches: ['majority', 'fine-tuned'],
        name: plan.name,
      });
      const held = new Promise<void>((resolve) => {
        const stop = desk.desk.listen((event) => {
          if (event.kind !== 'epoch') return;
          stop();
          void desk
            .ask('runs.pause', { paused: true })
            .then(() => new Promise((wait) => setTimeout(wait, 300)))
            .then(() => desk.ask('runs.pause', { paused: false }))
            .then(() => resolve());
        });
      });
      expect((await desk.ended(job)).state).toBe('done');
      await held;
    };
    await start();
    await start();
    const [second, first] = await desk.ask('runs.list', null);
    expect(first).toMatchObject({ name: 'small', testOpenings: 0, differences: [] });
    expect(second.differences).toEqual([]);
    const losses = (of: typeof first): number[] => of.runs[1].epochs.map(({ trainLoss }) => trainLoss);
    expect(losses(first)).toHaveLength(3);
    expect(losses(second)).toEqual(losses(first));
    expect(desk.events.filter(({ kind }) => kind === 'epoch')).toHaveLength(6);
    expect(await desk.ask('runs.pause', { paused: null })).toBe(false);
  }, 120_000);

  it('cancels a training within a second, held or not, and goes on from its checkpoint', async () => {
    const { job } = await desk.ask('runs.start', {
      settings: { ...plan.settings, epochs: 30, earlyStopping: null },
      preprocessing: plan.preprocessing,
      split: { options: plan.split.options },
      approaches: ['fine-tuned'],
    });
    await new Promise<void>((resolve) => {
      const stop = desk.desk.listen((event) => {
        if (event.kind !== 'epoch') return;
        stop();
        resolve();
      });
    });
    await desk.ask('runs.pause', { paused: true });
    const start = performance.now();
    await desk.ask('jobs.cancel', { id: job.id });
    expect((await desk.ended(job)).state).toBe('cancelled');
    expect(performance.now() - start).toBeLessThan(1_500);
    const [cut] = await desk.ask('runs.list', null);
    expect(cut.runs[0].run.state).toBe('cancelled');
    const reached = cut.runs[0].epochs.length;
    const resumed = await desk.ask('runs.resume', { comparisonId: cut.id });
    expect((await desk.ended(resumed)).state).toBe('done');
    const [whole] = await desk.ask('runs.list', null);
    expect(whole.runs[0].epochs).toHaveLength(30);
    expect(whole.runs[0].epochs.slice(0, reached)).toEqual(cut.runs[0].epochs);
    await desk.ask('runs.delete', { comparisonId: whole.id });
    expect(existsSync(join(sample.project, 'runs', String(whole.runs[0].run.id)))).toBe(false);
  }, 120_000);

  it('keeps held-out sets locked until they are opened, and counts each opening', async () => {
    const [{ comparisonId }] = await desk.ask('evaluations.list', null);
    const sets = async (): Promise<[string, boolean, number][]> => {
      const [one] = await desk.ask('evaluations.list', null);
      return one.sets.map(({ name, evaluated, openings }) => [name, evaluated, openings.length]);
    };
    const evaluate = async (name: string): Promise<void> => {
      const job = await desk.ask('evaluations.run', { comparisonId, sets: [name] });
      expect((await desk.ended(job)).state).toBe('done');
    };
    await expect(desk.ask('evaluations.result', { comparisonId, setName: 'test' })).rejects.toMatchObject({
      code: 'not-evaluated',
    });
    await evaluate('validation');
    expect(await sets()).toEqual([
      ['validation', true, 0],
      ['hospital-b', false, 0],
      ['test', false, 0],
    ]);
    await evaluate('test');
    await evaluate('test');
    expect((await sets()).find(([name]) => name === 'test')).toEqual(['test', true, 2]);
  }, 120_000);

  it('gives results with the images behind them, the second time from its cache', async () => {
    const [{ comparisonId }] = await desk.ask('evaluations.list', null);
    const result = await desk.ask('evaluations.result', { comparisonId, setName: 'test' });
    const { scores, table } = result;
    const counting = scores.excluded.filter((reason) => reason === null).length;
    expect(counting).toBe(table.models[0].images);
    const tuned = scores.runs.find(({ approach }) => approach === 'fine-tuned')!;
    // Cells of the confusion matrix are the images that the page shows for them.
    const classes = table.classes.length;
    const counts = table.classes.map(() => table.classes.map(() => 0));
    scores.labels.forEach((label, at) => {
      if (scores.excluded[at] !== null) return;
      const row = tuned.probabilities.slice(at * classes, (at + 1) * classes);
      counts[label][row.indexOf(Math.max(...row))]++;
    });
    expect(counts).toEqual(table.models.find(({ approach }) => approach === 'fine-tuned')!.confusion);
    expect(tuned.patientAccuracy.patients).toBe(new Set(scores.pseudonyms).size);
    expect(result.sentences.join(' ')).toContain('Fine-tuning');
    const start = performance.now();
    expect(await desk.ask('evaluations.result', { comparisonId, setName: 'test' })).toEqual(result);
    expect(performance.now() - start).toBeLessThan(300);
  }, 60_000);

  it('analyses by other settings when asked to, and says that they were changed after a look', async () => {
    const [{ comparisonId }] = await desk.ask('evaluations.list', null);
    const before = await desk.ask('evaluations.result', { comparisonId, setName: 'test' });
    expect(before.analysis.fittedOn!.fittedAt).toMatch(/^\d{4}-/);
    expect(before.looks!.looks.map(({ changed }) => changed)).toEqual([null, []]);
    expect(before.scores.attributes.map(({ attribute }) => attribute)).toContain('PatientSex');
    const settings = {
      ...before.analysis.settings,
      unit: 'patient' as const,
      subgroups: ['PatientSex' as const],
    };
    expect(await desk.ask('evaluations.analyseBy', { comparisonId, settings })).toEqual(settings);
    const after = await desk.ask('evaluations.result', { comparisonId, setName: 'test' });
    expect(after.table).toEqual(before.table);
    expect(after.analysis.cases).toBe(after.analysis.patients);
    expect(after.looks!.settingsChanged).toHaveLength(1);
    expect(after.looks!.sentences.join(' ')).toContain('unit: "image" → "patient"');
    const [point] = await desk.ask('evaluations.trainedPoints', null);
    expect(point.patients).toBeGreaterThan(0);
    const plan = await desk.ask('evaluations.planStudy', {
      accuracies: { difference: 0.05, discordant: 0.15 },
    });
    expect(plan.accuracies!.patients).toBe(469);
  }, 60_000);

  it('writes the report, exports the checked model, and copies both where a person wants them', async () => {
    const [{ comparisonId }] = await desk.ask('evaluations.list', null);
    expect((await desk.ended(await desk.ask('reports.write', { comparisonId }))).state).toBe('done');
    const exported = await desk.ended(await desk.ask('reports.exportModel', { comparisonId }));
    expect(exported.result).toMatchObject({ largestDifference: expect.any(Number) });
    const [{ report, models }] = await desk.ask('reports.list', null);
    expect(models).toHaveLength(1);
    const page = await desk.desk.resource(`/files/reports/${report!.html}`);
    expect(page).toMatchObject({ status: 200, type: 'text/html; charset=utf-8' });
    for (const what of ['html', 'json', 'onnx'] as const) {
      const path = join(sample.folder, `copy.${what}`);
      await desk.ask('reports.saveAs', { comparisonId, what, path });
      expect(existsSync(path)).toBe(true);
    }
    const nowhere = {
      comparisonId,
      what: 'html' as const,
      path: join(sample.folder, 'no', 'such', 'a.html'),
    };
    await expect(desk.ask('reports.saveAs', nowhere)).rejects.toMatchObject({ code: 'save-failed' });
  }, 60_000);

  it('removes no source that a split uses', async () => {
    const [source] = await desk.ask('data.sources', null);
    expect(source.inSplits).toBe(true);
    await expect(desk.ask('data.removeSource', { id: source.id })).rejects.toMatchObject({
      code: 'source-in-split',
    });
  });
});
