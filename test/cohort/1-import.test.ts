import {
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { importFolder } from '../../src-main/cohort/index.ts';
import { ageInYears, yearOf } from '../../src-main/cohort/attributes.ts';
import type { Progress } from '../../src-main/contract/progress.ts';
import {
  listInstances,
  listLabels,
  listRefusedFiles,
  listSources,
  saveLabels,
} from '../../src-main/store/index.ts';
import { indexImages, picture, useWorkplace, writeImage } from './fixtures.ts';

const place = useWorkplace();
const workers = 1;

describe('importing a folder', () => {
  it('indexes images of any name and lists the other files with their reasons', async () => {
    await writeImage(place.path('data', 'a', 'IM1'), {
      SOPInstanceUID: '2.25.1',
      PatientID: 'P1',
      PatientAge: '018M',
      StudyDate: '20190817',
      Manufacturer: 'SIEMENS',
      PixelSpacing: '0.5\\0.25',
    });
    await writeImage(place.path('data', 'b.dcm'), { SOPInstanceUID: '2.25.2', PatientID: 'P2' });
    writeFileSync(place.path('data', 'notes.txt'), 'no image at all');
    writeFileSync(place.path('data', 'empty'), '');
    const heard: Progress[] = [];
    const report = await importFolder(place.project, place.path('data'), {
      workers,
      onProgress: (progress) => heard.push(progress),
    });
    expect(report).toMatchObject({
      files: 4,
      read: 4,
      images: 2,
      patients: 2,
      refused: { 'not-dicom': 2 },
      problems: [],
      source: { name: 'data' },
    });
    expect(listInstances(place.project.db).map(({ path }) => path)).toEqual(['a/IM1', 'b.dcm']);
    expect(listRefusedFiles(place.project.db).map(({ path, reason }) => [path, reason])).toEqual([
      ['empty', 'not-dicom'],
      ['notes.txt', 'not-dicom'],
    ]);
    const row = place.project.db
      .prepare(
        `SELECT PatientAge, StudyYear, Manufacturer, RowSpacing, ColumnSpacing FROM instances
        WHERE SOPInstanceUID = '2.25.1'`,
      )
      .get();
    expect(row).toEqual({
      PatientAge: 1.5,
      StudyYear: 2019,
      Manufacturer: 'SIEMENS',
      RowSpacing: 0.5,
      ColumnSpacing: 0.25,
    });
    expect(heard.at(-1)).toMatchObject({ done: 4, total: 4, unit: 'files', secondsLeft: 0 });
  });

  it('keeps no identifier, name, birth date or exact date of a patient', async () => {
    await writeImage(place.path('data', '1'), {
      SOPInstanceUID: '2.25.1',
      PatientID: 'SECRET-4711',
      PatientName: 'Secretname^Anna',
      PatientBirthDate: '19610203',
      StudyDate: '20190817',
    });
    await importFolder(place.project, place.path('data'), { workers });
    expect(listInstances(place.project.db)[0].patientKey).toMatch(/^[0-9a-f]{64}$/);
    place.project.close();
    const files = readdirSync(place.project.folder, { recursive: true, withFileTypes: true });
    const contents = files
      .filter((entry) => entry.isFile())
      .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1'));
    for (const secret of ['SECRET-4711', 'Secretname', '19610203', '20190817']) {
      expect(contents.some((content) => content.includes(secret))).toBe(false);
    }
  });

  it('says how many paths below the folder hold the name of their patient, and stores no name', async () => {
    const root = place.path('garcia-archive');
    await writeImage(join(root, 'garcia', 'IM1'), {
      SOPInstanceUID: '2.25.1',
      PatientID: 'P1',
      PatientName: 'Garcia^Maria',
    });
    await writeImage(join(root, 'other', 'IM2'), {
      SOPInstanceUID: '2.25.2',
      PatientID: 'P2',
      PatientName: 'Garcia^Ana',
    });
    await writeImage(join(root, 'scan-3', 'IM3'), {
      SOPInstanceUID: '2.25.3',
      PatientID: 'P3',
      PatientName: 'Novak^Jan',
    });
    const report = await importFolder(place.project, root, { workers: 1 });
    expect(report.problems).toMatchObject([
      { kind: 'name-in-path', count: 1 },
      { kind: 'name-of-dataset', count: 1 },
    ]);
    expect(JSON.stringify(report.problems).toLowerCase()).not.toMatch(/garcia/);
    expect(JSON.stringify(report).toLowerCase()).not.toMatch(/maria|novak/);
    const again = await importFolder(place.project, root, { workers: 1 });
    expect(again.problems).toEqual([]);
  });

  it('says nothing of the name of a folder that the dataset is not called after, or that lies above', async () => {
    const one = { SOPInstanceUID: '2.25.1', PatientID: 'P1', PatientName: 'Garcia^Maria' };
    await writeImage(place.path('garcia', 'scans', 'IM1'), one);
    await writeImage(place.path('other', 'garcia', 'IM1'), { ...one, SOPInstanceUID: '2.25.2' });
    const above = await importFolder(place.project, place.path('garcia', 'scans'), { workers: 1 });
    expect(above.problems).toEqual([]);
    const called = await importFolder(place.project, place.path('other', 'garcia'), {
      workers: 1,
      name: 'first scanner',
    });
    expect(called.problems).toEqual([]);
  });

  it('reads again only what has changed, and marks what is gone until it comes back', async () => {
    const path = (name: string): string => place.path('data', name);
    for (const name of ['1', '2', '3']) {
      await writeImage(path(name), { SOPInstanceUID: `2.25.${name}`, PatientID: name });
    }
    await importFolder(place.project, place.path('data'), { workers });
    const ids = listInstances(place.project.db).map(({ id }) => id);
    expect(await importFolder(place.project, place.path('data'), { workers })).toMatchObject({
      files: 3,
      read: 0,
      unchanged: 3,
      removed: 0,
    });

    await writeImage(path('1'), { SOPInstanceUID: '2.25.1', PatientID: '1' }, picture(2, { rows: 20 }));
    await writeImage(path('4'), { SOPInstanceUID: '2.25.4', PatientID: '4' });
    const kept = readFileSync(path('3'));
    rmSync(path('3'));
    expect(await importFolder(place.project, place.path('data'), { workers })).toMatchObject({
      files: 3,
      read: 2,
      unchanged: 1,
      removed: 1,
      images: 3,
    });
    const now = listInstances(place.project.db);
    expect(now.map(({ SOPInstanceUID }) => SOPInstanceUID)).toEqual(['2.25.1', '2.25.2', '2.25.4']);
    expect(now.slice(0, 2).map(({ id }) => id)).toEqual(ids.slice(0, 2));

    writeFileSync(path('3'), kept);
    const back = await importFolder(place.project, place.path('data'), { workers });
    expect(back).toMatchObject({ removed: 0, images: 4 });
    expect(listInstances(place.project.db).find(({ path }) => path === '3')?.id).toBe(ids[2]);
  });

  it('never gives one image’s labels to another that lies under its name, and keeps them until it is back', async () => {
    const { db } = place.project;
    const [one, two] = ['1', '2'].map((name) => place.path('data', name));
    await writeImage(one, { SOPInstanceUID: '2.25.1', PatientID: 'A' }, picture(1));
    await writeImage(two, { SOPInstanceUID: '2.25.2', PatientID: 'B' }, picture(2));
    await importFolder(place.project, place.path('data'), { workers });
    const [{ id }, second] = listInstances(db);
    const set = saveLabels(db, { name: 'labels', source: 'person', by: 'reader' }, [
      { instanceId: id, className: 'glioma', role: null },
      { instanceId: second.id, className: 'normal', role: null },
    ]);
    const labelled = (): unknown[] => {
      const uids = new Map(listInstances(db).map((image) => [image.id, image.SOPInstanceUID]));
      return listLabels(db, set).map(({ instanceId, className }) => [uids.get(instanceId), className]);
    };
    const kept = readFileSync(one);

    await writeImage(one, { SOPInstanceUID: '2.25.3', PatientID: 'C' }, picture(3, { rows: 20 }));
    const replaced = await importFolder(place.project, place.path('data'), { workers });
    expect(replaced.problems).toMatchObject([{ kind: 'image-replaced', count: 1 }]);
    expect(listInstances(db).map(({ SOPInstanceUID }) => SOPInstanceUID)).toEqual(['2.25.3', '2.25.2']);
    expect(labelled()).toEqual([['2.25.2', 'normal']]);

    writeFileSync(one, kept);
    expect((await importFolder(place.project, place.path('data'), { workers })).images).toBe(2);
    expect(labelled()).toEqual([
      ['2.25.1', 'glioma'],
      ['2.25.2', 'normal'],
    ]);
    expect(listInstances(db)[0].id).toBe(id);
  });

  it('keeps the labels of an image that cannot be read for a time', async () => {
    const { db } = place.project;
    const path = place.path('data', '1');
    await writeImage(path, { SOPInstanceUID: '2.25.1', PatientID: 'A' });
    await importFolder(place.project, place.path('data'), { workers });
    const [{ id }] = listInstances(db);
    const set = saveLabels(db, { name: 'labels', source: 'person', by: 'reader' }, [
      { instanceId: id, className: 'glioma', role: null },
    ]);
    const whole = readFileSync(path);
    writeFileSync(path, whole.subarray(0, whole.length - 100));
    const report = await importFolder(place.project, place.path('data'), { workers });
    expect(report).toMatchObject({
      images: 0,
      refused: { truncated: 1 },
      problems: [{ kind: 'image-lost', count: 1 }],
    });
    expect(listLabels(db, set)).toEqual([]);
    writeFileSync(path, whole);
    const back = await importFolder(place.project, place.path('data'), { workers });
    expect(back).toMatchObject({ images: 1, refused: {}, problems: [] });
    expect(listLabels(db, set)).toMatchObject([{ instanceId: id, className: 'glioma' }]);
  });

  it('does not read a returned file again when it is the same', async () => {
    await writeImage(place.path('data', '1'), { SOPInstanceUID: '2.25.1', PatientID: '1' });
    await writeImage(place.path('data', '2'), { SOPInstanceUID: '2.25.2', PatientID: '2' });
    const time = new Date('2026-01-02T03:04:05Z');
    utimesSync(place.path('data', '2'), time, time);
    await importFolder(place.project, place.path('data'), { workers });
    const kept = readFileSync(place.path('data', '2'));
    rmSync(place.path('data', '2'));
    await importFolder(place.project, place.path('data'), { workers });
    writeFileSync(place.path('data', '2'), kept);
    utimesSync(place.path('data', '2'), time, time);
    const report = await importFolder(place.project, place.path('data'), { workers });
    expect(report).toMatchObject({ read: 0, unchanged: 2, images: 2 });
  });

  it('uses the first of the files that carry one SOP Instance UID, and says so', async () => {
    for (const name of ['c', 'a', 'b']) {
      await writeImage(place.path('data', name), { SOPInstanceUID: '2.25.1', PatientID: 'P' });
    }
    const report = await importFolder(place.project, place.path('data'), { workers });
    expect(report.problems).toMatchObject([{ kind: 'duplicate-sop-instance-uid', count: 2 }]);
    const used = (): string[] =>
      listInstances(place.project.db)
        .filter(({ duplicateOf }) => duplicateOf === null)
        .map(({ path }) => path);
    expect(used()).toEqual(['a']);
    rmSync(place.path('data', 'a'));
    await importFolder(place.project, place.path('data'), { workers });
    expect(used()).toEqual(['b']);
  });

  it('takes a study for a patient where no patient is named', async () => {
    await writeImage(place.path('data', '1'), { SOPInstanceUID: '2.25.1', StudyInstanceUID: '2.25.9' });
    await writeImage(place.path('data', '2'), { SOPInstanceUID: '2.25.2', StudyInstanceUID: '2.25.9' });
    await writeImage(place.path('data', '3'), { SOPInstanceUID: '2.25.3' });
    const report = await importFolder(place.project, place.path('data'), { workers });
    expect(report).toMatchObject({ patients: 2, problems: [{ kind: 'no-patient-id', count: 3 }] });
  });

  it('counts a patient once, in however many folders', async () => {
    await writeImage(place.path('one', '1'), { SOPInstanceUID: '2.25.1', PatientID: 'P' });
    await writeImage(place.path('more', 'one', '2'), { SOPInstanceUID: '2.25.2', PatientID: 'P ' });
    await importFolder(place.project, place.path('one'), { workers });
    await importFolder(place.project, place.path('more', 'one'), { workers });
    expect(listSources(place.project.db).map(({ name }) => name)).toEqual(['one', 'one-2']);
    expect(new Set(listInstances(place.project.db).map(({ patientKey }) => patientKey)).size).toBe(1);
  });

  it('keeps what it has when it is cancelled, and goes on from there', async () => {
    const images = Array.from({ length: 600 }, (_, number) => place.path('data', String(number)));
    mkdirSync(place.path('data'));
    await writeImage(place.path('template'), { SOPInstanceUID: '2.25.1', PatientID: 'P' });
    const bytes = readFileSync(place.path('template'));
    for (const path of images) writeFileSync(path, bytes);
    const stop = new AbortController();
    const importing = importFolder(place.project, place.path('data'), {
      workers,
      signal: stop.signal,
      onProgress: ({ done }) => {
        if (done > 0) stop.abort();
      },
    });
    await expect(importing).rejects.toMatchObject({ kind: 'cancelled' });
    const kept = listInstances(place.project.db).length;
    expect(kept).toBeGreaterThan(0);
    const report = await importFolder(place.project, place.path('data'), { workers });
    expect(report).toMatchObject({ images: 600, unchanged: kept });
  });

  it('refuses a folder that is not there, and its own', async () => {
    await expect(importFolder(place.project, place.path('nowhere'), { workers })).rejects.toMatchObject({
      code: 'folder-unreadable',
    });
    await expect(importFolder(place.project, place.project.folder, { workers })).rejects.toMatchObject({
      code: 'folder-is-the-project',
    });
  });

  it.skipIf(process.platform === 'win32')('lists what cannot be looked at', async () => {
    await writeImage(place.path('data', '1'), { SOPInstanceUID: '2.25.1', PatientID: 'P' });
    symlinkSync(place.path('nowhere'), place.path('data', 'broken-link'));
    const report = await importFolder(place.project, place.path('data'), { workers });
    expect(report).toMatchObject({ images: 1, refused: { unreadable: 1 } });
    expect(listRefusedFiles(place.project.db)).toMatchObject([{ path: 'broken-link', reason: 'unreadable' }]);
  });

  it('passes over the project where it lies among the images', async () => {
    await writeImage(place.path('1'), { SOPInstanceUID: '2.25.1', PatientID: 'P' });
    const report = await importFolder(place.project, place.folder, { workers });
    expect(report.images).toBe(1);
    expect(listRefusedFiles(place.project.db).filter(({ path }) => path.startsWith('project/'))).toEqual([]);
  });

  it('leaves other sources alone', async () => {
    indexImages(place.project, [{ path: '1', patient: 'A' }]);
    mkdirSync(place.path('data'));
    await importFolder(place.project, place.path('data'), { workers });
    expect(listInstances(place.project.db)).toHaveLength(1);
  });
});

describe('ages and dates', () => {
  it('are read as the standard writes them, and nothing else is', () => {
    expect(['063Y', '018M', '007D'].map(ageInYears)).toEqual([63, 1.5, 7 / 365.25]);
    expect(ageInYears('052W')).toBeCloseTo(0.9966, 3);
    expect([null, '', '63', '063X'].map(ageInYears)).toEqual([null, null, null, null]);
    expect(['20190817', '2019.08.17', '2019'].map(yearOf)).toEqual([2019, 2019, 2019]);
    expect([null, '00010101', 'unknown'].map(yearOf)).toEqual([null, null, null]);
  });
});
