import { describe, expect, it } from 'vitest';
import {
  findInstanceIds,
  loadInstanceTable,
  searchRefusedFiles,
  setFilesPresent,
  knownFiles,
  listSources,
  InstanceWriter,
  type CodedColumn,
} from '../../src-main/store/index.ts';
import { indexImages, useWorkplace } from '../cohort/fixtures.ts';

const place = useWorkplace();

const shown = ({ codes, values }: CodedColumn): unknown[] => [...codes].map((code) => values[code]);

describe('the table that browsing works on', () => {
  it('is in the order of patient, study, series number, series, image number and path', () => {
    const at = (study: string | null, series: number | null, image: number | null) => ({
      StudyInstanceUID: study,
      SeriesNumber: series,
      InstanceNumber: image,
    });
    indexImages(place.project, [
      { path: 'b2', patient: 'B', attributes: at('2.2', 1, 1) },
      { path: 'a-no-number', patient: 'A', attributes: at('2.1', 2, null) },
      { path: 'a-series-none', patient: 'A', attributes: at('2.1', null, 1) },
      { path: 'a-10', patient: 'A', attributes: at('2.1', 2, 10) },
      { path: 'a-9', patient: 'A', attributes: at('2.1', 2, 9) },
      { path: 'a-9-again', patient: 'A', attributes: at('2.1', 2, 9) },
      { path: 'a-study-none', patient: 'A', attributes: at(null, 5, 1) },
      { path: 'b1', patient: 'B', attributes: at('2.1', 3, 1) },
    ]);
    const table = loadInstanceTable(place.project.db);
    // Patients come in the order in which they came into the project: B first.
    expect(table.paths).toEqual([
      'b1',
      'b2',
      'a-study-none',
      'a-9',
      'a-9-again',
      'a-10',
      'a-no-number',
      'a-series-none',
    ]);
    table.ids.forEach((id, row) => expect(table.rowOf.get(id)).toBe(row));
  });

  it('keeps each image beside its own attributes, also where neighbours differ', () => {
    const makers = ['GE', null, 'GE', 'SIEMENS', null, 'SIEMENS'];
    indexImages(
      place.project,
      makers.map((Manufacturer, number) => ({
        path: String(number),
        patient: `P${number % 2}`,
        attributes: { Manufacturer, PatientAge: number === 3 ? null : number, Rows: 10 + number },
      })),
    );
    const { attributes, paths, ages } = loadInstanceTable(place.project.db);
    expect(shown(attributes.Manufacturer)).toEqual(paths.map((path) => makers[Number(path)]));
    expect(shown(attributes.Rows)).toEqual(paths.map((path) => 10 + Number(path)));
    expect([...ages]).toEqual(paths.map((path) => (path === '3' ? NaN : Number(path))));
  });

  it('leaves out images whose files are gone', () => {
    const { db } = place.project;
    indexImages(place.project, [
      { path: '1', patient: 'A' },
      { path: '2', patient: 'A' },
    ]);
    const gone = knownFiles(db, listSources(db)[0].id).get('1')!;
    setFilesPresent(db, [gone.id], false);
    expect(loadInstanceTable(db).paths).toEqual(['2']);
    expect(findInstanceIds(db, {}).size).toBe(1);
  });
});

describe('refused files', () => {
  it('come so many of each reason, the most frequent reason first, with how many there are', () => {
    const { db } = place.project;
    indexImages(place.project, [{ path: 'image', patient: 'A' }]);
    const refused = (path: string, reason: string) => ({
      path,
      size: 1,
      mtimeMs: 1,
      outcome: { kind: 'refused' as const, reason, message: `Found ${reason}.` },
    });
    new InstanceWriter(db, listSources(db)[0].id).save([
      refused('a', 'broken'),
      ...['b', 'c', 'd'].map((path) => refused(`notes/${path}`, 'not-dicom')),
    ]);
    const found = (text: string): [string, number][] =>
      searchRefusedFiles(db, text, 2).map(({ path, total }) => [path, total]);
    expect(found('')).toEqual([
      ['notes/b', 3],
      ['notes/c', 3],
      ['a', 1],
    ]);
    expect(found('NOTES/D')).toEqual([['notes/d', 1]]);
    expect(found('found broken')).toEqual([['a', 1]]);
    expect(found('%')).toEqual([]);
  });
});
