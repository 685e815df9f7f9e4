import { gzipSync } from 'node:zlib';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { HeaderOutcome, InstanceHeader } from '../../src-main/dicom/index.ts';
import {
  deflatedLittleEndian,
  explicitBigEndian,
  explicitLittleEndian,
  implicitLittleEndian,
  jpegLossless,
  readHeader,
  rleLossless,
} from '../../src-main/dicom/index.ts';
import { grey12, grey8, temporaryFolder, writeBytes, writeFile } from './files.ts';

const folder = temporaryFolder();

function imageOf(outcome: HeaderOutcome): InstanceHeader {
  if (outcome.kind !== 'image') throw new Error(`refused: ${outcome.reason}: ${outcome.message}`);
  return outcome.header;
}

async function refusalOf(path: string): Promise<string> {
  const outcome = await readHeader(path);
  if (outcome.kind !== 'refused') throw new Error('it was read');
  expect(outcome.message).toMatch(/\.$/);
  return outcome.reason;
}

describe('a header', () => {
  it('carries what is indexed, under the keywords of the standard', async () => {
    const path = await writeFile(folder, {
      elements: {
        StudyInstanceUID: '2.25.1',
        SeriesInstanceUID: '2.25.2',
        PatientAge: '063Y',
        StudyDate: '20210304',
        MagneticFieldStrength: '1.5',
        PixelSpacing: ['0.5', '0.75'],
        SeriesDescription: ' T1 axial ',
        ImageLaterality: 'L',
        InstanceNumber: '12',
      },
      pixels: grey12,
    });
    expect(imageOf(await readHeader(path))).toMatchObject({
      transferSyntaxUID: explicitLittleEndian,
      SOPInstanceUID: '2.25.11',
      PatientID: 'P1',
      PatientAge: '063Y',
      StudyDate: '20210304',
      MagneticFieldStrength: 1.5,
      PixelSpacing: [0.5, 0.75],
      SeriesDescription: 'T1 axial',
      Laterality: 'L',
      InstanceNumber: 12,
      InstitutionName: null,
      Rows: 13,
      Columns: 21,
      NumberOfFrames: 1,
      BitsAllocated: 16,
      BitsStored: 12,
      HighBit: 11,
      PixelRepresentation: 0,
    });
  });

  it.each([
    ['implicit little endian', implicitLittleEndian],
    ['explicit little endian', explicitLittleEndian],
    ['explicit big endian', explicitBigEndian],
    ['deflated', deflatedLittleEndian],
  ])('is the same in %s', async (_, transferSyntaxUID) => {
    const elements = { KVP: '120', ReferencedImageSequence: [{ ReferencedSOPInstanceUID: '2.25.9' }] };
    const path = await writeFile(folder, { transferSyntaxUID, elements, pixels: grey12 });
    const plain = await writeFile(folder, { elements, pixels: grey12 });
    const header = imageOf(await readHeader(path));
    expect({ ...header, transferSyntaxUID: '' }).toEqual({
      ...imageOf(await readHeader(plain)),
      transferSyntaxUID: '',
    });
  });

  it.each([implicitLittleEndian, explicitLittleEndian, explicitBigEndian])(
    'is read without preamble, without meta information and without either (%s)',
    async (transferSyntaxUID) => {
      for (const oddity of [
        { preamble: false },
        { preamble: false, meta: false as const },
        { meta: false as const },
      ]) {
        const path = await writeFile(folder, { transferSyntaxUID, ...oddity, pixels: grey12 });
        expect(imageOf(await readHeader(path))).toMatchObject({
          transferSyntaxUID,
          Rows: 13,
          PatientID: 'P1',
        });
      }
    },
  );

  it.each([implicitLittleEndian, explicitLittleEndian, explicitBigEndian])(
    'is read where the transfer syntax is not named (%s)',
    async (transferSyntaxUID) => {
      const path = await writeFile(folder, { transferSyntaxUID, meta: 'no-transfer-syntax', pixels: grey12 });
      expect(imageOf(await readHeader(path)).transferSyntaxUID).toBe(transferSyntaxUID);
    },
  );

  it('is read behind one stray byte', async () => {
    const path = await writeFile(folder, {
      preamble: false,
      meta: false,
      elements: { SpecificCharacterSet: 'ISO_IR 100' },
      pixels: grey8,
    });
    const stray = writeBytes(folder, Buffer.concat([Buffer.of(0x20), readFileSync(path)]));
    expect(imageOf(await readHeader(stray)).Rows).toBe(13);
  });

  it('is read from a file in gzip', async () => {
    const path = await writeFile(folder, { pixels: grey12 });
    const packed = writeBytes(folder, gzipSync(readFileSync(path)));
    expect(await readHeader(packed)).toEqual(await readHeader(path));
  });

  it('is read where it is longer than the first reads', async () => {
    const path = await writeFile(folder, {
      elements: { '00091010:OB': new Uint8Array(300_000), ImageComments: 'x'.repeat(9000) },
      pixels: grey12,
    });
    expect(imageOf(await readHeader(path)).Columns).toBe(21);
  });

  it('is read over private and undefined-length sequences, also those hidden in UN', async () => {
    const nested = {
      '00091001:SQ': [{ '00091002:LO': 'a', '00091003:SQ': [{ PatientID: 'not this one' }] }],
    };
    // A sequence in UN of undefined length holds implicit little endian items (PS3.5 6.2.2).
    const hidden = Buffer.concat([
      Buffer.from([0x10, 0x00, 0x11, 0x11]),
      Buffer.from('UN\0\0', 'latin1'),
      Buffer.from([0xff, 0xff, 0xff, 0xff]),
      Buffer.from([0xfe, 0xff, 0x00, 0xe0, 0xff, 0xff, 0xff, 0xff]),
      Buffer.from([0x10, 0x00, 0x20, 0x00, 4, 0, 0, 0]),
      Buffer.from('none'),
      Buffer.from([0xfe, 0xff, 0x0d, 0xe0, 0, 0, 0, 0, 0xfe, 0xff, 0xdd, 0xe0, 0, 0, 0, 0]),
    ]);
    for (const undefinedLengths of [true, false]) {
      const path = await writeFile(folder, { elements: nested, undefinedLengths, pixels: grey12 });
      expect(imageOf(await readHeader(path))).toMatchObject({ PatientID: 'P1', Rows: 13 });
      const bytes = readFileSync(path);
      const at = bytes.indexOf(Buffer.from([0x28, 0x00, 0x02, 0x00, 0x55, 0x53]));
      const path2 = writeBytes(folder, Buffer.concat([bytes.subarray(0, at), hidden, bytes.subarray(at)]));
      expect(imageOf(await readHeader(path2))).toMatchObject({ PatientID: 'P1', Rows: 13 });
    }
  });

  it('believes the bytes where explicit and implicit are mixed up', async () => {
    const syntaxes = [explicitLittleEndian, implicitLittleEndian];
    const [explicit, implicit] = await Promise.all(
      syntaxes.map(async (transferSyntaxUID) => {
        const bytes = readFileSync(await writeFile(folder, { transferSyntaxUID, pixels: grey12 }));
        const dataSet = 144 + bytes.readUInt32LE(140);
        return { meta: bytes.subarray(0, dataSet), dataSet: bytes.subarray(dataSet) };
      }),
    );
    for (const mixed of [
      [explicit.meta, implicit.dataSet],
      [implicit.meta, explicit.dataSet],
    ]) {
      expect(imageOf(await readHeader(writeBytes(folder, Buffer.concat(mixed)))).Rows).toBe(13);
    }
  });

  it('decodes names in other character sets, and falls back where they are broken', async () => {
    const cases: [string, Uint8Array, string][] = [
      ['ISO_IR 192', Buffer.from('Zürich 東京'), 'Zürich 東京'],
      ['ISO_IR 100', Buffer.from('Zürich', 'latin1'), 'Zürich'],
      ['ISO_IR 144', Buffer.from([0xbb, 0xee, 0xda]), 'Люк'],
      ['\\ISO 2022 IR 87', Buffer.from('\x1b$B;3ED\x1b(B', 'latin1'), '山田'],
      ['NO_SUCH_SET', Buffer.from('Zürich', 'latin1'), 'Zürich'],
    ];
    for (const [SpecificCharacterSet, InstitutionName, expected] of cases) {
      const path = await writeFile(folder, {
        elements: { SpecificCharacterSet, InstitutionName },
        pixels: grey8,
      });
      expect(imageOf(await readHeader(path)).InstitutionName).toBe(expected);
    }
  });

  it('reads numbers whatever representation they were written in', async () => {
    const path = await writeFile(folder, {
      elements: { '00280010:UL': 13, '00280011:UN': Uint8Array.of(21, 0) },
      pixels: { ...grey8 },
    });
    expect(imageOf(await readHeader(path))).toMatchObject({ Rows: 13, Columns: 21 });
  });

  it('does not need an SOP Instance UID, and takes it from the meta information', async () => {
    const path = await writeFile(folder, { elements: { SOPInstanceUID: undefined }, pixels: grey8 });
    expect(imageOf(await readHeader(path)).SOPInstanceUID).toBe('2.25.0');
    const bare = await writeFile(folder, {
      meta: false,
      elements: { SOPInstanceUID: undefined },
      pixels: grey8,
    });
    expect(imageOf(await readHeader(bare)).SOPInstanceUID).toBeNull();
  });
});

