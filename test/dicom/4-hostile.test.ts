import { readFileSync } from 'node:fs';
import { deflateRawSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { GraftError } from '../../src-main/contract/errors.ts';
import * as dicom from '../../src-main/dicom/index.ts';
import { decodeFrame, readHeader, readHeaderSync } from '../../src-main/dicom/index.ts';
import { RandomStream } from '../../src-main/platform/random.ts';
import { colour8, grey12, grey8, temporaryFolder, writeBytes, writeFile } from './files.ts';

const folder = temporaryFolder();

/** Decodes; whatever goes wrong must be an error with a code and a sentence. */
async function outcome(path: string): Promise<string> {
  try {
    const frame = await decodeFrame(path);
    expect(frame.data.length).toBe(frame.rows * frame.columns * frame.samplesPerPixel);
    return 'read';
  } catch (error) {
    expect(error).toBeInstanceOf(GraftError);
    expect((error as GraftError).kind).toBe('expected');
    return (error as GraftError).code;
  }
}

describe('a hostile file', () => {
  it.each([true, false])(
    'with 5,000 nested sequences is walked without recursion (lengths undefined: %s)',
    async (open) => {
      const depth = 5000;
      const before = Buffer.from([0x09, 0x00, 0x01, 0x10, ...Buffer.from('SQ\0\0')]);
      const unknown = Buffer.from([0xff, 0xff, 0xff, 0xff]);
      const item = Buffer.from([0xfe, 0xff, 0x00, 0xe0]);
      const parts: Buffer[] = [];
      for (let level = 0; level < depth; level++) {
        const inside = (depth - level - 1) * 20;
        const length = (bytes: number): Buffer => Buffer.from(Uint32Array.of(bytes).buffer);
        parts.push(before, open ? unknown : length(inside + 8), item, open ? unknown : length(inside));
      }
      if (open) {
        const ends = Buffer.from([0xfe, 0xff, 0x0d, 0xe0, 0, 0, 0, 0, 0xfe, 0xff, 0xdd, 0xe0, 0, 0, 0, 0]);
        parts.push(...Array.from({ length: depth }, () => ends));
      }
      const bytes = readFileSync(await writeFile(folder, { pixels: grey12 }));
      const at = bytes.indexOf(Buffer.from([0x10, 0x00, 0x20, 0x00]));
      const path = writeBytes(folder, Buffer.concat([bytes.subarray(0, at), ...parts, bytes.subarray(at)]));
      expect(await readHeader(path)).toMatchObject({ kind: 'image', header: { PatientID: 'P1' } });
      expect(await outcome(path)).toBe('read');
    },
  );

  it('that unpacks to far more than its image needs is refused before it does', async () => {
    const whole = readFileSync(
      await writeFile(folder, { transferSyntaxUID: dicom.deflatedLittleEndian, pixels: grey8 }),
    );
    const meta = whole.subarray(0, 144 + whole.readUInt32LE(140));
    const plain = readFileSync(await writeFile(folder, { pixels: grey8 }));
    const dataSet = plain.subarray(144 + plain.readUInt32LE(140));
    const pixelsAt = dataSet.indexOf(Buffer.from([0xe0, 0x7f, 0x10, 0x00]));
    const huge = Buffer.alloc(200 * 1024 * 1024);
    // A private element of 200 MiB of zeros before the header's end, then after it.
    const element = Buffer.from([0x09, 0x00, 0x01, 0x10, ...Buffer.from('OB\0\0'), 0, 0, 0x80, 0x0c]);
    const patientAt = dataSet.indexOf(Buffer.from([0x10, 0x00, 0x20, 0x00]));
    const early = Buffer.concat([
      meta,
      deflateRawSync(Buffer.concat([dataSet.subarray(0, patientAt), element, huge]), { level: 1 }),
    ]);
    expect(await readHeader(writeBytes(folder, early))).toMatchObject({
      kind: 'refused',
      reason: 'too-large',
    });
    const late = Buffer.concat([
      meta,
      deflateRawSync(
        Buffer.concat([dataSet.subarray(0, pixelsAt), Buffer.from([0x09, 0x70]), element.subarray(2), huge]),
        { level: 1 },
      ),
    ]);
    const latePath = writeBytes(folder, late);
    expect(await readHeader(latePath)).toMatchObject({ kind: 'image' });
    expect(await outcome(latePath)).toBe('too-large');
  });

  it('that promises a frame of billions of pixels gets no memory for it', async () => {
    const elements = { Rows: 65_535, Columns: 65_535 };
    const transferSyntaxUID = dicom.jpeg2000Lossless;
    expect(await outcome(await writeFile(folder, { transferSyntaxUID, elements, pixels: grey12 }))).toBe(
      'too-large',
    );
    expect(await readHeader(await writeFile(folder, { elements, pixels: grey12 }))).toMatchObject({
      reason: 'truncated',
    });
  });

  it('whose elements claim more bytes than there are is refused', async () => {
    const bytes = readFileSync(
      await writeFile(folder, { elements: { '00090001:OB': new Uint8Array(4) }, pixels: grey12 }),
    );
    const at = bytes.indexOf(Buffer.from([0x09, 0x00, 0x01, 0x00]));
    bytes.writeUInt32LE(0xfffffff0, at + 8);
    expect(await readHeader(writeBytes(folder, bytes))).toMatchObject({
      kind: 'refused',
      reason: 'truncated',
    });
  });
});

describe('a frame of the wrong size', () => {
  const codecs = [
    dicom.jpegBaseline,
    dicom.jpegLossless,
    dicom.jpegLsLossless,
    dicom.jpeg2000Lossless,
    dicom.htj2kLossless,
    dicom.jpegXlLossless,
  ];
  it.each(codecs)('is refused, whatever the codec says (%s)', async (transferSyntaxUID) => {
    const larger = await writeFile(folder, { transferSyntaxUID, pixels: grey8, elements: { Rows: 14 } });
    expect(await outcome(larger)).toBe('frame-wrong-size');
    const colour = { SamplesPerPixel: 3, PhotometricInterpretation: 'RGB', PlanarConfiguration: 0 };
    expect(
      await outcome(await writeFile(folder, { transferSyntaxUID, pixels: grey8, elements: colour })),
    ).toBe('frame-wrong-size');
  });

  it('is refused in RLE and without compression', async () => {
    const elements = { Rows: 14 };
    expect(
      await outcome(
        await writeFile(folder, { transferSyntaxUID: dicom.rleLossless, pixels: grey8, elements }),
      ),
    ).toBe('truncated');
    expect(await outcome(await writeFile(folder, { pixels: grey8, elements }))).toBe('truncated');
  });
});

const everything = [
  dicom.implicitLittleEndian,
  dicom.explicitBigEndian,
  dicom.deflatedLittleEndian,
  dicom.rleLossless,
  dicom.jpegBaseline,
  dicom.jpegLosslessFirstOrder,
  dicom.jpegLsLossless,
  dicom.jpeg2000Lossless,
  dicom.htj2kLossless,
  dicom.jpegXlLossless,
];

describe.each(everything)('damage to %s', (transferSyntaxUID) => {
  it('ends in a picture of the right size or in an error with a code', async () => {
    const random = new RandomStream(1, 'damage', transferSyntaxUID);
    for (const pixels of [grey8, colour8]) {
      const whole = readFileSync(await writeFile(folder, { transferSyntaxUID, pixels }));
      for (let round = 0; round < 12; round++) {
        const bytes = Buffer.from(whole);
        // Mostly in the pixels, at times in the header.
        const from = random.uniform() < 0.7 ? bytes.length - 250 : 128;
        for (let flip = 0; flip < 3; flip++) {
          bytes[from + random.integer(bytes.length - from)] ^= 1 << random.integer(8);
        }
        const cut = round % 3 === 0 ? bytes.subarray(0, 140 + random.integer(bytes.length - 140)) : bytes;
        const path = writeBytes(folder, cut);
        expect(['image', 'refused']).toContain(readHeaderSync(path).kind);
        await outcome(path);
      }
    }
  });
});
