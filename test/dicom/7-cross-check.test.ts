import { readFileSync } from 'node:fs';
import dicomParser from 'dicom-parser';
import { describe, expect, it } from 'vitest';
import {
  explicitLittleEndian,
  implicitLittleEndian,
  readHeaderSync,
  type InstanceHeader,
} from '../../src-main/dicom/index.ts';
import { grey12, grey8, signed16, temporaryFolder, writeFile } from './files.ts';

const folder = temporaryFolder();

/** What both readers can say of a file, by tag. */
const TEXTS = {
  x00080018: 'SOPInstanceUID',
  x00080060: 'Modality',
  x00080070: 'Manufacturer',
  x00100020: 'PatientID',
  x00100040: 'PatientSex',
  x00280004: 'PhotometricInterpretation',
} as const satisfies Record<string, keyof InstanceHeader>;
const NUMBERS = {
  x00280010: 'Rows',
  x00280011: 'Columns',
  x00280100: 'BitsAllocated',
  x00280101: 'BitsStored',
  x00280103: 'PixelRepresentation',
} as const satisfies Record<string, keyof InstanceHeader>;

describe.each([explicitLittleEndian, implicitLittleEndian])(
  'a second reader, dicom-parser, agrees on %s',
  (transferSyntaxUID) => {
    it.each([
      ['8 bits', grey8],
      ['12 bits', grey12],
      ['signed pixels', signed16],
    ] as const)('with %s', async (_name, pixels) => {
      const path = await writeFile(folder, {
        transferSyntaxUID,
        pixels,
        elements: { PatientID: 'odd', Manufacturer: 'Maker & Sons', PatientSex: 'F' },
      });
      const outcome = readHeaderSync(path);
      const other = dicomParser.parseDicom(readFileSync(path));
      expect(outcome.kind).toBe('image');
      if (outcome.kind !== 'image') return;
      for (const [tag, keyword] of Object.entries(TEXTS))
        expect(outcome.header[keyword], keyword).toBe(other.string(tag));
      for (const [tag, keyword] of Object.entries(NUMBERS))
        expect(outcome.header[keyword], keyword).toBe(other.uint16(tag));
    });
  },
);
