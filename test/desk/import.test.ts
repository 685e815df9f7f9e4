import { writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ImportedFolder } from '../../src-main/app/index.ts';
import { listInstances, saveSplit, saveLabels, listSources } from '../../src-main/store/index.ts';
import { splitOptions } from '../../src-main/contract/dataset.ts';
import { indexImages, picture, useWorkplace, writeImage } from '../cohort/fixtures.ts';
import { openDesk, type OpenDesk } from './fixtures.ts';

const place = useWorkplace();
let open: OpenDesk | null = null;

const opened = async (): Promise<OpenDesk> => {
  place.project.close();
  return (open = await openDesk(place.path('project')));
};
beforeEach(async () => {
  await writeImage(place.path('data', 'nodule', '1'), { SOPInstanceUID: '2.25.1', PatientID: 'A' });
  await writeImage(
    place.path('data', 'nodule', '2'),
    { SOPInstanceUID: '2.25.2', PatientID: 'B' },
    picture(2),
  );
  await writeImage(
    place.path('data', 'normal', '3'),
    { SOPInstanceUID: '2.25.3', PatientID: 'C' },
    picture(3),
  );
  await writeImage(
    place.path('data', 'normal', '4'),
    { SOPInstanceUID: '2.25.4', PatientID: 'D' },
    picture(4),
  );
});
afterEach(async () => {
  await open?.close();
  open = null;
});

describe('an import from the window', () => {
  it('is a job whose result tells what was found, and everybody hears of it', async () => {
    const { ask, finished, events } = await opened();
    expect(await ask('data.browse', {})).toMatchObject({ images: 0 });
    const job = await finished(await ask('data.import', { folder: place.path('data'), name: 'Hospital' }));
    const { images, labels } = job.result as ImportedFolder;
    expect(images).toMatchObject({ files: 4, images: 4, patients: 4, source: { name: 'Hospital' } });
    expect(labels).toBeNull();
    expect(await ask('data.browse', {})).toMatchObject({ images: 4, patients: 4 });
    expect(events.filter(({ kind }) => kind === 'changed')).toEqual(
      expect.arrayContaining([
        { kind: 'changed', what: 'images' },
        { kind: 'changed', what: 'labels' },
      ]),
    );
    expect(events.findLast(({ kind }) => kind === 'project')).toMatchObject({
      project: { images: 4, patients: 4 },
    });
  });

  it('makes a plan that splits as the table says, once it says so of every image', async () => {
    const { ask, finished } = await opened();
    const table = (places: string[]): string => {
      const rows = places.map((role, at) => `2.25.${at + 1},${at < 2 ? 'nodule' : 'normal'},${role}`);
      writeFileSync(place.path('labels.csv'), `sop_instance_uid,label,split\n${rows.join('\n')}\n`);
      return place.path('labels.csv');
    };
    const labels = (places: string[]): { folder: string; labels: string } => ({
      folder: place.path('data'),
      labels: table(places),
    });
    await finished(await ask('data.import', labels(['train', 'test', 'train', ''])));
    expect((await ask('plans.current', null)).split.options.predefined).toBe(false);
    await finished(await ask('data.import', labels(['train', 'test', 'train', 'test'])));
    expect((await ask('plans.current', null)).split.options.predefined).toBe(true);
  });

  it('takes labels from folder names', async () => {
    const { ask, finished } = await opened();
    await finished(await ask('data.import', { folder: place.path('data'), labelsFromFolders: true }));
    expect(await ask('data.browse', { query: { classes: ['nodule'] } })).toMatchObject({ images: 2 });
  });

  it('that failed still shows what it had stored: labels without a match leave the images in', async () => {
    const { ask, finished } = await opened();
    await ask('data.browse', {});
    writeFileSync(place.path('labels.csv'), 'path,label\nelsewhere/9,nodule\n');
    const folder = place.path('data');
    const job = await finished(await ask('data.import', { folder, labels: place.path('labels.csv') }));
    expect(job).toMatchObject({ state: 'failed', error: { code: 'labels-none-matched' } });
    expect(await ask('data.browse', {})).toMatchObject({ images: 4 });
  });

  it('is done again where files are new, gone or changed', async () => {
    const { ask, finished } = await opened();
    await finished(await ask('data.import', { folder: place.path('data') }));
    await writeImage(
      place.path('data', 'normal', '5'),
      { SOPInstanceUID: '2.25.5', PatientID: 'E' },
      picture(5),
    );
    const job = await finished(await ask('data.import', { folder: place.path('data') }));
    expect((job.result as ImportedFolder).images).toMatchObject({ files: 5, read: 1, unchanged: 4 });
    expect((await ask('data.sources', null)).map(({ name, images }) => [name, images])).toEqual([
      ['data', 5],
    ]);
  });

  it('can be labelled later, and the report says what fitted', async () => {
    const { ask, finished } = await opened();
    await finished(await ask('data.import', { folder: place.path('data') }));
    writeFileSync(place.path('labels.csv'), 'path,label\nnodule/1,benign\nnodule/9,benign\n');
    const report = await ask('data.importLabels', { path: place.path('labels.csv'), source: 'data' });
    expect(report).toMatchObject({
      matchedRows: 1,
      unmatchedRows: 1,
      labelledImages: 1,
      unlabelledImages: 3,
    });
    expect(await ask('data.browse', { query: { classes: ['benign'] } })).toMatchObject({ images: 1 });
  });
});

describe('a source', () => {
  it('says what hangs on it, and leaves with its images and labels', async () => {
    const { db } = place.project;
    indexImages(
      place.project,
      [
        { path: '1', patient: 'A' },
        { path: '2', patient: 'B' },
      ],
      'first',
    );
    indexImages(place.project, [{ path: '3', patient: 'B' }], 'second');
    const [{ id }] = listInstances(db);
    saveLabels(db, { name: 'labels', source: 'csv', by: 'test' }, [
      { instanceId: id, className: 'x', role: null },
    ]);
    const { ask } = await opened();
    const [first, second] = await ask('data.sources', null);
    expect(first).toMatchObject({ name: 'first', images: 2, patients: 2, labels: 1, inSplits: false });
    expect(second).toMatchObject({ name: 'second', images: 1, patients: 1, labels: 0 });
    const before = (await ask('data.browse', { query: { filter: { source: 'second' } } })).rows[0].title;
    await ask('data.removeSource', { id: first.id });
    const left = await ask('data.browse', {});
    expect(left).toMatchObject({ images: 1, patients: 1 });
    expect(left.rows[0].title).toBe(before);
  });

  it('whose images are in a split stays, and the sentence says why', async () => {
    const { db } = place.project;
    indexImages(place.project, [{ path: '1', patient: 'A' }]);
    const [{ id: instanceId }] = listInstances(db);
    const labels = [{ instanceId, className: 'x', role: null }];
    const labelSetId = saveLabels(db, { name: 'labels', source: 'csv', by: 'test' }, labels);
    saveSplit(db, {
      labelSetId,
      classes: ['x'],
      options: splitOptions.parse({}),
      hash: 'hash',
      members: [{ instanceId, role: 'train', classIndex: 0 }],
      leftOut: [],
    });
    const [{ id }] = listSources(db);
    const { ask } = await opened();
    expect(await ask('data.sources', null)).toMatchObject([{ inSplits: true }]);
    await expect(ask('data.removeSource', { id })).rejects.toMatchObject({ code: 'source-in-split' });
    expect(await ask('data.sources', null)).toHaveLength(1);
  });
});
