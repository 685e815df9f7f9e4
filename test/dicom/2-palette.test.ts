import { describe, expect, it } from 'vitest';
import type { PixelsToWrite } from '../../src-main/dicom/index.ts';
import { decodeFrame } from '../../src-main/dicom/index.ts';
import { temporaryFolder, writeFile } from './files.ts';

const folder = temporaryFolder();

/** @param descriptor of all three tables: entries, first value mapped, bits */
const described = (descriptor: number[]) => ({
  PhotometricInterpretation: 'PALETTE COLOR',
  RedPaletteColorLookupTableDescriptor: descriptor,
  GreenPaletteColorLookupTableDescriptor: descriptor,
  BluePaletteColorLookupTableDescriptor: descriptor,
});

describe('the colour of a palette', () => {
  it('comes out, with its first value mapped and its ends held', async () => {
    const palette = (shift: number): Uint8Array => Uint8Array.from([10, 20, 30], (value) => value + shift);
    const elements = {
      ...described([3, 5, 8]),
      '00281201:OW': palette(0),
      '00281202:OW': palette(1),
      '00281203:OW': palette(2),
    };
    const pixels: PixelsToWrite = { rows: 1, columns: 4, bitsAllocated: 8, data: [0, 5, 6, 200] };
    const frame = await decodeFrame(await writeFile(folder, { elements, pixels }));
    expect([...frame.data]).toEqual([10, 11, 12, 10, 11, 12, 20, 21, 22, 30, 31, 32]);
    expect(frame).toMatchObject({ samplesPerPixel: 3, photometricInterpretation: 'RGB', bitsStored: 8 });
  });

  it('has the depth of its deepest colour where the others hold small values alone', async () => {
    const words = (values: number[]): Uint8Array => new Uint8Array(Uint16Array.from(values).buffer);
    const elements = {
      ...described([2, 0, 16]),
      '00281201:OW': words([0, 0]),
      '00281202:OW': words([0, 40_000]),
      '00281203:OW': words([0, 65_535]),
    };
    const pixels: PixelsToWrite = { rows: 1, columns: 2, bitsAllocated: 8, data: [0, 1] };
    const frame = await decodeFrame(await writeFile(folder, { elements, pixels }));
    expect([...frame.data]).toEqual([0, 0, 0, 0, 40_000, 65_535]);
    expect(frame.bitsStored).toBe(16);
  });

  it.each([
    ['says 16 bits and holds bytes', 16, Uint8Array.of(10, 200), [10, 10, 10, 200, 200, 200], 8],
    [
      'says 8 bits and holds words',
      8,
      new Uint8Array(Uint16Array.of(2570, 51_400).buffer),
      [2570, 2570, 2570, 51_400, 51_400, 51_400],
      16,
    ],
  ])('comes out of one that %s', async (_, bits, table, expected, found) => {
    const elements = {
      ...described([2, 0, bits]),
      '00281201:OW': table,
      '00281202:OW': table,
      '00281203:OW': table,
    };
    const pixels: PixelsToWrite = { rows: 1, columns: 2, bitsAllocated: 8, data: [0, 1] };
    const frame = await decodeFrame(await writeFile(folder, { elements, pixels }));
    expect([...frame.data]).toEqual(expected);
    expect(frame.bitsStored).toBe(found);
  });

  it('comes out of segments of 16 bits', async () => {
    // Discrete 0; a straight line of 4 steps up to 4000; the line's segment again, from where it ended.
    const segments = Uint8Array.from(new Uint8Array(Uint16Array.of(0, 1, 0, 1, 4, 4000).buffer));
    const elements = {
      ...described([5, 0, 16]),
      SegmentedRedPaletteColorLookupTableData: segments,
      SegmentedGreenPaletteColorLookupTableData: segments,
      SegmentedBluePaletteColorLookupTableData: segments,
    };
    const pixels: PixelsToWrite = { rows: 1, columns: 3, bitsAllocated: 8, data: [0, 2, 4] };
    const { data } = await decodeFrame(await writeFile(folder, { elements, pixels }));
    expect([...data]).toEqual([0, 0, 0, 2000, 2000, 2000, 4000, 4000, 4000]);
  });
});
