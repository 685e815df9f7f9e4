import { describe, expect, it } from 'vitest';
import { ImportForm } from '../../../src-renderer/screens/data/import-form.svelte.ts';
import { importsDone } from '../../../src-renderer/screens/data/imports-done.svelte.ts';
import type { Job } from '../../../src-main/contract/job.ts';
import { standIn } from './bridge.ts';

describe('what is said before an import', () => {
  it('starts a job for each folder, and what is typed counts as one', async () => {
    const { asked } = standIn({ 'data.import': () => ({}) });
    const form = new ImportForm();
    expect(form.isReady).toBe(false);
    form.add(['/a', '/b', '/a']);
    form.typed = ' /c ';
    form.name = 'Hospital';
    expect(form.wanted).toEqual(['/a', '/b', '/c']);
    expect(await form.start()).toBe(true);
    // A name is one source's: with several folders each has its own.
    expect(asked.map(({ input }) => input)).toEqual(
      ['/a', '/b', '/c'].map((folder) => ({ folder, labelsFromFolders: false })),
    );
    expect(form.wanted).toEqual([]);
  });

  it('needs a table where labels come from one', async () => {
    const { asked } = standIn({ 'data.import': () => ({}) });
    const form = new ImportForm();
    form.typed = '/a';
    form.name = 'Hospital';
    form.kind = 'csv';
    expect(form.isReady).toBe(false);
    form.labels = '/labels.csv';
    expect(form.isReady).toBe(true);
    await form.start();
    expect(asked[0].input).toEqual({
      folder: '/a',
      name: 'Hospital',
      labels: '/labels.csv',
      labelsFromFolders: false,
    });
  });

  it('keeps the folders that were not begun when one is refused, with the sentence', async () => {
    standIn({
      'data.import': ({ folder }: { folder: string }) => {
        if (folder === '/b') throw { code: 'folder-unreadable', message: 'Expected a folder.' };
        return {};
      },
    });
    const form = new ImportForm();
    form.add(['/a', '/b', '/c']);
    expect(await form.start()).toBe(false);
    expect(form.folders).toEqual(['/b', '/c']);
    expect(form.failure?.message).toBe('Expected a folder.');
    expect(form.busy).toBe(false);
  });
});

describe('the summary of an import', () => {
  const job = (id: number, finishedAt: string): Job => ({
    id,
    kind: 'import',
    title: 'Import',
    state: 'done',
    createdAt: finishedAt,
    startedAt: finishedAt,
    finishedAt,
    progress: null,
    error: null,
    result: { images: {}, labels: null },
  });

  it('is of the newest since the page was opened, until it is dismissed', () => {
    const old = job(1, '2020-01-01T00:00:00.000Z');
    const now = job(2, new Date(Date.now() + 1000).toISOString());
    expect(importsDone.newest([old])).toBeNull();
    expect(importsDone.newest([now, old])?.job.id).toBe(2);
    importsDone.dismiss(now);
    expect(importsDone.newest([now, old])).toBeNull();
  });
});
