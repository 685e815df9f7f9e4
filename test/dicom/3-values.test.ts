import { describe, expect, it } from 'vitest';
import type { DicomToWrite, DisplayOptions, Elements, PixelsToWrite } from '../../src-main/dicom/index.ts';
import { decodeFrame, displayValues, explicitBigEndian, modalityValues } from '../../src-main/dicom/index.ts';
import { temporaryFolder, writeFile } from './files.ts';

const folder = temporaryFolder();
const ramp: PixelsToWrite = {
  rows: 1,
  columns: 5,
  bitsAllocated: 16,
  bitsStored: 12,
  data: [0, 1000, 2000, 3000, 4000],
};

async function modality(
  elements: Elements,
  pixels = ramp,
  more: Partial<DicomToWrite> = {},
): Promise<number[]> {
  return [...modalityValues(await decodeFrame(await writeFile(folder, { elements, pixels, ...more })))];
}

async function display(
  elements: Elements,
  options?: DisplayOptions,
  pixels = ramp,
  frameIndex = 0,
): Promise<number[]> {
  const frame = await decodeFrame(await writeFile(folder, { elements, pixels }), frameIndex);
  return [...displayValues(frame, options)].map((value) => Math.round(value * 10_000) / 10_000);
}

describe('modality values', () => {
  it('apply slope and intercept', async () => {
    expect(await modality({ RescaleSlope: '0.5', RescaleIntercept: '-1024' })).toEqual([
      -1024, -524, -24, 476, 976,
    ]);
  });

  it('take a slope of zero for none', async () => {
    expect(await modality({ RescaleSlope: '0', RescaleIntercept: '1' })).toEqual([1, 1001, 2001, 3001, 4001]);
  });

  it.each([undefined, explicitBigEndian])(
    'go through a modality LUT, held at its ends',
    async (transferSyntaxUID) => {
      const elements: Elements = {
        ModalityLUTSequence: [{ LUTDescriptor: [3, 1000, 16], '00283006:US': [7, 600, 65_000] }],
        RescaleSlope: '2',
        RescaleIntercept: '0',
      };
      const pixels = { ...ramp, data: [0, 1000, 1001, 1002, 4000] };
      const more = transferSyntaxUID ? { transferSyntaxUID } : {};
      expect(await modality(elements, pixels, more)).toEqual([7, 7, 600, 65_000, 65_000]);
    },
  );
});

