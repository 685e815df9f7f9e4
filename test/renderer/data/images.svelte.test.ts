import { beforeEach, describe, expect, it } from 'vitest';
import type { BrowsePage } from '../../../src-main/contract/calls/data.ts';
import { Images } from '../../../src-renderer/screens/data/images.svelte.ts';
import { overview, patients, standIn, type Asked } from './bridge.ts';

const browses = (asked: Asked[]): Asked['input'][] =>
  asked.filter(({ name }) => name === 'data.browse').map(({ input }) => input);

beforeEach(() => localStorage.clear());

describe('the images that the Data screen shows', () => {
  it('are fetched window by window, each once', async () => {
    const { asked } = standIn({ 'data.browse': patients(1000), 'data.overview': () => overview });
    const images = new Images();
    await images.reload();
    expect(images.total).toBe(1000);
    expect(images.row(99)?.title).toBe('P-99');
    expect(images.row(100)).toBeUndefined();
    const before = browses(asked).length;
    await images.need(90, 120);
    await images.need(100, 130);
    expect(images.row(129)?.title).toBe('P-129');
    expect(browses(asked).slice(before)).toMatchObject([{ offset: 100, limit: 100 }]);
  });

  it('stay while the next ones are fetched: nothing flickers', async () => {
    let answer: ((page: BrowsePage) => void) | null = null;
    standIn({
      'data.browse': (input: {
        query: { text: string };
        offset: number;
        limit: number;
        expanded: string[];
      }) =>
        input.query.text === ''
          ? patients(10)(input)
          : new Promise<BrowsePage>((resolve) => (answer = resolve)),
      'data.overview': () => overview,
    });
    const images = new Images();
    await images.reload();
    const searching = images.setText('x');
    await Promise.resolve();
    expect(images.row(0)?.title).toBe('P-0');
    answer!({ total: 0, images: 0, patients: 0, rows: [] });
    await searching;
    expect(images.row(0)).toBeUndefined();
    expect(images.total).toBe(0);
  });

  it('are those of the last question, however late an earlier answer comes', async () => {
    const waiting = new Map<string, (page: BrowsePage) => void>();
    standIn({
      'data.browse': ({ query }: { query: { text: string } }) =>
        new Promise<BrowsePage>((resolve) => waiting.set(query.text, resolve)),
      'data.overview': () => overview,
    });
    const images = new Images();
    const page = (total: number): BrowsePage => ({ total, images: total, patients: total, rows: [] });
    const first = images.setText('a');
    const second = images.setText('ab');
    await new Promise((resolve) => setTimeout(resolve, 0));
    waiting.get('ab')!(page(2));
    await second;
    waiting.get('a')!(page(1));
    await first;
    expect(images.total).toBe(2);
  });

  it('are opened and closed by what rows are, not by where they stand', async () => {
    const { asked } = standIn({ 'data.browse': patients(300), 'data.overview': () => overview });
    const images = new Images();
    await images.reload();
    await images.need(200, 210);
    await images.toggle('205');
    expect(images.row(205)?.expanded).toBe(true);
    expect(browses(asked).at(-1)).toMatchObject({ expanded: ['205'], offset: 200 });
    await images.toggle('205');
    expect(images.row(205)?.expanded).toBe(false);
  });

  it('are filtered by several values of one attribute, and a value is taken back the same way', async () => {
    standIn({ 'data.browse': patients(10), 'data.overview': () => overview });
    const images = new Images();
    await images.toggleValue('Manufacturer', 'GE');
    await images.toggleValue('Manufacturer', '');
    expect(images.query.filter).toEqual({ Manufacturer: ['GE', ''] });
    await images.toggleValue('Manufacturer', 'GE');
    expect(images.chosen('Manufacturer')).toEqual(['']);
    await images.toggleClass('nodule');
    await images.setLabel('unlabelled');
    expect(images.query).toMatchObject({ label: 'unlabelled', classes: [] });
    expect(images.isFiltered).toBe(true);
    await images.clear();
    expect(images.isFiltered).toBe(false);
  });

  it('are sorted by counts with the most first, by names with the first first, and the other way round', async () => {
    standIn({ 'data.browse': patients(10), 'data.overview': () => overview });
    const images = new Images();
    const order = (): [string, boolean] => [images.sort, images.descending];
    await images.sortBy('images');
    expect(order()).toEqual(['images', true]);
    await images.sortBy('images');
    expect(order()).toEqual(['images', false]);
    await images.sortBy('Manufacturer');
    expect(order()).toEqual(['Manufacturer', false]);
  });

  it('have the usual columns of what is stated, until others are chosen; those are kept', async () => {
    const { asked } = standIn({ 'data.browse': patients(10), 'data.overview': () => overview });
    const images = new Images();
    await images.reload();
    expect(images.columns).toEqual(['Manufacturer']);
    expect(images.isStated('KVP')).toBe(false);
    await images.setColumns(['KVP', 'source']);
    expect(images.columns).toEqual(['source', 'KVP']);
    expect(browses(asked).at(-1)).toMatchObject({ columns: ['source', 'KVP'] });
    expect(new Images().columns).toEqual(['source', 'KVP']);
    await images.setColumns(null);
    expect(images.columns).toEqual(['Manufacturer']);
  });

  it('say what went wrong, and try again when they are looked at again', async () => {
    let broken = true;
    standIn({
      'data.browse': (input: { offset: number; limit: number; expanded: string[] }) => {
        if (broken && input.offset > 0) throw { code: 'no-connection', message: 'No connection.' };
        return patients(500)(input);
      },
      'data.overview': () => overview,
    });
    const images = new Images();
    await images.reload();
    await images.need(200, 210);
    expect(images.failure?.message).toBe('No connection.');
    broken = false;
    await images.need(200, 210);
    expect(images.failure).toBeNull();
    expect(images.row(205)?.title).toBe('P-205');
  });
});
