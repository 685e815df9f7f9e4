import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LabelSetDetails } from '../../src-main/contract/calls/labels.ts';
import { sampleProject, type SampleProject } from '../app/sample-project.ts';
import { testDesk, type TestDesk } from './opened-desk.ts';

describe('labelling at the desk', () => {
  let sample: SampleProject;
  let desk: TestDesk;
  let set: LabelSetDetails;
  let ids: number[];
  beforeAll(async () => {
    sample = await sampleProject();
    desk = testDesk();
    await desk.ask('projects.open', { folder: sample.project });
  }, 60_000);
  afterAll(async () => {
    await desk.desk.close();
    sample.remove();
  });

  const queue = (
    input: object = {},
  ): Promise<{ instanceIds: number[]; classIds: number[]; uncertain: number[] }> =>
    desk.ask('labels.queue', { labelSetId: set.id, ...input });

  it('makes a set with colours and keys in its order', async () => {
    set = await desk.ask('labels.createSet', {
      name: 'Quality',
      classes: [{ name: 'good' }, { name: 'poor', color: '#ff0000' }],
    });
    expect(set.classes.map(({ name, shortcut }) => [name, shortcut])).toEqual([
      ['good', '1'],
      ['poor', '2'],
    ]);
    expect(set.classes[1].color).toBe('#ff0000');
    await expect(
      desk.ask('labels.createSet', { name: 'Quality', classes: [{ name: 'x' }] }),
    ).rejects.toMatchObject({
      code: 'label-set-exists',
    });
    await expect(
      desk.ask('labels.createSet', { name: 'Twice', classes: [{ name: 'x' }, { name: 'X' }] }),
    ).rejects.toMatchObject({ code: 'class-twice' });
  });

  it('labels, tells what was before, and takes it back', async () => {
    ids = (await queue()).instanceIds;
    const [good, poor] = set.classes.map(({ id }) => id);
    const label = (
      instanceId: number,
      classId: number | null,
      uncertain = false,
    ): Promise<{ before: unknown }> =>
      desk.ask('labels.set', { labelSetId: set.id, labels: [{ instanceId, classId, uncertain }] });
    expect(await label(ids[0], good)).toEqual({
      before: [{ instanceId: ids[0], classId: null, uncertain: false }],
    });
    expect(await label(ids[0], poor, true)).toEqual({
      before: [{ instanceId: ids[0], classId: good, uncertain: false }],
    });
    expect(await queue({ show: 'uncertain' })).toEqual({
      instanceIds: [ids[0]],
      classIds: [poor],
      answers: {},
      uncertain: [1],
    });
    expect((await queue({ show: 'unlabelled' })).instanceIds).toEqual(ids.slice(1));
    await label(ids[0], good);
    const { history, label: now } = await desk.ask('labels.image', {
      labelSetId: set.id,
      instanceId: ids[0],
    });
    expect(now).toMatchObject({ classId: good, uncertain: false });
    expect(history.map(({ className, uncertain }) => [className, uncertain])).toEqual([
      ['good', false],
      ['poor', true],
    ]);
    await label(ids[0], null);
    expect((await queue({ show: 'unlabelled' })).instanceIds).toEqual(ids);
  });

  it('keeps what each reader said, and finds where they disagree', async () => {
    const [good, poor] = set.classes.map(({ id }) => id);
    const read = async (reader: string, answers: number[]): Promise<void> => {
      await desk.ask('labels.setReader', { name: reader });
      await desk.ask('labels.set', {
        labelSetId: set.id,
        labels: answers.map((classId, at) => ({ instanceId: ids[at], classId })),
      });
    };
    await read('first', [good, good, poor, poor]);
    await read('second', [good, poor, poor, poor]);
    expect((await queue({ show: 'disagreements' })).instanceIds).toEqual([ids[1]]);
    const details = (await desk.ask('labels.sets', null)).find(({ id }) => id === set.id)!;
    // Observed 3/4; by chance 1/2 · 1/4 + 1/2 · 3/4 = 1/2.
    expect(details.kappa).toEqual({ value: 0.5, images: 4, readers: ['first', 'second'] });
    expect(details).toMatchObject({ labelled: 4, disagreements: 1, readers: ['first', 'second'] });
  });

  it('gives a patient’s label to all images of the patient, and takes exactly that back', async () => {
    const byPatient = await desk.ask('labels.createSet', {
      name: 'Patients',
      unit: 'patient',
      classes: [{ name: 'yes' }, { name: 'no' }],
    });
    const { before } = await desk.ask('labels.set', {
      labelSetId: byPatient.id,
      labels: [{ instanceId: ids[0], classId: byPatient.classes[0].id }],
    });
    expect(before.length).toBeGreaterThan(1);
    const { rows } = await desk.ask('data.browse', { query: { label: 'labelled' } });
    expect(rows).toHaveLength(1);
    expect(rows[0]).toMatchObject({ kind: 'patient', images: before.length, labels: 'yes' });
    await desk.ask('labels.set', { labelSetId: byPatient.id, labels: before, exactly: true });
    expect((await desk.ask('data.browse', { query: { label: 'labelled' } })).images).toBe(0);
  });

  it('deletes no class that is in use, but merges it into another', async () => {
    const [good, poor] = set.classes;
    await expect(
      desk.ask('labels.updateSet', { id: set.id, name: set.name, unit: 'image', classes: [good] }),
    ).rejects.toMatchObject({ code: 'class-in-use', message: expect.stringContaining('"poor"') });
    const merged = await desk.ask('labels.mergeClass', { labelSetId: set.id, from: poor.id, into: good.id });
    expect(merged.classes.map(({ name, images }) => [name, images])).toEqual([['good', 4]]);
    set = await desk.ask('labels.updateSet', {
      id: set.id,
      name: 'Image quality',
      unit: 'image',
      classes: [{ name: 'fair' }, { id: good.id, name: 'fine' }],
    });
    expect(set.classes.map(({ name, images }) => [name, images])).toEqual([
      ['fair', 0],
      ['fine', 4],
    ]);
  });

  it('has a random order that is the same for the same seed', async () => {
    const one = await queue({ order: 'random', seed: 5 });
    expect(await queue({ order: 'random', seed: 5 })).toEqual(one);
    expect((await queue({ order: 'random', seed: 6 })).instanceIds).not.toEqual(one.instanceIds);
    expect([...one.instanceIds].sort((a, b) => a - b)).toEqual([...ids].sort((a, b) => a - b));
  });

  it('writes a table that can be imported again', async () => {
    const path = join(sample.folder, 'labels-out.csv');
    expect(await desk.ask('labels.exportCsv', { labelSetId: set.id, path })).toBe(4);
    const text = readFileSync(path, 'utf8');
    expect(text).toContain('first: fine; second: fine');
    expect(text).not.toMatch(/Patient\^/);
    const report = await desk.ask('data.importLabels', { path });
    expect(report).toMatchObject({ matchedRows: 4, unmatchedRows: 0, labelledImages: 4 });
  });

  it('shows the patient of the file only when asked, and keeps it nowhere', async () => {
    const { patientId } = await desk.ask('labels.patient', { instanceId: ids[0] });
    expect(patientId).toBeTruthy();
    const image = await desk.ask('labels.image', { labelSetId: set.id, instanceId: ids[0] });
    expect(JSON.stringify(image)).not.toContain(patientId);
  });

  it('refuses a class of another set, and an image that is not there', async () => {
    const labels = [{ instanceId: ids[0], classId: 99_999 }];
    await expect(desk.ask('labels.set', { labelSetId: set.id, labels })).rejects.toMatchObject({
      code: 'class-missing',
    });
    await expect(desk.ask('labels.image', { labelSetId: set.id, instanceId: 99_999 })).rejects.toMatchObject({
      code: 'image-missing',
    });
  });

  it('labels with findings, an image having any number of them, and keeps what each reader said', async () => {
    const several = await desk.ask('labels.createSet', {
      name: 'Signs',
      multiLabel: true,
      classes: [{ name: 'effusion' }, { name: 'nodule' }],
    });
    expect(several).toMatchObject({ multiLabel: true, labelled: 0 });
    const [effusion, nodule] = several.classes.map(({ id }) => String(id));
    const say = (instanceId: number, findings: Record<string, 0 | 1 | null>) =>
      desk.ask('labels.set', {
        labelSetId: several.id,
        labels: [{ instanceId, classId: null, findings }],
      });
    const { instanceIds } = await desk.ask('labels.queue', { labelSetId: several.id });
    await desk.ask('labels.setReader', { name: 'first' });
    expect((await say(instanceIds[0], { [effusion]: 1, [nodule]: 0 })).before).toEqual([
      { instanceId: instanceIds[0], classId: null, uncertain: false },
    ]);
    await say(instanceIds[1], { [effusion]: 0, [nodule]: 0 });
    await say(instanceIds[2], { [effusion]: 1, [nodule]: null });
    await desk.ask('labels.setReader', { name: 'second' });
    const { before } = await say(instanceIds[0], { [effusion]: 1, [nodule]: 1 });
    expect(before[0].findings).toEqual({ [effusion]: 1, [nodule]: 0 });
    const image = await desk.ask('labels.image', { labelSetId: several.id, instanceId: instanceIds[0] });
    expect(image.label).toMatchObject({
      said: 'effusion | nodule',
      findings: { [effusion]: 1, [nodule]: 1 },
    });
    expect(image.readings.map(({ reader, said }) => [reader, said])).toEqual([
      ['first', 'effusion'],
      ['second', 'effusion | nodule'],
    ]);
    expect(image.history).toMatchObject([{ className: '+effusion', labelledBy: 'first' }]);
    const now = (await desk.ask('labels.sets', null)).find(({ id }) => id === several.id)!;
    expect(now).toMatchObject({ labelled: 3, uncertain: 1, disagreements: 1 });
    expect(now.classes.map(({ images }) => images)).toEqual([2, 1]);
    const doubtful = await desk.ask('labels.queue', { labelSetId: several.id, show: 'uncertain' });
    expect(doubtful.instanceIds).toEqual([instanceIds[2]]);
    expect(Object.values(doubtful.answers)).toEqual([{ [effusion]: 1, [nodule]: null }]);
    // Undone exactly as it was; and taken away.
    await desk.ask('labels.set', {
      labelSetId: several.id,
      labels: before.map((one) => ({ ...one, classId: null })),
      exactly: true,
    });
    await desk.ask('labels.set', {
      labelSetId: several.id,
      labels: [{ instanceId: instanceIds[1], classId: null }],
    });
    const path = join(sample.folder, 'signs.csv');
    expect(await desk.ask('labels.exportCsv', { labelSetId: several.id, path })).toBe(2);
    const table = readFileSync(path, 'utf8');
    expect(table).toContain('pseudonym,effusion,nodule,uncertain');
    expect(table).toMatch(/,1,\?,/);
    await expect(
      desk.ask('labels.createSet', { name: 'X', multiLabel: true, classes: [{ name: 'No finding' }] }),
    ).rejects.toMatchObject({ code: 'finding-none' });
    await expect(say(instanceIds[0], { 999999: 1 })).rejects.toMatchObject({ code: 'class-missing' });
  });
});