describe('values for display', () => {
  it('follow LINEAR, LINEAR_EXACT and SIGMOID as the standard has them', async () => {
    const window = { WindowCenter: '2048', WindowWidth: '4096' };
    // PS3.3 C.11.2.1.2: ((x - (c - 0.5)) / (w - 1) + 0.5)
    const linear = (x: number): number => Math.round(((x - 2047.5) / 4095 + 0.5) * 10_000) / 10_000;
    expect(await display(window)).toEqual(ramp.data.map(linear));
    const exact = (x: number): number => Math.round(((x - 2048) / 4096 + 0.5) * 10_000) / 10_000;
    expect(await display({ ...window, VOILUTFunction: 'LINEAR_EXACT' })).toEqual(ramp.data.map(exact));
    const sigmoid = (x: number): number =>
      Math.round((1 / (1 + Math.exp((-4 * (x - 2048)) / 4096))) * 10_000) / 10_000;
    expect(await display({ ...window, VOILUTFunction: 'SIGMOID' })).toEqual(ramp.data.map(sigmoid));
  });

  it('are a threshold under a window of width 1', async () => {
    expect(await display({ WindowCenter: '2000', WindowWidth: '1' })).toEqual([0, 0, 1, 1, 1]);
  });

  it('use the window that was asked for, of several', async () => {
    const elements = { WindowCenter: ['2000.5', '500.5'], WindowWidth: ['2001', '1001'] };
    expect(await display(elements)).toEqual([0, 0, 0.5, 1, 1]);
    expect(await display(elements, { windowIndex: 1 })).toEqual([0, 1, 1, 1, 1]);
  });

  it('take a window of one’s own', async () => {
    expect(
      await display(
        { WindowCenter: '1', WindowWidth: '2' },
        { voi: { center: 2000, width: 4000, function: 'LINEAR_EXACT' } },
      ),
    ).toEqual([0, 0.25, 0.5, 0.75, 1]);
  });

  it('go through a VOI LUT before any window', async () => {
    const elements: Elements = {
      VOILUTSequence: [{ LUTDescriptor: [4, 1000, 8], '00283006:US': [0, 51, 102, 255] }],
      WindowCenter: '1',
      WindowWidth: '2',
    };
    expect(await display(elements, {}, { ...ramp, data: [0, 1001, 1002, 1003, 4000] })).toEqual([
      0, 0.2, 0.4, 1, 1,
    ]);
  });

  it('span the range where the file has no window, or one that cannot be', async () => {
    expect(await display({})).toEqual([0, 0.25, 0.5, 0.75, 1]);
    expect(await display({ WindowCenter: '100', WindowWidth: '0' })).toEqual([0, 0.25, 0.5, 0.75, 1]);
    expect(await display({}, {}, { ...ramp, data: [9, 9, 9, 9, 9] })).toEqual([0, 0, 0, 0, 0]);
  });

  it('span percentiles as numpy computes them', async () => {
    expect(await display({}, { voi: 'percentile', percentiles: [12.5, 75] })).toEqual([0, 0.2, 0.6, 1, 1]);
  });

  it('invert MONOCHROME1', async () => {
    const pixels = { ...ramp, photometricInterpretation: 'MONOCHROME1' };
    expect(await display({}, {}, pixels)).toEqual([1, 0.75, 0.5, 0.25, 0]);
  });

  it('leave padding black and out of range and percentiles', async () => {
    const pixels = { ...ramp, signed: true, data: [-2000, 0, 500, 1000, -2000] };
    expect(await display({ '00280120:SS': -2000 }, {}, pixels)).toEqual([0, 0, 0.5, 1, 0]);
    const inverted = { ...pixels, photometricInterpretation: 'MONOCHROME1' };
    expect(
      await display({ '00280120:SS': -2000 }, { voi: 'percentile', percentiles: [0, 100] }, inverted),
    ).toEqual([0, 1, 0.5, 0, 0]);
    const range = { '00280120:SS': -2000, '00280121:SS': 0 };
    expect(await display(range, {}, pixels)).toEqual([0, 0, 0, 1, 0]);
  });

  it('take each frame’s own rescale and window from the functional groups, then the shared ones', async () => {
    const group = (intercept: string, center: string): Elements => ({
      PixelValueTransformationSequence: [
        { RescaleIntercept: intercept, RescaleSlope: '1', RescaleType: 'US' },
      ],
      FrameVOILUTSequence: [{ WindowCenter: center, WindowWidth: '4000', VOILUTFunction: 'LINEAR_EXACT' }],
    });
    const pixels = { ...ramp, frames: 2, data: [...(ramp.data as number[]), ...(ramp.data as number[])] };
    const elements: Elements = {
      SharedFunctionalGroupsSequence: [group('0', '2000')],
      PerFrameFunctionalGroupsSequence: [{}, group('1000', '2000')],
    };
    expect(await display(elements, {}, pixels, 0)).toEqual([0, 0.25, 0.5, 0.75, 1]);
    expect(await display(elements, {}, pixels, 1)).toEqual([0.25, 0.5, 0.75, 1, 1]);
  });

  it('divide colour by its depth', async () => {
    const pixels: PixelsToWrite = {
      rows: 1,
      columns: 1,
      bitsAllocated: 8,
      samplesPerPixel: 3,
      data: [0, 51, 255],
    };
    expect(await display({ WindowCenter: '1', WindowWidth: '2' }, {}, pixels)).toEqual([0, 0.2, 1]);
  });
});
