import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApp, nameOfStart } from '../../src-main/app/index.ts';
import type { AddedModel } from '../../src-main/contract/calls/models.ts';
import { runTable } from '../../src-main/shell/cli/run-table.ts';
import { sampleProject, type SampleProject } from '../app/sample-project.ts';
import { testDesk, type TestDesk } from './opened-desk.ts';

describe('learning without labels at the desk', () => {
  let sample: SampleProject;
  let desk: TestDesk;
  let parent: AddedModel;
  beforeAll(async () => {
    sample = await sampleProject();
    const input = { path: sample.model, title: 'Small', source: '', licence: '' };
    parent = await createApp().addModel(sample.project, input);
    desk = testDesk();
    await desk.ask('projects.open', { folder: sample.project });
  }, 180_000);
  afterAll(async () => {
    await desk.desk.close();
    sample.remove();
  });
  const quick = () => ({
    from: parent.id,
    method: 'simclr' as const,
    epochs: 1,
    size: 32,
    datasets: ['hospital-a'],
  });

  it('says before what it would look at, under the plan, and stores no split for that', async () => {
    const plan = await desk.ask('plans.current', null);
    const all = await desk.ask('models.unlabelled', {});
    const some = await desk.ask('models.unlabelled', { datasets: ['hospital-a'] });
    expect(all.images).toBeGreaterThan(some.images);
    expect(some.heldOut!.patients).toBeGreaterThan(0);
    await desk.ask('plans.save', {
      plan: {
        ...plan,
        split: { splitId: null, options: { evaluationSets: { b: { source: 'hospital-b' } } } },
      },
    });
    const apart = await desk.ask('models.unlabelled', {});
    // All of hospital B is held out then.
    expect(apart.heldOut!.patients).toBeGreaterThan(all.heldOut!.patients);
    expect((await desk.ask('models.unlabelled', { datasets: ['hospital-b'] })).images).toBe(0);
  });

  it('is a job whose result is another model, with its lineage', async () => {
    const job = await desk.ended(await desk.ask('models.pretrain', quick()));
    expect(job).toMatchObject({ kind: 'pretrain', state: 'done' });
    const { added, unfinished } = await desk.ask('models.list', null);
    expect(added.map(({ id }) => id)).toContain((job.result as { added: string }).added);
    expect(unfinished).toEqual([]);
    const { lineage } = added.find(({ id }) => id !== parent.id)!;
    expect(lineage).toMatchObject({ size: 32, datasets: ['hospital-a'], parent: { title: 'Small' } });
    expect(lineage!.heldOut!.patients).toBeGreaterThan(0);
  }, 180_000);

  it('is what a training says that it started from, and what that differs in from one before it', async () => {
    const { added } = await desk.ask('models.list', null);
    for (const one of [parent, added.find(({ lineage }) => lineage !== null)!]) {
      const { modelName, folder: initial } = one;
      const settings = { modelName, initial };
      const { job } = await desk.ask('runs.start', { settings, approaches: ['majority'] });
      expect(job.title).toBe(`Training ${one.title}`);
      expect((await desk.ended(job)).state).toBe('done');
    }
    const [second, first] = await desk.ask('runs.list', null);
    expect([first.modelTitle, second.modelTitle]).toEqual(['Small', 'Small, continued without labels']);
    expect(second.differences).toEqual(['starts from Small → Small, continued without labels']);
    const name = nameOfStart(second.runs[0].run.config);
    expect(name).toMatch(/^starter-simclr-[0-9a-f]{8}$/);
    const tuned = { ...second.runs[0].run, approach: 'fine-tuned' as const };
    expect(runTable([{ run: tuned }])).toContain(name);
    const random = { ...tuned, approach: 'scratch' as const };
    expect(runTable([{ run: random }])).toContain('starter (random)');
  }, 60_000);

  it('can be cancelled, is listed as unfinished, and can be thrown away', async () => {
    const started = await desk.ask('models.pretrain', { ...quick(), epochs: 500 });
    await expect
      .poll(async () => (await desk.ask('models.list', null)).unfinished.length, { timeout: 20_000 })
      .toBe(1);
    await desk.ask('jobs.cancel', { id: started.id });
    expect((await desk.ended(started)).state).toBe('cancelled');
    const [{ id, title }] = (await desk.ask('models.list', null)).unfinished;
    // The first of that title is there already.
    expect(title).toBe('Small, continued without labels (2)');
    await desk.ask('models.discardPretraining', { id });
    await expect(desk.ask('models.resumePretraining', { id })).rejects.toMatchObject({
      code: 'pretraining-missing',
    });
    expect((await desk.ask('models.list', null)).unfinished).toEqual([]);
  }, 180_000);
});
