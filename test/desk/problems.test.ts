import { readFileSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { importFolder } from '../../src-main/cohort/index.ts';
import { listInstances, saveLabels } from '../../src-main/store/index.ts';
import { picture, useWorkplace, writeImage } from '../cohort/fixtures.ts';
import { openDesk, type OpenDesk } from './fixtures.ts';

const place = useWorkplace();
let open: OpenDesk;

/** a and b: one picture under two patients and two labels; c: UID of a; d: names no patient; e: cut short after import. */
beforeEach(async () => {
  const write = (name: string, elements: Record<string, string>, seed: number): Promise<void> =>
    writeImage(place.path('data', name), elements, picture(seed));
  await write('a', { SOPInstanceUID: '2.25.1', PatientID: 'A' }, 1);
  await write('b', { SOPInstanceUID: '2.25.2', PatientID: 'B' }, 1);
  await write('c', { SOPInstanceUID: '2.25.1', PatientID: 'A' }, 2);
  await write('d', { SOPInstanceUID: '2.25.4', StudyInstanceUID: '2.25.40' }, 3);
  await write('e', { SOPInstanceUID: '2.25.5', PatientID: 'E' }, 4);
  writeFileSync(place.path('data', 'notes.txt'), 'no image');
  writeFileSync(place.path('data', 'list.csv'), 'no image either');
  await importFolder(place.project, place.path('data'), { workers: 1 });
  const [a, b] = listInstances(place.project.db);
  saveLabels(place.project.db, { name: 'labels', source: 'csv', by: 'test' }, [
    { instanceId: a.id, className: 'normal', role: null },
    { instanceId: b.id, className: 'nodule', role: null },
  ]);
  writeFileSync(place.path('data', 'e'), readFileSync(place.path('data', 'e')).subarray(0, 300));
  place.project.close();
  open = await openDesk(place.path('project'));
});
afterEach(() => open.close());

describe('the list of problems', () => {
  it('has refused files by reason, UIDs that repeat and images without a patient', async () => {
    const problems = await open.ask('data.problems', {});
    expect(problems.refused).toMatchObject([
      { reason: 'not-dicom', count: 2, files: [{ path: 'list.csv' }, { path: 'notes.txt' }] },
    ]);
    expect(problems).toMatchObject({ duplicateUids: 1, unidentified: 1, notCompared: 5 });
  });

  it('is searched by path', async () => {
    const { refused } = await open.ask('data.problems', { text: 'NOTES' });
    expect(refused).toMatchObject([{ count: 1, files: [{ path: 'notes.txt' }] }]);
    expect(await open.ask('data.problems', { text: 'nothing like it' })).toMatchObject({
      refused: [],
      duplicates: { count: 0 },
      undecodable: { count: 0 },
    });
  });
});

describe('looking for duplicates', () => {
  it('finds equal pixels, says whether patients and labels differ, and what could not be decoded', async () => {
    const job = await open.finished(await open.ask('data.findDuplicates', null));
    expect(job).toMatchObject({ state: 'done', kind: 'inspect', result: { compared: 4, failed: 1 } });
    const { duplicates, undecodable, notCompared } = await open.ask('data.problems', {});
    expect(notCompared).toBe(0);
    expect(undecodable).toMatchObject({ count: 1, images: [{ path: 'e' }] });
    expect(duplicates.count).toBe(1);
    expect(duplicates.groups[0]).toMatchObject({
      patients: 2,
      conflicting: true,
      images: [
        { path: 'a', label: 'normal' },
        { path: 'b', label: 'nodule' },
      ],
    });
    expect(open.events).toContainEqual({ kind: 'changed', what: 'images' });
    const { values } = await open.ask('data.values', { keyword: 'Problem' });
    expect(Object.fromEntries(values.map(({ value, images }) => [value, images]))).toEqual({
      'same-pixels': 2,
      'not-decodable': 1,
      'duplicate-uid': 1,
      'no-patient-id': 1,
    });
  });

  it('decodes nothing a second time that it has decoded', async () => {
    await open.finished(await open.ask('data.findDuplicates', null));
    const again = await open.finished(await open.ask('data.findDuplicates', null));
    expect(again.result).toEqual({ compared: 0, failed: 1 });
  });

  it('goes with every other problem into a table for a spreadsheet, without a patient’s identifier', async () => {
    await open.finished(await open.ask('data.findDuplicates', null));
    const path = place.path('problems.csv');
    await open.ask('data.exportProblems', { path });
    const lines = readFileSync(path, 'utf8').trim().split('\r\n');
    expect(lines[0]).toBe('kind,source,path,patient,code,message');
    expect(lines.slice(1).map((line) => line.split(',').slice(0, 5).join(','))).toEqual([
      'refused,data,list.csv,,not-dicom',
      'refused,data,notes.txt,,not-dicom',
      'undecodable,data,e,P-004,truncated',
      'identity,data,c,P-001,duplicate-uid',
      'identity,data,d,P-003,no-patient-id',
      'same pixels,data,a,P-001,group 1',
      'same pixels,data,b,P-002,group 1',
    ]);
  });
});
