import { describe, expect, it } from 'vitest';
import { prepareFrame } from '../../src-main/cohort/index.ts';
import { axisWeights, layOut, resizePicture } from '../../src-main/cohort/resize.ts';
import type { PreprocessingInput } from '../../src-main/contract/dataset.ts';
import { preprocessingSpec } from '../../src-main/contract/dataset.ts';
import type { DecodedFrame } from '../../src-main/dicom/index.ts';

type Resize = 'letterbox' | 'stretch' | 'crop';

function resized(
  rows: number[][],
  height: number,
  width: number,
  resize: Resize = 'stretch',
  pixelAspect = 1,
): number[][] {
  const picture = {
    rows: rows.length,
    columns: rows[0].length,
    samples: 1,
    values: Float32Array.from(rows.flat()),
  };
  const out = resizePicture(picture, pixelAspect, { height, width, resize });
  return Array.from({ length: height }, (_, row) => [...out.slice(row * width, (row + 1) * width)]);
}

describe('resizing', () => {
  it('leaves a picture of the right size as it is', () => {
    expect(resized([[1, 2], [3, 4]], 2, 2)).toEqual([[1, 2], [3, 4]]); // prettier-ignore
  });

  it('averages over areas when shrinking', () => {
    expect(resized([[1, 3, 5, 7], [1, 3, 5, 7]], 1, 2)).toEqual([[2, 6]]); // prettier-ignore
  });

  it('counts a pixel that is covered in part by its part', () => {
    const [[first, second]] = resized([[3, 6, 9]], 1, 2);
    expect(first).toBeCloseTo((3 + 6 / 2) / 1.5, 5);
    expect(second).toBeCloseTo((6 / 2 + 9) / 1.5, 5);
  });

  it('is linear between pixels when enlarging, and holds the edges', () => {
    expect(resized([[0, 1]], 1, 4)).toEqual([[0, 0.25, 0.75, 1]]);
  });

  it('shrinks one axis while it enlarges the other', () => {
    expect(resized([[0, 0, 1, 1]], 2, 2)).toEqual([[0, 1], [0, 1]]); // prettier-ignore
  });

  it('keeps the mean of any picture that it shrinks', () => {
    const rows = Array.from({ length: 37 }, (_, y) =>
      Array.from({ length: 53 }, (_, x) => ((x * 31 + y * 17) % 97) / 97),
    );
    const mean = (values: number[]): number => values.reduce((sum, one) => sum + one) / values.length;
    for (const [height, width] of [
      [5, 7],
      [36, 52],
      [1, 1],
      [18, 50],
    ]) {
      // prettier-ignore
      expect(mean(resized(rows, height, width).flat())).toBeCloseTo(mean(rows.flat()), 4);
    }
  });

  it('has weights that add up to 1 and never reach outside, for any two sizes', () => {
    for (let inputs = 1; inputs < 40; inputs++) {
      for (let outputs = 1; outputs < 40; outputs++) {
        const { first, count, weights, most } = axisWeights(inputs, outputs);
        for (let output = 0; output < outputs; output++) {
          let sum = 0;
          for (let tap = 0; tap < count[output]; tap++) sum += weights[output * most + tap];
          expect(Math.abs(sum - 1)).toBeLessThan(1e-5);
          expect(first[output] >= 0 && first[output] + count[output] <= inputs).toBe(true);
        }
      }
    }
  });
});

describe('laying an image into the output', () => {
  it('letterboxes: the whole image, its aspect kept, black around it', () => {
    expect(resized([[1, 1, 1, 1], [1, 1, 1, 1]], 4, 4, 'letterbox')).toEqual([
      [0, 0, 0, 0],
      [1, 1, 1, 1],
      [1, 1, 1, 1],
      [0, 0, 0, 0],
    ]); // prettier-ignore
    expect(resized([[1], [1], [1], [1]], 2, 2, 'letterbox')).toEqual([[1, 0], [1, 0]]); // prettier-ignore
  });

  it('crops: the output is full, its aspect kept, what is over cut off on both sides', () => {
    expect(resized([[9, 1, 2, 9]], 1, 2, 'crop')).toEqual([[1, 2]]);
    expect(resized([[9], [1], [2], [9]], 2, 1, 'crop')).toEqual([[1], [2]]);
  });

  it('stretches only when asked to', () => {
    expect(resized([[1, 2, 3, 4]], 2, 2, 'stretch')).toEqual([[1.5, 3.5], [1.5, 3.5]]); // prettier-ignore
  });

  it('counts the spacing of rows and columns: pixels need not be square', () => {
    expect(layOut(10, 20, 2, { height: 20, width: 20, resize: 'letterbox' })).toMatchObject({
      top: 0,
      left: 0,
      height: 20,
      width: 20,
    });
    expect(layOut(10, 10, 2, { height: 20, width: 20, resize: 'letterbox' })).toMatchObject({
      left: 5,
      height: 20,
      width: 10,
    });
    expect(layOut(10, 10, 2, { height: 10, width: 10, resize: 'crop' })).toMatchObject({
      fromRow: 2.5,
      rows: 5,
      columns: 10,
    });
  });

  it('never loses a very narrow image', () => {
    expect(layOut(1, 1000, 1, { height: 8, width: 8, resize: 'letterbox' })).toMatchObject({
      height: 1,
      width: 8,
    });
  });
});

