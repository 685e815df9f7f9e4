import { gzipSync } from 'node:zlib';
import { appendFileSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { codecs } from '../../src-main/dicom/codecs.ts';
import type { DicomToWrite, PixelsToWrite } from '../../src-main/dicom/index.ts';
import * as dicom from '../../src-main/dicom/index.ts';
import { decodeFrame, pixelHash } from '../../src-main/dicom/index.ts';
import {
  colour8,
  grey12,
  grey8,
  pattern,
  signed16,
  temporaryFolder,
  writeBytes,
  writeFile,
} from './files.ts';
import { encodeFlatJpeg12 } from './jpeg12.ts';

const folder = temporaryFolder();

async function decoded(file: Partial<DicomToWrite>, frameIndex = 0): Promise<number[]> {
  return [...(await decodeFrame(await writeFile(folder, file), frameIndex)).data];
}

function largestDifference(one: ArrayLike<number>, other: ArrayLike<number>): number {
  expect(one.length).toBe(other.length);
  return Math.max(...Array.from(one, (value, index) => Math.abs(value - other[index])));
}

const lossless = {
  implicit: dicom.implicitLittleEndian,
  explicit: dicom.explicitLittleEndian,
  'big endian': dicom.explicitBigEndian,
  deflated: dicom.deflatedLittleEndian,
  RLE: dicom.rleLossless,
  'JPEG lossless': dicom.jpegLossless,
  'JPEG lossless, first order': dicom.jpegLosslessFirstOrder,
  'JPEG-LS': dicom.jpegLsLossless,
  'JPEG 2000': dicom.jpeg2000Lossless,
  HTJ2K: dicom.htj2kLossless,
  'HTJ2K RPCL': dicom.htj2kLosslessRpcl,
  'JPEG XL': dicom.jpegXlLossless,
};
const signed12 = pattern(
  { rows: 13, columns: 21, bitsAllocated: 16, bitsStored: 12, signed: true },
  (index) => ((index * 131) % 4000) - 2000,
);
const shapes = {
  'grey 8': grey8,
  'grey 12 of 16': grey12,
  'signed 16': signed16,
  'signed 12': signed12,
  colour: colour8,
};

describe.each(Object.entries(lossless))('%s', (_, transferSyntaxUID) => {
  it.each(Object.entries(shapes))('gives every stored value back: %s', async (_, pixels) => {
    const frame = await decodeFrame(await writeFile(folder, { transferSyntaxUID, pixels }));
    expect([...frame.data]).toEqual(pixels.data);
    expect(frame).toMatchObject({ rows: 13, columns: 21, samplesPerPixel: pixels.samplesPerPixel ?? 1 });
  });

  it('gives the frame that was asked for', async () => {
    const two = pattern({ ...grey12, frames: 3 }, (index) => (index * 11) & 4095);
    const path = await writeFile(folder, { transferSyntaxUID, pixels: two });
    const size = grey12.data.length;
    for (const index of [2, 0, 1]) {
      const frame = await decodeFrame(path, index);
      expect([...frame.data]).toEqual(two.data.slice(index * size, (index + 1) * size));
    }
    await expect(decodeFrame(path, 3)).rejects.toMatchObject({ code: 'no-such-frame' });
  });
});

describe('lossy encodings', () => {
  const smooth = pattern(
    { rows: 24, columns: 32, bitsAllocated: 8 },
    (index) => 40 + 3 * (index % 32) + (index >> 5),
  );
  const smoothColour = pattern({ rows: 24, columns: 32, bitsAllocated: 8, samplesPerPixel: 3 }, (index) => {
    const pixel = Math.floor(index / 3);
    return [60 + 2 * (pixel % 32), 200 - 3 * (pixel % 32), 90 + 4 * (pixel >> 5)][index % 3];
  });

  it.each([dicom.jpegBaseline, dicom.jpegExtended, dicom.jpegXl])(
    'come close: %s',
    async (transferSyntaxUID) => {
      expect(
        largestDifference(await decoded({ transferSyntaxUID, pixels: smooth }), smooth.data),
      ).toBeLessThan(6);
      const colour = await decoded({ transferSyntaxUID, pixels: smoothColour });
      expect(largestDifference(colour, smoothColour.data)).toBeLessThan(12);
    },
  );

  it('take JPEG whose components are RGB for RGB, also without an Adobe segment to say so', async () => {
    // The encoder writes luminance and chrominance; read as RGB they must come out as they are.
    const written = await writeFile(folder, { transferSyntaxUID: dicom.jpegBaseline, pixels: smoothColour });
    const asRgb = await writeFile(folder, {
      transferSyntaxUID: dicom.jpegBaseline,
      encodedFrames: [withoutApplicationSegments(frameOf(written))],
      pixels: { ...smoothColour, photometricInterpretation: 'RGB' },
    });
    const rgb = await decodeFrame(written);
    const raw = await decodeFrame(asRgb);
    for (let at = 0; at < rgb.data.length; at += 3 * 31) {
      const [r, g, b] = rgb.data.slice(at, at + 3);
      expect(Math.abs(raw.data[at] - (0.299 * r + 0.587 * g + 0.114 * b))).toBeLessThan(4);
    }
  });

  it('take an Adobe segment that is too short for none', async () => {
    const written = await writeFile(folder, { transferSyntaxUID: dicom.jpegBaseline, pixels: smoothColour });
    const bare = withoutApplicationSegments(frameOf(written));
    const short = Buffer.from([0xff, 0xee, 0, 12, 0x41, 0x64, 0x6f, 0x62, 0x65, 0, 0, 0, 0, 0]);
    const pixels = { ...smoothColour, photometricInterpretation: 'RGB' };
    const file = (frame: Uint8Array): Promise<number[]> =>
      decoded({ transferSyntaxUID: dicom.jpegBaseline, encodedFrames: [frame], pixels });
    expect(await file(Buffer.concat([bare.subarray(0, 2), short, bare.subarray(2)]))).toEqual(
      await file(bare),
    );
  });

  it('decode 12-bit JPEG without bias', async () => {
    const blocks = [0, 100, 1000, 2048, 3000, 4095];
    const pixels = pattern(
      { rows: 8, columns: 48, bitsAllocated: 16, bitsStored: 12 },
      (index) => blocks[(index % 48) >> 3],
    );
    const encodedFrames = [encodeFlatJpeg12(blocks)];
    expect(await decoded({ transferSyntaxUID: dicom.jpegExtended, encodedFrames, pixels })).toEqual(
      pixels.data,
    );
    // The process is in the bytes: the same under the baseline's UID.
    expect(await decoded({ transferSyntaxUID: dicom.jpegBaseline, encodedFrames, pixels })).toEqual(
      pixels.data,
    );
  });

  it('keep the error of near-lossless JPEG-LS within its bound', async () => {
    const encoder = new (await codecs.jpegLs()).JpegLSEncoder();
    encoder.setNearLossless(2);
    encoder
      .getDecodedBuffer({ width: 32, height: 24, bitsPerSample: 8, componentCount: 1, isSigned: false })
      .set(smooth.data);
    encoder.encode();
    const encodedFrames = [Uint8Array.from(encoder.getEncodedBuffer())];
    encoder.delete();
    const values = await decoded({
      transferSyntaxUID: dicom.jpegLsNearLossless,
      encodedFrames,
      pixels: smooth,
    });
    expect(largestDifference(values, smooth.data)).toBeLessThanOrEqual(2);
  });
});

describe('encapsulated frames are found', () => {
  const three = pattern({ ...grey12, frames: 3 }, (index) => (index * 11) & 4095);
  const size = grey12.data.length;
  it.each([
    ['by the basic offset table', { offsetTable: 'basic', fragmentsPerFrame: 3 }],
    ['by the extended offset table', { offsetTable: 'extended', fragmentsPerFrame: 3 }],
    ['without a table, one fragment each', { offsetTable: 'empty' }],
    ['without a table, by where a frame starts', { offsetTable: 'empty', fragmentsPerFrame: 2 }],
  ] as const)('%s', async (_, how) => {
    const path = await writeFile(folder, { transferSyntaxUID: dicom.jpegLsLossless, pixels: three, ...how });
    for (const index of [0, 1, 2]) {
      expect([...(await decodeFrame(path, index)).data]).toEqual(
        three.data.slice(index * size, (index + 1) * size),
      );
    }
  });

  it('when a single one is in many fragments', async () => {
    const how = {
      transferSyntaxUID: dicom.jpeg2000Lossless,
      offsetTable: 'empty',
      fragmentsPerFrame: 5,
    } as const;
    expect(await decoded({ ...how, pixels: grey12 })).toEqual(grey12.data);
  });

  it('when the file does not name its transfer syntax', async () => {
    for (const transferSyntaxUID of [
      dicom.jpegLsLossless,
      dicom.jpeg2000Lossless,
      dicom.htj2kLossless,
      dicom.rleLossless,
      dicom.jpegLossless,
      dicom.jpegXlLossless,
    ]) {
      const meta = 'no-transfer-syntax';
      expect(await decoded({ transferSyntaxUID, meta, pixels: grey12 })).toEqual(grey12.data);
    }
  });
});

describe('stored values', () => {
  it('leave out what lies in the unused high bits', async () => {
    const overlaid = {
      ...grey12,
      bitsStored: 16,
      highBit: 15,
      data: grey12.data.map((value, index) => value | ((index % 16) << 12)),
    };
    const elements = { BitsStored: 12, HighBit: 11 };
    for (const transferSyntaxUID of [dicom.explicitLittleEndian, dicom.rleLossless, dicom.jpegLossless]) {
      expect(await decoded({ transferSyntaxUID, pixels: overlaid, elements })).toEqual(grey12.data);
    }
  });

  it('are shifted down from a higher high bit', async () => {
    expect(await decoded({ pixels: { ...grey12, highBit: 15 } })).toEqual(grey12.data);
  });

  it('keep 10 bits and their sign', async () => {
    const ten = pattern(
      { rows: 4, columns: 8, bitsAllocated: 16, bitsStored: 10, signed: true },
      (index) => index * 32 - 512,
    );
    for (const transferSyntaxUID of [
      dicom.explicitLittleEndian,
      dicom.jpegLsLossless,
      dicom.jpeg2000Lossless,
    ]) {
      expect(await decoded({ transferSyntaxUID, pixels: ten })).toEqual(ten.data);
    }
  });

  it('follow the header where JPEG 2000 has the sign wrong', async () => {
    // Written unsigned, described as signed, and the other way round.
    const pixels = pattern({ rows: 4, columns: 8, bitsAllocated: 16 }, (index) => (index * 4000) & 65_535);
    const asSigned = pixels.data.map((value) => (value << 16) >> 16);
    expect(
      await decoded({
        transferSyntaxUID: dicom.jpeg2000Lossless,
        pixels,
        elements: { PixelRepresentation: 1 },
      }),
    ).toEqual(asSigned);
    const signed = { ...pixels, signed: true, data: asSigned };
    expect(
      await decoded({
        transferSyntaxUID: dicom.jpeg2000Lossless,
        pixels: signed,
        elements: { PixelRepresentation: 0 },
      }),
    ).toEqual(pixels.data);
  });

  it('of one bit start anywhere in a byte', async () => {
    const bits = pattern(
      { rows: 3, columns: 5, frames: 3, bitsAllocated: 1 },
      (index) => ((index * index) % 3) % 2,
    );
    const path = await writeFile(folder, { pixels: bits });
    for (const index of [0, 1, 2]) {
      expect([...(await decodeFrame(path, index)).data]).toEqual(
        bits.data.slice(index * 15, (index + 1) * 15),
      );
    }
  });

  it('of one bit are found beyond the first 256 MiB, too', async () => {
    const [side, frames] = [256, 2 ** 15 + 1];
    const elements = {
      ...{ SamplesPerPixel: 1, PhotometricInterpretation: 'MONOCHROME2', PixelRepresentation: 0 },
      ...{ Rows: side, Columns: side, NumberOfFrames: String(frames) },
      ...{ BitsAllocated: 1, BitsStored: 1, HighBit: 0, '7fe00010:OB': new Uint8Array(0) },
    };
    const path = await writeFile(folder, { elements });
    const head = readFileSync(path);
    head.writeUInt32LE((side * side * frames) / 8, head.length - 4);
    writeFileSync(path, head);
    // Nothing of the frames before lies on the disk.
    truncateSync(path, head.length + (side * side * (frames - 1)) / 8);
    appendFileSync(path, Buffer.concat([Buffer.of(0b101), Buffer.alloc((side * side) / 8 - 1)]));
    const { data } = await decodeFrame(path, frames - 1);
    expect([...data.subarray(0, 4)]).toEqual([1, 0, 1, 0]);
  });

  it('of 32 bits keep all of them', async () => {
    const deep = pattern({ rows: 4, columns: 8, bitsAllocated: 32 }, (index) => index * 134_000_001);
    for (const transferSyntaxUID of [
      dicom.explicitLittleEndian,
      dicom.explicitBigEndian,
      dicom.rleLossless,
    ]) {
      expect(await decoded({ transferSyntaxUID, pixels: deep })).toEqual(deep.data);
    }
  });

  it('may be floating point', async () => {
    const values = [0.5, -1.25, 1e20, 3];
    const description = { Rows: 2, Columns: 2, SamplesPerPixel: 1, PhotometricInterpretation: 'MONOCHROME2' };
    const single = { ...description, BitsAllocated: 32, FloatPixelData: values };
    expect(await decoded({ elements: single })).toEqual([...Float32Array.from(values)]);
    const double = { ...description, BitsAllocated: 64, DoubleFloatPixelData: values };
    expect(await decoded({ elements: double })).toEqual(values);
  });

  it('survive big-endian bytes in words, at an odd length', async () => {
    const odd = pattern({ rows: 3, columns: 3, bitsAllocated: 8, samplesPerPixel: 3 }, (index) => index * 9);
    const padded = [...odd.data, 0];
    const words = Uint8Array.from(padded, (_, index) => padded[index ^ 1]);
    const whole = readFileSync(
      await writeFile(folder, { transferSyntaxUID: dicom.explicitBigEndian, pixels: odd }),
    );
    whole.set(words, whole.length - 28);
    whole.set(Buffer.from('OW'), whole.length - 28 - 8);
    expect([...(await decodeFrame(writeBytes(folder, whole))).data]).toEqual(odd.data);
  });

  it('come out of gzip', async () => {
    const path = writeBytes(folder, gzipSync(readFileSync(await writeFile(folder, { pixels: signed16 }))));
    expect([...(await decodeFrame(path)).data]).toEqual(signed16.data);
  });
});

describe('colour', () => {
  it('is interleaved from planes', async () => {
    const pixels: PixelsToWrite = { ...colour8, planarConfiguration: 1 };
    expect(await decoded({ pixels })).toEqual(colour8.data);
  });

  it('is converted from YBR_FULL', async () => {
    // Red, green, blue, grey after BT.601.
    const ybr = [76, 85, 255, 150, 44, 21, 29, 255, 107, 128, 128, 128];
    const pixels: PixelsToWrite = {
      rows: 2,
      columns: 2,
      bitsAllocated: 8,
      samplesPerPixel: 3,
      data: ybr,
      photometricInterpretation: 'YBR_FULL',
    };
    const expected = [255, 0, 0, 0, 255, 0, 0, 0, 255, 128, 128, 128];
    for (const transferSyntaxUID of [dicom.explicitLittleEndian, dicom.rleLossless, dicom.jpegLsLossless]) {
      const values = await decoded({ transferSyntaxUID, pixels });
      expect(largestDifference(values, expected)).toBeLessThanOrEqual(2);
    }
  });

  it('is expanded from YBR_FULL_422, unless the length says it is whole', async () => {
    const description = {
      Rows: 1,
      Columns: 4,
      SamplesPerPixel: 3,
      PhotometricInterpretation: 'YBR_FULL_422',
      PlanarConfiguration: 0,
      BitsAllocated: 8,
      BitsStored: 8,
      HighBit: 7,
      PixelRepresentation: 0,
    };
    const halved = { ...description, '7fe00010:OB': Uint8Array.of(10, 20, 128, 128, 30, 40, 128, 128) };
    const greys = [10, 10, 10, 20, 20, 20, 30, 30, 30, 40, 40, 40];
    expect(await decoded({ elements: halved })).toEqual(greys);
    const whole = {
      ...description,
      '7fe00010:OB': Uint8Array.from([10, 20, 30, 40].flatMap((y) => [y, 128, 128])),
    };
    expect(await decoded({ elements: whole })).toEqual(greys);
  });
});

describe('the pixel hash', () => {
  it('is the same for one picture in every lossless encoding', async () => {
    const hashes = await Promise.all(
      Object.values(lossless).map(async (transferSyntaxUID) =>
        pixelHash(await decodeFrame(await writeFile(folder, { transferSyntaxUID, pixels: grey12 }))),
      ),
    );
    expect(new Set(hashes).size).toBe(1);
  });

  it('does not depend on allocated bits, but on every value and on the shape', async () => {
    const hash = async (pixels: PixelsToWrite): Promise<string> =>
      pixelHash(await decodeFrame(await writeFile(folder, { pixels })));
    const own = await hash(grey8);
    expect(own).toMatch(/^[0-9a-f]{64}$/);
    expect(await hash({ ...grey8, bitsAllocated: 16, bitsStored: 8 })).toBe(own);
    expect(await hash({ ...grey8, bitsAllocated: 16, signed: true })).toBe(own);
    expect(await hash({ ...grey8, rows: 21, columns: 13 })).not.toBe(own);
    expect(await hash({ ...grey8, data: grey8.data.with(100, grey8.data[100] ^ 1) })).not.toBe(own);
  });
});

/** The single fragment of a written file. */
function frameOf(path: string): Buffer {
  const bytes = readFileSync(path);
  const start = bytes.lastIndexOf(Buffer.from([0xfe, 0xff, 0x00, 0xe0]));
  return bytes.subarray(start + 8, start + 8 + bytes.readUInt32LE(start + 4));
}

function withoutApplicationSegments(jpeg: Buffer): Buffer {
  const parts = [jpeg.subarray(0, 2)];
  let at = 2;
  while (jpeg[at + 1] !== 0xda) {
    const end = at + 2 + jpeg.readUInt16BE(at + 2);
    if (jpeg[at + 1] < 0xe0 || jpeg[at + 1] > 0xef) parts.push(jpeg.subarray(at, end));
    at = end;
  }
  return Buffer.concat([...parts, jpeg.subarray(at)]);
}
