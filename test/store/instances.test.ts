import { describe, expect, it } from 'vitest';
import {
  findInstanceIds,
  getLabelState,
  hasColour,
  listAttributeValues,
  listInstances,
  listLabelHistory,
  listLabels,
  listPixelHashes,
  listPreparationFailures,
  listReadings,
  markDuplicateUids,
  removeLabels,
  saveLabels,
  savePreparation,
  saveReadings,
} from '../../src-main/store/index.ts';
import { condition } from '../../src-main/shell/cli/options.ts';
import { indexImages, useWorkplace } from '../cohort/fixtures.ts';

const place = useWorkplace();

describe('images in the store', () => {
  it('take 10,000 rows in a few seconds', () => {
    const images = Array.from({ length: 10_000 }, (_, number) => ({
      path: `${number}.dcm`,
      patient: `P${number >> 3}`,
    }));
    const startedAt = performance.now();
    indexImages(place.project, images);
    markDuplicateUids(place.project.db);
    expect(performance.now() - startedAt).toBeLessThan(5_000);
    expect(listInstances(place.project.db)).toHaveLength(10_000);
  });

  it('are in colour when one of them that is there is', () => {
    const { db } = place.project;
    indexImages(place.project, [
      { path: '1', patient: 'A', attributes: { PhotometricInterpretation: 'MONOCHROME2' } },
    ]);
    expect(hasColour(db)).toBe(false);
    indexImages(
      place.project,
      [{ path: '1', patient: 'A', attributes: { PhotometricInterpretation: 'PALETTE COLOR' } }],
      'second',
    );
    expect(hasColour(db)).toBe(true);
    db.prepare('UPDATE files SET present = 0 WHERE source_id = (SELECT max(id) FROM sources)').run();
    expect(hasColour(db)).toBe(false);
  });

  it('are found by attribute, text in any case, several values, and source', () => {
    const { db } = place.project;
    indexImages(place.project, [
      { path: '1', patient: 'A', attributes: { Manufacturer: 'Siemens', MagneticFieldStrength: 3 } },
      { path: '2', patient: 'A', attributes: { Manufacturer: 'GE' } },
    ]);
    indexImages(place.project, [{ path: '3', patient: 'B', attributes: { Manufacturer: null } }], 'second');
    const paths = (filter: Parameters<typeof listInstances>[1]): string[] =>
      listInstances(db, filter).map(({ path }) => path);
    expect(paths({ Manufacturer: 'SIEMENS' })).toEqual(['1']);
    expect(paths({ Manufacturer: ['siemens', 'ge'] })).toEqual(['1', '2']);
    expect(paths({ MagneticFieldStrength: 3 })).toEqual(['1']);
    expect(paths({ source: 'second' })).toEqual(['3']);
    expect(paths({ source: 'second', Manufacturer: 'GE' })).toEqual([]);
    expect(findInstanceIds(db, {}).size).toBe(3);
    expect(listAttributeValues(db, 'Manufacturer')).toContainEqual({ value: 'GE', images: 1 });
  });

  it('are found by text that is made of digits, and by numbers however they are written', () => {
    indexImages(
      place.project,
      [
        { path: '1', patient: 'A', attributes: { StationName: '451', MagneticFieldStrength: 3 } },
        { path: '2', patient: 'A', attributes: { StationName: '0451', MagneticFieldStrength: 1.5 } },
      ],
      '2024',
    );
    const paths = (text: string): string[] =>
      listInstances(place.project.db, condition(text)).map(({ path }) => path);
    expect(paths('source=2024')).toEqual(['1', '2']);
    expect(paths('StationName=451')).toEqual(['1']);
    expect(paths('StationName=0451')).toEqual(['2']);
    expect(paths('MagneticFieldStrength=3')).toEqual(['1']);
    expect(paths('MagneticFieldStrength=1.50')).toEqual(['2']);
  });

  it('never read an attribute name as SQL', () => {
    const evil = { 'Rows = 1 OR 1': 'x' } as never;
    expect(() => listInstances(place.project.db, evil)).toThrow(/no attribute/);
  });

  it('lose hashes and failures with the pixels they were made of, and keep their labels', () => {
    const { db } = place.project;
    indexImages(place.project, [{ path: '1', patient: 'A' }]);
    const [{ id }] = listInstances(db);
    savePreparation(db, [{ instanceId: id, frameIndex: 0, sha256: 'abc' }], []);
    savePreparation(db, [], [{ instanceId: id, frameIndex: 1, code: 'truncated', message: 'Too short.' }]);
    const set = saveLabels(db, { name: 'labels', source: 'csv', by: 'x' }, [
      { instanceId: id, className: 'glioma', role: null },
    ]);
    indexImages(place.project, [{ path: '1', patient: 'A' }]);
    expect(listInstances(db).map((one) => one.id)).toEqual([id]);
    expect(listPixelHashes(db)).toEqual([]);
    expect(listPreparationFailures(db)).toEqual([]);
    expect(listLabels(db, set)).toHaveLength(1);
  });
});

