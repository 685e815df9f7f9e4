import { GraftError } from '../../contract/errors.ts';
import type { StoredValues } from '../types.ts';

/** Pixels to be written. */
export interface PixelsToWrite {
  rows: number;
  columns: number;
  /** Default 1. */
  samplesPerPixel?: 1 | 3;
  /** Default 1. */
  frames?: number;
  bitsAllocated: 1 | 8 | 16 | 32;
  /** Default all that are allocated. */
  bitsStored?: number;
  /** Default bitsStored − 1. */
  highBit?: number;
  /** Default false. */
  signed?: boolean;
  /** Default MONOCHROME2, or RGB for three samples. */
  photometricInterpretation?: string;
  /** 1 keeps each colour apart; default 0. Encapsulated encodings other than RLE are always 0. */
  planarConfiguration?: 0 | 1;
  /** frames × rows × columns × samplesPerPixel stored values, samples interleaved. */
  data: StoredValues | readonly number[];
}

export type CompletePixels = Required<PixelsToWrite>;

/** Fills in the defaults and checks that there are as many values as the description says. */
export function completePixels(pixels: PixelsToWrite): CompletePixels {
  const samplesPerPixel = pixels.samplesPerPixel ?? 1;
  const frames = pixels.frames ?? 1;
  const bitsStored = pixels.bitsStored ?? pixels.bitsAllocated;
  const expected = frames * pixels.rows * pixels.columns * samplesPerPixel;
  if (pixels.data.length !== expected) {
    throw new GraftError(
      'pixels-wrong-length',
      `Expected ${expected} values for ${frames} × ${pixels.rows} × ${pixels.columns} × ${samplesPerPixel}, found ${pixels.data.length}.`,
      { kind: 'bug' },
    );
  }
  return {
    signed: false,
    planarConfiguration: 0,
    photometricInterpretation: samplesPerPixel === 3 ? 'RGB' : 'MONOCHROME2',
    ...pixels,
    samplesPerPixel,
    frames,
    bitsStored,
    highBit: pixels.highBit ?? bitsStored - 1,
  };
}

/** The values of one frame. */
export function frameValues(pixels: CompletePixels, frame: number): ArrayLike<number> {
  const length = pixels.rows * pixels.columns * pixels.samplesPerPixel;
  return pixels.data.slice(frame * length, (frame + 1) * length);
}

/**
 * Values as little-endian bytes of the allocated width. A negative value keeps only its stored bits, unless all
 * allocated bits are stored: the standard leaves the bits above them free.
 */
export function valueBytes(values: ArrayLike<number>, pixels: CompletePixels): Uint8Array {
  const width = pixels.bitsAllocated / 8;
  const shift = pixels.highBit + 1 - pixels.bitsStored;
  const mask = pixels.bitsStored >= 32 ? 0xffffffff : 2 ** pixels.bitsStored - 1;
  const bytes = new Uint8Array(values.length * width);
  for (let index = 0; index < values.length; index++) {
    let value = ((values[index] & mask) << shift) >>> 0;
    for (let byte = 0; byte < width; byte++) {
      bytes[index * width + byte] = value & 0xff;
      value >>>= 8;
    }
  }
  return bytes;
}

/** Interleaved samples as one plane each. */
export function planes(values: ArrayLike<number>, samplesPerPixel: number): number[][] {
  return Array.from({ length: samplesPerPixel }, (_, sample) =>
    Array.from(
      { length: values.length / samplesPerPixel },
      (_, pixel) => values[pixel * samplesPerPixel + sample],
    ),
  );
}

/** All frames without compression; single bits are packed from the lowest, across frames (PS3.5 8.1.1). */
export function nativePixelBytes(pixels: CompletePixels): Uint8Array {
  if (pixels.bitsAllocated === 1) {
    const bytes = new Uint8Array(Math.ceil(pixels.data.length / 8));
    for (let index = 0; index < pixels.data.length; index++) {
      if (pixels.data[index]) bytes[index >> 3] |= 1 << (index & 7);
    }
    return bytes;
  }
  const frames = Array.from({ length: pixels.frames }, (_, frame) => {
    const values = frameValues(pixels, frame);
    const ordered = pixels.planarConfiguration === 1 ? planes(values, pixels.samplesPerPixel).flat() : values;
    return valueBytes(ordered, pixels);
  });
  return Buffer.concat(frames);
}
