import { fireEvent, render, screen, waitFor } from '@testing-library/svelte';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { ImportReport } from '../../../src-main/contract/instances.ts';
import { Images } from '../../../src-renderer/screens/data/images.svelte.ts';
import ImageTable from '../../../src-renderer/screens/data/ImageTable.svelte';
import ImportSummary from '../../../src-renderer/screens/data/ImportSummary.svelte';
import Overview from '../../../src-renderer/screens/data/Overview.svelte';
import { refusalSentence, valueText } from '../../../src-renderer/screens/data/words.ts';
import { overview, patients, standIn } from './bridge.ts';

beforeEach(() => localStorage.clear());

async function someImages(total = 2000): Promise<Images> {
  standIn({ 'data.browse': patients(total), 'data.overview': () => overview });
  const images = new Images();
  await images.reload();
  return images;
}

describe('the overview', () => {
  it('has a bar for each value that filters, and leaves out what no image states', async () => {
    const images = await someImages();
    const onmore = vi.fn();
    render(Overview, { images, onmore });
    expect(screen.queryByRole('heading', { name: 'Tube voltage' })).toBeNull();
    const bar = screen.getByRole('button', { name: /^GE .*nodule 5, unlabelled 1$/ });
    expect(bar.getAttribute('aria-pressed')).toBe('false');
    await fireEvent.click(bar);
    expect(images.query.filter).toEqual({ Manufacturer: ['GE'] });
    await fireEvent.click(screen.getByRole('button', { name: /^not stated/ }));
    expect(images.query.filter).toEqual({ Manufacturer: ['GE', ''] });
    await fireEvent.click(screen.getByRole('button', { name: '3 more values …' }));
    expect(onmore).toHaveBeenCalledWith('Manufacturer');
  });
});

describe('the table', () => {
  it('holds the rows in view of any number, and is moved through with the keys', async () => {
    const images = await someImages();
    const onchoose = vi.fn();
    render(ImageTable, { images, chosen: null, onchoose });
    const grid = screen.getByRole('treegrid', { name: 'Images' });
    expect(grid.getAttribute('aria-rowcount')).toBe('2001');
    expect(screen.getAllByRole('row').length).toBeLessThan(60);
    await fireEvent.keyDown(grid, { key: 'ArrowDown' });
    expect(grid.getAttribute('aria-activedescendant')).toBe('image-row-1');
    await fireEvent.keyDown(grid, { key: 'ArrowRight' });
    await waitFor(() =>
      expect(screen.getByRole('row', { name: /P-1\b/ }).getAttribute('aria-expanded')).toBe('true'),
    );
  });
});

const report: ImportReport = {
  source: { id: 1, name: 'Hospital', path: '/data', addedAt: '' },
  files: 14,
  read: 12,
  unchanged: 2,
  removed: 0,
  images: 10,
  patients: 3,
  refused: { 'not-dicom': 3, truncated: 1 },
  problems: [{ kind: 'no-patient-id', count: 1, message: '1 image names no patient.' }],
  seconds: 3.4,
};

describe('the summary of an import', () => {
  it('says in sentences what came in and what did not', () => {
    render(ImportSummary, { report, labels: null, onproblems: () => {}, ondismiss: () => {} });
    const text = screen.getByRole('status').textContent!.replace(/\s+/g, ' ');
    expect(text).toContain('Hospital has 10 images of 3 patients.');
    expect(text).toContain('Of 14 files, 12 read in 3 s, 2 unchanged.');
    expect(text).toContain('4 files gave no image: 3 not DICOM, 1 cut off.');
    expect(text).toContain('1 image names no patient.');
  });
});

describe('words', () => {
  it('say values with their units, and what is not stated', () => {
    expect(valueText('MagneticFieldStrength', 1.5)).toBe('1.5 T');
    expect(valueText('Manufacturer', null)).toBe('not stated');
    expect(valueText('Problem', 'same-pixels')).toBe('same pixels twice');
    expect(valueText('SplitRole', null)).toBe('in no split');
    expect(refusalSentence({})).toBeNull();
  });
});
