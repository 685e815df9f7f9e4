import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { writeDocuments } from '../../src-main/app/document-folder.ts';
import { subjectOf } from '../../src-main/app/document-subjects.ts';
import { importFolder } from '../../src-main/cohort/index.ts';
import { listInstances } from '../../src-main/store/index.ts';
import { useWorkplace, writeImage } from '../cohort/fixtures.ts';

const place = useWorkplace();

describe('documents in a folder', () => {
  it('take the place of those of an earlier export, and of nothing that Graft did not write', async () => {
    const folder = place.path('out');
    await writeImage(place.path('document'), { SOPInstanceUID: '2.25.1', PatientName: 'Quick^Fox' });
    const document = readFileSync(place.path('document'));
    const named = ['report-0001.dcm', 'report-0002.dcm', 'map-1-of-report-0001.dcm', 'report.dcm'];
    writeDocuments(folder, new Map(named.map((name) => [name, document])));
    expect(readdirSync(folder).sort()).toEqual([...named].sort());
    mkdirSync(join(folder, 'report-0004.dcm'));
    writeFileSync(join(folder, 'report-0003.dcm'), 'of another program');
    writeFileSync(join(folder, 'mine.dcm'), document);
    const anonymous = Buffer.from('nobody');
    writeDocuments(folder, new Map([['report-0001.dcm', anonymous]]));
    const left = ['mine.dcm', 'report-0001.dcm', 'report-0003.dcm', 'report-0004.dcm'];
    expect(readdirSync(folder).sort()).toEqual(left);
    expect(readFileSync(join(folder, 'report-0001.dcm'))).toEqual(anonymous);
  });
});

describe('whose a document is', () => {
  it('is not told of a file that holds another image by now, be it of the same patient', async () => {
    const path = place.path('data', '1');
    const elements = { StudyInstanceUID: '2.25.8', SeriesInstanceUID: '2.25.9', PatientID: 'P' };
    await writeImage(path, { ...elements, SOPInstanceUID: '2.25.1' });
    await importFolder(place.project, place.path('data'), { workers: 1 });
    const [instance] = listInstances(place.project.db);
    expect(subjectOf(place.project, instance, true)).toMatchObject({ subject: { PatientID: 'P' } });
    await writeImage(path, { ...elements, SOPInstanceUID: '2.25.2' });
    expect(subjectOf(place.project, instance, true)).toBe('another-image');
    await writeImage(path, { ...elements, SOPInstanceUID: '2.25.2', PatientID: 'Q' });
    expect(subjectOf(place.project, instance, true)).toBe('another-patient');
  });
});