describe('a frame as a record of the cache', () => {
  const frame = (data: number[], more: Partial<DecodedFrame> = {}): DecodedFrame => ({
    rows: 1,
    columns: data.length / (more.samplesPerPixel ?? 1),
    samplesPerPixel: 1,
    data: Int16Array.from(data),
    photometricInterpretation: 'MONOCHROME2',
    bitsStored: 12,
    signed: true,
    frameIndex: 0,
    numberOfFrames: 1,
    transferSyntaxUID: '1.2.840.10008.1.2.1',
    grayscale: {
      rescale: null,
      modalityLut: null,
      windows: [],
      voiFunction: 'LINEAR',
      voiLuts: [],
      padding: null,
    },
    ...more,
  });
  const prepared = (one: DecodedFrame, spec: Partial<PreprocessingInput>, stored: 1 | 3 = 1): number[] => {
    const complete = preprocessingSpec.parse({ height: one.rows, width: one.columns, ...spec });
    return [...prepareFrame(one, complete, stored, 1)].map(
      (value) => Math.round((value / 65535) * 1000) / 1000,
    );
  };

  it('lies between 0 and 1 by each way of looking at it', () => {
    const one = frame([-1000, 0, 40, 1000]);
    expect(prepared(one, { intensity: { kind: 'full-range' } })).toEqual([0, 0.5, 0.52, 1]);
    expect(prepared(one, { intensity: { kind: 'voi' } })).toEqual([0, 0.5, 0.52, 1]);
    expect(prepared(one, { intensity: { kind: 'window', center: 40.5, width: 401 } })).toEqual([
      0, 0.4, 0.5, 1,
    ]);
    expect(prepared(one, { intensity: { kind: 'percentile', low: 0, high: 100 } })).toEqual([
      0, 0.5, 0.52, 1,
    ]);
  });

  it('uses the window that the file has', () => {
    const grayscale = { ...frame([0]).grayscale, windows: [{ center: 40.5, width: 401, explanation: null }] };
    expect(prepared(frame([-1000, 0, 40, 1000], { grayscale }), {})).toEqual([0, 0.4, 0.5, 1]);
  });

  it('is bright where there is much, also in MONOCHROME1', () => {
    const one = frame([0, 100], { photometricInterpretation: 'MONOCHROME1' });
    expect(prepared(one, { intensity: { kind: 'full-range' } })).toEqual([1, 0]);
  });

  it('has colour as luma in one channel, and as it is in three', () => {
    const colour = frame([255, 0, 0, 0, 255, 0, 0, 0, 255], {
      samplesPerPixel: 3,
      bitsStored: 8,
      photometricInterpretation: 'RGB',
    });
    expect(prepared(colour, {})).toEqual([0.299, 0.587, 0.114]);
    expect(prepared(colour, {}, 3)).toEqual([1, 0, 0, 0, 1, 0, 0, 0, 1]);
    expect(prepared(frame([0, 100]), {}, 3)).toEqual([0, 0, 0, 1, 1, 1]);
  });

  it('is black where there is nothing to see', () => {
    expect(prepared(frame([7, 7]), { intensity: { kind: 'full-range' } })).toEqual([0, 0]);
  });
});

describe('a preprocessing specification', () => {
  it('needs only a size', () => {
    expect(preprocessingSpec.parse({ height: 8, width: 8 })).toEqual({
      height: 8,
      width: 8,
      channels: 3,
      intensity: { kind: 'voi' },
      resize: 'letterbox',
      frames: 'middle',
    });
  });

  it('is refused when it makes no sense', () => {
    const broken = [
      { height: 0, width: 8 },
      { height: 8, width: 8, channels: 2 },
      { height: 8, width: 8, intensity: { kind: 'percentile', low: 50, high: 50 } },
      { height: 8, width: 8, intensity: { kind: 'window', center: 0, width: 0 } },
    ];
    expect(broken.map((spec) => preprocessingSpec.safeParse(spec).success)).toEqual([
      false,
      false,
      false,
      false,
    ]);
  });
});
