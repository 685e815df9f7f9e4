import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { BrowseKeyword, ImageQueryInput } from '../../src-main/contract/calls/data.ts';
import type { CallInput } from '../../src-main/contract/calls/index.ts';
import { splitOptions } from '../../src-main/contract/dataset.ts';
import {
  findInstanceIds,
  markDuplicateUids,
  saveLabels,
  savePreparation,
  saveSplit,
} from '../../src-main/store/index.ts';
import { indexImages, useWorkplace, type IndexedImage } from '../cohort/fixtures.ts';
import { openDesk, type OpenDesk } from './fixtures.ts';

const place = useWorkplace();
let open: OpenDesk;

/** Two hospitals: A of four patients on one scanner, B of two on another; two images each, one patient of A four. */
beforeEach(async () => {
  const images = (patient: string, count: number, attributes: IndexedImage['attributes']): IndexedImage[] =>
    Array.from({ length: count }, (_, at) => ({
      path: `${patient}/${at + 1}.dcm`,
      patient,
      attributes: {
        StudyInstanceUID: `2.25.7.${patient}`,
        SeriesInstanceUID: `2.25.8.${patient}`,
        InstanceNumber: count - at,
        ...attributes,
      },
    }));
  const siemens = { Manufacturer: 'SIEMENS', MagneticFieldStrength: 3, PatientAge: 63, RowSpacing: 0.7421 };
  const ge = {
    Manufacturer: 'GE',
    MagneticFieldStrength: 1.5,
    PatientAge: 8.5,
    SeriesDescription: 'Sagittal T2',
  };
  const { project } = place;
  indexImages(
    project,
    [
      ...images('a', 2, siemens),
      ...images('b', 4, siemens),
      ...images('c', 2, siemens),
      ...images('d', 2, siemens),
    ],
    'hospital-a',
  );
  indexImages(
    project,
    [...images('e', 2, ge), ...images('f', 2, { ...ge, Manufacturer: null, PatientAge: null })],
    'hospital-b',
  );
  markDuplicateUids(project.db);
  const ids = [...findInstanceIds(project.db, {})].sort((one, other) => one - other);
  const labelSetId = saveLabels(
    project.db,
    { name: 'labels', source: 'csv', by: 'test' },
    ids
      .slice(0, 12)
      .map((instanceId, at) => ({ instanceId, className: at < 8 ? 'normal' : 'nodule', role: null })),
  );
  // The first image of patient a has the pixels of the first of e; the second could not be decoded.
  savePreparation(
    project.db,
    [
      { instanceId: ids[0], frameIndex: 0, sha256: 'f'.repeat(64) },
      { instanceId: ids[10], frameIndex: 0, sha256: 'f'.repeat(64) },
    ],
    [{ instanceId: ids[1], frameIndex: 0, code: 'truncated', message: 'It was cut short.' }],
  );
  saveSplit(project.db, {
    labelSetId,
    classes: ['nodule', 'normal'],
    options: splitOptions.parse({}),
    hash: 'hash',
    members: ids.slice(0, 10).map((instanceId, at) => ({
      instanceId,
      role: at < 6 ? 'train' : 'test',
      classIndex: at < 8 ? 1 : 0,
    })),
    leftOut: [],
  });
  project.close();
  open = await openDesk(place.path('project'));
});
afterEach(() => open.close());

const titles = async (input: CallInput<'data.browse'> = {}): Promise<string[]> =>
  (await open.ask('data.browse', input)).rows.map(({ title }) => title);
const counted = async (query: ImageQueryInput): Promise<{ images: number; patients: number }> => {
  const { images, patients } = await open.ask('data.browse', { query });
  return { images, patients };
};

