import { mkdirSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { findClassLevel } from '../../src-main/cohort/folder-labels.ts';
import { importLabels, labelsFromFolders } from '../../src-main/cohort/index.ts';
import { readTable } from '../../src-main/cohort/read-table.ts';
import { toCsv } from '../../src-main/platform/csv.ts';
import type { GraftError } from '../../src-main/contract/errors.ts';
import { listInstances, listLabels } from '../../src-main/store/index.ts';
import { indexImages, useWorkplace } from './fixtures.ts';

const place = useWorkplace();

function write(content: string | Buffer, name = 'labels.csv'): string {
  mkdirSync(place.path('tables'), { recursive: true });
  writeFileSync(place.path('tables', name), content);
  return place.path('tables', name);
}

const plain = 'path,label\r\n"a, b.dcm","say ""no"""\r\nc.dcm,yes\r\n';

describe('a table', () => {
  it.each([
    ['commas, quotes and CRLF', plain],
    ['a byte order mark', `\uFEFF${plain}`],
    ['semicolons, LF and no last line end', 'path;label\n"a, b.dcm";"say ""no"""\nc.dcm;yes'],
    ['tabs', 'path\tlabel\na, b.dcm\t"say ""no"""\nc.dcm\tyes\n'],
    ['spaces around, empty lines', 'path , label\n\n"a, b.dcm" , "say ""no"""\n\nc.dcm , yes\n\n'],
    ['UTF-16', Buffer.concat([Buffer.of(0xff, 0xfe), Buffer.from(plain, 'utf16le')])],
    ['a comma in a quoted name of a semicolon table', 'path;"label"\n"a, b.dcm";"say ""no"""\nc.dcm;yes\n'],
  ])('is read with %s', async (_, content) => {
    const { header, rows } = await readTable(write(content));
    expect(header).toEqual(['path', 'label']);
    expect(rows.map(({ cells }) => cells)).toEqual([
      ['a, b.dcm', 'say "no"'],
      ['c.dcm', 'yes'],
    ]);
  });

  it('keeps letters of other languages, in UTF-8 and as old spreadsheets write them', async () => {
    expect((await readTable(write('label\nMénière\n'))).rows[0].cells).toEqual(['Ménière']);
    expect((await readTable(write(Buffer.from('label\nMénière\n', 'latin1')))).rows[0].cells).toEqual([
      'Ménière',
    ]);
  });

  it('says the same when Graft has written it, also in cells that a spreadsheet would calculate', async () => {
    const rows = [
      ['path', '+ve'],
      ['-1/a.dcm', '+'],
      ['b.dcm', '-'],
      ["c's.dcm", "'"],
    ];
    const table = await readTable(write(toCsv(rows)));
    expect([table.header, ...table.rows.map(({ cells }) => cells)]).toEqual(rows);
  });

  it('is refused in one sentence when it is none', async () => {
    await expect(readTable(place.path('nowhere.csv'))).rejects.toMatchObject({ code: 'table-unreadable' });
    await expect(readTable(write(''))).rejects.toMatchObject({ code: 'table-empty' });
    const broken = await readTable(write('path,label\n"Anna Secret,1\n')).catch((error: unknown) => error);
    expect(broken).toMatchObject({ code: 'table-unreadable' });
    expect(JSON.stringify((broken as GraftError).toRecord())).not.toContain('Anna');
  });
});

describe('labels from a table', () => {
  const label = (set: number): Record<string, string> => {
    const paths = new Map(listInstances(place.project.db).map(({ id, path }) => [id, path]));
    return Object.fromEntries(
      listLabels(place.project.db, set).map(({ instanceId, className }) => [
        paths.get(instanceId),
        className,
      ]),
    );
  };
  const images = ['x/1.dcm', 'x/2.dcm', 'y/1.dcm'];
  const index = (): void =>
    indexImages(
      place.project,
      images.map((path, at) => ({ path, patient: `P${at}`, attributes: { SOPInstanceUID: `2.25.${at}` } })),
    );

  it('find images by SOP Instance UID, by path or by patient, under many names', async () => {
    index();
    const tables = [
      'SOP Instance UID,Label\n2.25.0,a\n2.25.2,b\n',
      'File,CLASS\nx/1.dcm,a\ny\\1.dcm,b\n',
      'image_path;diagnosis\n./x/1.dcm;a\n./y/1.dcm;b\n',
      'PatientID,finding\nP0,a\n P2 ,b\n',
      'age,subject,target\n1,P0,a\n2,P2,b\n',
      'path,label\n/nowhere/hospital/x/1.dcm,a\nsomewhere/hospital/y/1.dcm,b\n',
    ];
    for (const [at, table] of tables.entries()) {
      const report = await importLabels(place.project, write(table), { name: `set ${at}` });
      expect(label(report.labelSetId)).toEqual({ 'x/1.dcm': 'a', 'y/1.dcm': 'b' });
      expect(report).toMatchObject({ rows: 2, matchedRows: 2, unmatchedRows: 0, unlabelledImages: 1 });
    }
  });

  it('take the path as relative to the table, where that fits', async () => {
    indexImages(place.project, [{ path: 'x/1.dcm', patient: 'A' }], 'one');
    indexImages(
      place.project,
      [{ path: 'x/1.dcm', patient: 'B', attributes: { SOPInstanceUID: '2.25.7' } }],
      'two',
    );
    const ambiguous = await importLabels(
      place.project,
      write('path,sop_instance_uid,label\nx/1.dcm,,a\n,2.25.7,b\n'),
    );
    expect(ambiguous.problems).toMatchObject([{ kind: 'ambiguous-path', line: 2 }]);
    const only = await importLabels(place.project, write('path,label\nx/1.dcm,a\n'), {
      source: 'one',
      name: 'one',
    });
    expect(only.matchedRows).toBe(1);
  });

  it('of a patient are for all its images, unless the row names one', async () => {
    indexImages(place.project, [
      { path: '1', patient: 'P' },
      { path: '2', patient: 'P' },
      { path: '3', patient: 'Q' },
    ]);
    const report = await importLabels(place.project, write('path,patient_id,label\n,P,a\n3,Q,b\ngone,P,c\n'));
    expect(label(report.labelSetId)).toEqual({ 1: 'a', 2: 'a', 3: 'b' });
    expect(report.problems).toMatchObject([{ kind: 'no-such-image', line: 4 }]);
  });

  it('keep the place that a split column names', async () => {
    index();
    const report = await importLabels(
      place.project,
      write('path,label,Split\nx/1.dcm,a,Training\nx/2.dcm,b,TEST\ny/1.dcm,b,elsewhere\n'),
    );
    expect(report.predefined).toEqual({ train: 1, test: 1 });
    expect(report.problems).toMatchObject([{ kind: 'unknown-split', line: 4 }]);
    expect(label(report.labelSetId)).toEqual({ 'x/1.dcm': 'a', 'x/2.dcm': 'b', 'y/1.dcm': 'b' });
  });

  it('that contradict each other count for nothing, and every row that does not fit is named', async () => {
    index();
    const report = await importLabels(
      place.project,
      write('path,label,split\nx/1.dcm,a,\nx/1.dcm,b,\nx/2.dcm,,\n,a,\ny/1.dcm,a,train\ny/1.dcm,a,test\n'),
    );
    expect(label(report.labelSetId)).toEqual({ 'y/1.dcm': 'a' });
    expect(report.problems.map(({ kind }) => kind)).toEqual([
      'no-label',
      'no-key',
      'label-conflict',
      'split-conflict',
    ]);
    expect(report.predefined).toEqual({});
    expect(report.sentences.join(' ')).toContain('1 image is given different labels and gets none.');
  });

  it('order classes as people count', async () => {
    index();
    const report = await importLabels(
      place.project,
      write('path,label\nx/1.dcm,grade 10\nx/2.dcm,grade 2\ny/1.dcm,grade 1\n'),
    );
    expect(report.classes.map(({ name }) => name)).toEqual(['grade 1', 'grade 2', 'grade 10']);
  });

  it('say which column is missing, and what would have fitted when nothing does', async () => {
    await expect(importLabels(place.project, write('a,label\n1,2\n'))).rejects.toMatchObject({
      code: 'labels-no-key',
      message:
        'labels.csv needs a column path, sop_instance_uid or patient_id; found: a, label. Rename one of them.',
    });
    await expect(importLabels(place.project, write('path,a\n1,2\n'))).rejects.toMatchObject({
      code: 'labels-no-label-column',
    });
    const bare = importLabels(place.project, write('Doe^Jane,123,yes\nRoe^Max,124,no\n'));
    await expect(bare).rejects.toMatchObject({
      code: 'labels-no-header',
      message: expect.not.stringContaining('Doe'),
    });
    const table = write('path,label\nz.dcm,2\n');
    await expect(importLabels(place.project, table)).rejects.toMatchObject({
      code: 'labels-none-matched',
      message: expect.stringContaining('none is imported'),
    });
    index();
    await expect(importLabels(place.project, table)).rejects.toMatchObject({
      code: 'labels-none-matched',
      message: expect.stringContaining('any of the 3 images by path'),
    });
  });

  it('are matched for 10,000 rows in a few seconds', async () => {
    const many = Array.from({ length: 10_000 }, (_, at) => ({ path: `${at}.dcm`, patient: `P${at >> 3}` }));
    indexImages(place.project, many);
    const rows = many.map(({ path, patient }, at) => `${path},${patient},${at % 2 ? 'a' : 'b'}`);
    const table = write(`path,patient_id,label\n${rows.join('\n')}\n`);
    const startedAt = performance.now();
    const report = await importLabels(place.project, table);
    expect(performance.now() - startedAt).toBeLessThan(5_000);
    expect(report.labelledImages).toBe(10_000);
  });
});

describe('labels from folders', () => {
  it('find the level that tells classes apart', () => {
    expect(findClassLevel(['glioma/1/a', 'glioma/2/a', 'normal/3/a', 'normal/4/a'])).toBe(0);
    expect(findClassLevel(['1/glioma/a', '1/normal/a', '2/glioma/a', '2/normal/a', '3/normal/a'])).toBe(1);
    expect(findClassLevel(['train/glioma/1', 'train/glioma/2', 'test/normal/1', 'test/normal/2'])).toBe(1);
    expect(findClassLevel(['a', 'b'])).toBeNull();
    expect(findClassLevel(['same/a', 'same/b'])).toBeNull();
  });

  it('label the images, with the split where a level names it', () => {
    indexImages(
      place.project,
      ['train/glioma/1', 'train/normal/2', 'test/glioma/3', 'test/normal/4'].map((path) => ({
        path,
        patient: path,
      })),
    );
    const report = labelsFromFolders(place.project);
    expect(report).toMatchObject({
      classes: [
        { name: 'glioma', images: 2 },
        { name: 'normal', images: 2 },
      ],
      predefined: { train: 2, test: 2 },
    });
  });

  it('are refused where no level fits', () => {
    indexImages(place.project, [{ path: 'a', patient: 'A' }]);
    expect(() => labelsFromFolders(place.project)).toThrow(
      expect.objectContaining({ code: 'labels-no-folder-level' }),
    );
  });
});