describe('a file that gives no image is refused with a reason:', () => {
  it('what is not DICOM, and what is empty', async () => {
    expect(await refusalOf(writeBytes(folder, Buffer.from('path,label\na.dcm,1\n')))).toBe('not-dicom');
    expect(await refusalOf(writeBytes(folder, Buffer.alloc(0)))).toBe('not-dicom');
    expect(await refusalOf(writeBytes(folder, Buffer.alloc(50_000)))).toBe('not-dicom');
    expect(
      await refusalOf(writeBytes(folder, Buffer.from([0x1f, 0x8b, 9, ...new Array<number>(60).fill(7)]))),
    ).toBe('broken');
  });

  it('a folder, and what is not there', async () => {
    mkdirSync(join(folder, 'sub'), { recursive: true });
    expect(await refusalOf(join(folder, 'sub'))).toBe('unreadable');
    expect(await refusalOf(join(folder, 'absent'))).toBe('unreadable');
  });

  it('a DICOMDIR, wherever its records point', async () => {
    const path = await writeFile(folder, {
      elements: {
        SOPClassUID: '1.2.840.10008.1.3.10',
        DirectoryRecordSequence: [
          { DirectoryRecordType: 'IMAGE', ReferencedFileID: ['..', '..', 'etc', 'passwd'] },
        ],
      },
    });
    expect(await refusalOf(path)).toBe('dicomdir');
  });

  it('plans, reports and waveforms', async () => {
    for (const Modality of ['RTPLAN', 'SR', 'ECG']) {
      expect(await refusalOf(await writeFile(folder, { elements: { Modality } }))).toBe('no-pixel-data');
    }
  });

  it('a picture cut short', async () => {
    const whole = readFileSync(await writeFile(folder, { pixels: grey12 }));
    expect(await refusalOf(writeBytes(folder, whole.subarray(0, whole.length - 10)))).toBe('truncated');
    expect(await refusalOf(writeBytes(folder, whole.subarray(0, 400)))).toBe('truncated');
  });

  it('video and unknown transfer syntaxes', async () => {
    const encodedFrames = [new Uint8Array(100)];
    for (const transferSyntaxUID of ['1.2.840.10008.1.2.4.102', '1.2.3.4']) {
      const path = await writeFile(folder, { transferSyntaxUID, encodedFrames, pixels: grey8 });
      expect(await refusalOf(path)).toBe('unsupported-transfer-syntax');
    }
  });

  it('pixels described in a way that is not decoded, or that cannot be', async () => {
    const cases: [object, string][] = [
      [{ BitsAllocated: 12 }, 'unsupported-pixels'],
      [{ SamplesPerPixel: 4 }, 'unsupported-pixels'],
      [{ PhotometricInterpretation: 'CMYK' }, 'unsupported-pixels'],
      [{ BitsStored: 20 }, 'broken'],
      [{ Rows: 0 }, 'broken'],
    ];
    for (const [elements, reason] of cases) {
      expect(await refusalOf(await writeFile(folder, { elements, pixels: grey8 }))).toBe(reason);
    }
  });

  it('and its compressed pixels are not touched to say so', async () => {
    for (const transferSyntaxUID of [rleLossless, jpegLossless]) {
      const encodedFrames = [Buffer.from('damaged beyond repair')];
      const path = await writeFile(folder, { transferSyntaxUID, encodedFrames, pixels: grey8 });
      expect(imageOf(await readHeader(path)).transferSyntaxUID).toBe(transferSyntaxUID);
    }
  });
});