describe('the table of images', () => {
  it('shows patients under pseudonyms, and what is opened below them, images in order of their number', async () => {
    expect(await titles()).toEqual(['P-001', 'P-002', 'P-003', 'P-004', 'P-005', 'P-006']);
    const opened = ['1', '1\n2.25.7.a', '1\n2.25.7.a\n2.25.8.a'];
    const page = await open.ask('data.browse', { expanded: opened });
    expect(page.rows.slice(0, 6).map(({ kind, title }) => [kind, title])).toEqual([
      ['patient', 'P-001'],
      ['study', 'Study 1 (2020)'],
      ['series', 'Series 1'],
      ['image', 'Image 1'],
      ['image', 'Image 2'],
      ['patient', 'P-002'],
    ]);
    expect(page).toMatchObject({ total: 10, images: 14, patients: 6 });
  });

  it('comes in windows: any part of it is the same part of the whole', async () => {
    const expanded = ['2', '2\n2.25.7.b', '2\n2.25.7.b\n2.25.8.b'];
    const whole = await open.ask('data.browse', { expanded });
    for (let offset = 0; offset < whole.total; offset += 3) {
      const { rows, total } = await open.ask('data.browse', { expanded, offset, limit: 3 });
      expect(rows).toEqual(whole.rows.slice(offset, offset + 3));
      expect(total).toBe(whole.total);
    }
    expect((await open.ask('data.browse', { offset: whole.total, limit: 3 })).rows).toEqual([]);
    expect((await open.ask('data.browse', { limit: 0 })).rows).toEqual([]);
  });

  it('says of a row what its images share, that they differ, or that none states it', async () => {
    const columns: BrowseKeyword[] = [
      'Manufacturer',
      'MatrixSize',
      'SplitRole',
      'AgeGroup',
      'PixelSize',
      'Problem',
    ];
    const { rows } = await open.ask('data.browse', { columns, groupBy: 'source' });
    expect(rows.map(({ title, images, labels, values }) => [title, images, labels, values])).toEqual([
      [
        'hospital-a',
        10,
        'nodule 2, normal 8',
        {
          Manufacturer: 'SIEMENS',
          MatrixSize: '16 × 12',
          SplitRole: 'several',
          AgeGroup: '60–69',
          PixelSize: '0.74',
          Problem: 'several',
        },
      ],
      [
        'hospital-b',
        4,
        'nodule 2',
        {
          Manufacturer: 'several',
          MatrixSize: '16 × 12',
          SplitRole: null,
          AgeGroup: 'several',
          PixelSize: null,
          Problem: 'several',
        },
      ],
    ]);
  });

  it('is grouped by any attribute, those that do not state it last', async () => {
    expect(await titles({ groupBy: 'Manufacturer' })).toEqual(['GE', 'SIEMENS', 'not stated']);
    expect(await titles({ groupBy: 'MagneticFieldStrength' })).toEqual(['1.5', '3']);
    expect(await titles({ groupBy: 'AgeGroup', descending: true })).toEqual(['60–69', '0–9', 'not stated']);
  });

  it('is sorted by counts and by columns, forwards and backwards', async () => {
    const sorted = async (
      sort: 'name' | 'images' | 'labelled' | BrowseKeyword,
      descending: boolean,
    ): Promise<string[]> => titles({ sort, descending });
    expect((await sorted('images', true))[0]).toBe('P-002');
    expect((await sorted('labelled', false))[0]).toBe('P-006');
    expect(await sorted('name', true)).toEqual(['P-006', 'P-005', 'P-004', 'P-003', 'P-002', 'P-001']);
    expect(await sorted('Manufacturer', false)).toEqual([
      'P-005',
      'P-001',
      'P-002',
      'P-003',
      'P-004',
      'P-006',
    ]);
    expect(await sorted('Manufacturer', true)).toEqual([
      'P-001',
      'P-002',
      'P-003',
      'P-004',
      'P-005',
      'P-006',
    ]);
  });
});