describe('labels', () => {
  it('remember what they were, by whom and until when', () => {
    const { db } = place.project;
    indexImages(place.project, [{ path: '1', patient: 'A' }]);
    const [{ id }] = listInstances(db);
    const label = (className: string, by: string): number =>
      saveLabels(db, { name: 'labels', source: 'person', by }, [{ instanceId: id, className, role: null }]);
    const set = label('glioma', 'first reader');
    label('glioma', 'second reader');
    label('normal', 'third reader');
    expect(listLabels(db, set)).toMatchObject([{ className: 'normal', labelledBy: 'third reader' }]);
    removeLabels(db, set, [id]);
    expect(listLabels(db, set)).toEqual([]);
    expect(listLabelHistory(db, set, id)).toMatchObject([
      { className: 'glioma', labelledBy: 'first reader' },
      { className: 'normal', labelledBy: 'third reader' },
    ]);
  });

  it('that a table changes are no longer in the doubt of whoever read the image before', () => {
    const { db } = place.project;
    indexImages(place.project, [{ path: '1', patient: 'A' }]);
    const [{ id }] = listInstances(db);
    const label = (className: string, role: 'test' | null = null): number =>
      saveLabels(db, { name: 'labels', source: 'csv', by: 'table' }, [{ instanceId: id, className, role }]);
    const set = label('glioma');
    const { classId } = getLabelState(db, set, id)!;
    saveReadings(db, set, 'reader', [{ instanceId: id, classId, uncertain: true }]);
    label('glioma', 'test');
    expect(getLabelState(db, set, id)).toMatchObject({ uncertain: true });
    label('normal', 'test');
    expect(getLabelState(db, set, id)).toMatchObject({ uncertain: false });
  });

  it('that a reader takes back are those of whoever gave them, and no reading of one who did not', () => {
    const { db } = place.project;
    indexImages(place.project, [{ path: '1', patient: 'A' }]);
    const [{ id }] = listInstances(db);
    const table = { name: 'labels', source: 'csv', by: 'table' } as const;
    const set = saveLabels(db, table, [{ instanceId: id, className: 'glioma', role: null }]);
    const glioma = getLabelState(db, set, id)!.classId;
    saveLabels(db, { ...table, name: 'labels' }, [{ instanceId: id, className: 'normal', role: null }]);
    const normal = getLabelState(db, set, id)!.classId;
    saveReadings(db, set, 'first', [{ instanceId: id, classId: glioma, uncertain: false }]);
    const reading = { instanceId: id, classId: normal, uncertain: false };
    const before = saveReadings(db, set, 'second', [reading]);
    expect(listReadings(db, set)).toHaveLength(2);
    saveReadings(db, set, 'second', before, true);
    expect(listLabels(db, set)).toMatchObject([{ className: 'glioma', labelledBy: 'first' }]);
    expect(listReadings(db, set)).toMatchObject([{ reader: 'first', classId: glioma }]);
    saveReadings(db, set, 'second', [reading], true);
    expect(listReadings(db, set)).toMatchObject([{ reader: 'first' }, { reader: 'second', classId: normal }]);
  });

  it('keep the place that a table named when a reader takes one away and gives it again', () => {
    const { db } = place.project;
    indexImages(place.project, [{ path: '1', patient: 'A' }]);
    const [{ id }] = listInstances(db);
    const set = saveLabels(db, { name: 'labels', source: 'csv', by: 'table' }, [
      { instanceId: id, className: 'glioma', role: 'test' },
    ]);
    const before = saveReadings(db, set, 'reader', [{ instanceId: id, classId: null, uncertain: false }]);
    expect(listLabels(db, set)).toEqual([]);
    saveReadings(db, set, 'reader', before);
    expect(listLabels(db, set)).toMatchObject([{ className: 'glioma', role: 'test' }]);
  });
});