describe('a filter', () => {
  it.each<[string, ImageQueryInput, number, number]>([
    ['nothing', {}, 14, 6],
    ['one value, in any case', { filter: { Manufacturer: 'siemens' } }, 10, 4],
    ['a number, written as text', { filter: { MagneticFieldStrength: '1.5' } }, 4, 2],
    ['one of several values', { filter: { Manufacturer: ['SIEMENS', 'GE'] } }, 12, 5],
    ['what is not stated', { filter: { Manufacturer: '' } }, 2, 1],
    ['several attributes at once', { filter: { source: 'hospital-b', Manufacturer: 'GE' } }, 2, 1],
    ['ages by ten years', { filter: { AgeGroup: '0–9' } }, 2, 1],
    ['problems', { filter: { Problem: ['same-pixels', 'not-decodable'] } }, 3, 2],
    ['labelled images', { label: 'labelled' }, 12, 5],
    ['unlabelled images', { label: 'unlabelled' }, 2, 1],
    ['a class', { classes: ['nodule'] }, 4, 2],
    ['a class that is not there', { classes: ['other'] }, 0, 0],
    ['words that all occur, in any case', { text: 'T2 ge' }, 2, 1],
    ['a pseudonym', { text: 'p-003' }, 2, 1],
    ['a path', { text: 'b/4.dcm' }, 1, 1],
    ['words that do not', { text: 'coronal' }, 0, 0],
  ])('by %s', async (_, query, images, patients) => {
    expect(await counted(query)).toEqual({ images, patients });
  });

  it('knows places in the newest split', async () => {
    expect((await open.ask('data.values', { keyword: 'SplitRole' })).values).toEqual([
      { value: 'train', images: 6 },
      { value: 'test', images: 4 },
      { value: null, images: 4 },
    ]);
  });

  it('keeps its choices when their values are asked for: a second one can be added', async () => {
    const query = { filter: { Manufacturer: 'GE' } };
    const { values, total } = await open.ask('data.values', { keyword: 'Manufacturer', query });
    expect(values).toEqual([
      { value: 'SIEMENS', images: 10 },
      { value: 'GE', images: 2 },
      { value: null, images: 2 },
    ]);
    expect(total).toBe(3);
    expect((await open.ask('data.values', { keyword: 'source', query })).values).toEqual([
      { value: 'hospital-b', images: 2 },
    ]);
    expect(await open.ask('data.values', { keyword: 'Manufacturer', text: 'siem', limit: 1 })).toEqual({
      values: [{ value: 'SIEMENS', images: 10 }],
      total: 1,
    });
  });

  it('by what is no attribute is refused in words', async () => {
    await expect(
      open.ask('data.browse', { query: { filter: { PatientName: 'x' } } } as never),
    ).rejects.toMatchObject({
      code: 'input-wrong',
    });
  });
});

describe('the overview of acquisition', () => {
  const chart = async (query: ImageQueryInput, keyword: BrowseKeyword) => {
    const overview = await open.ask('data.overview', { query });
    return { overview, values: overview.distributions.find((one) => one.keyword === keyword)!.values };
  };

  it('divides each bar by label, and the parts add up to it', async () => {
    const { overview, values } = await chart({}, 'source');
    expect(overview.parts).toEqual([
      { kind: 'class', name: 'nodule' },
      { kind: 'class', name: 'normal' },
      { kind: 'none' },
    ]);
    expect(values).toEqual([
      { value: 'hospital-a', images: 10, parts: [2, 8, 0] },
      { value: 'hospital-b', images: 4, parts: [2, 0, 2] },
    ]);
    for (const { values: bars } of overview.distributions) {
      for (const { images, parts } of bars) expect(parts.reduce((sum, part) => sum + part, 0)).toBe(images);
    }
  });

  it('counts under the filter, but for the filter of its own attribute', async () => {
    const query = { filter: { source: 'hospital-b' } };
    expect((await chart(query, 'Manufacturer')).values.map(({ value, images }) => [value, images])).toEqual([
      ['GE', 2],
      [null, 2],
    ]);
    expect((await chart(query, 'source')).values.map(({ images }) => images)).toEqual([10, 4]);
    expect((await chart({ classes: ['nodule'] }, 'source')).overview.classes).toEqual([
      { name: 'nodule', images: 4, patients: 2 },
      { name: 'normal', images: 8, patients: 3 },
      { name: null, images: 2, patients: 1 },
    ]);
  });

  it('shows numbers in their own order', async () => {
    const { values } = await chart({}, 'MagneticFieldStrength');
    expect(values.map(({ value }) => value)).toEqual([1.5, 3]);
  });
});

describe('the details of an image', () => {
  it('have its attributes, its problems and the images of the same pixels, and no patient', async () => {
    const { rows } = await open.ask('data.browse', { query: { filter: { Problem: 'same-pixels' } } });
    const details = await open.ask('data.image', { instanceId: rows[0].instanceId });
    expect(details).toMatchObject({
      pseudonym: 'P-001',
      source: 'hospital-a',
      path: 'a/1.dcm',
      label: { className: 'normal', labelledBy: 'test' },
      samePixels: [{ pseudonym: 'P-005', label: 'nodule' }],
    });
    expect(details.attributes).toMatchObject({ Manufacturer: 'SIEMENS', PatientAge: 63 });
    expect(Object.keys(details.attributes)).not.toContain('PatientID');
  });

  it('of an image that is not there are refused in words', async () => {
    await expect(open.ask('data.image', { instanceId: 4711 })).rejects.toMatchObject({
      code: 'image-missing',
    });
  });
});
