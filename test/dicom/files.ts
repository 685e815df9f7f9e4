import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import type { DicomToWrite, PixelsToWrite } from '../../src-main/dicom/index.ts';
import { explicitLittleEndian, writeDicom } from '../../src-main/dicom/index.ts';

/** A folder that is gone after the file's tests. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'graft-dicom-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

let written = 0;

/** Writes bytes to a new file. */
export function writeBytes(folder: string, bytes: Uint8Array): string {
  const path = join(folder, `file${written++}`);
  writeFileSync(path, bytes);
  return path;
}

/** Writes a DICOM file, by default explicit little endian and with the elements every image has. */
export async function writeFile(folder: string, file: Partial<DicomToWrite>): Promise<string> {
  const { elements, ...rest } = file;
  return writeBytes(
    folder,
    await writeDicom({
      transferSyntaxUID: explicitLittleEndian,
      elements: {
        SOPClassUID: '1.2.840.10008.5.1.4.1.1.7',
        SOPInstanceUID: '2.25.11',
        Modality: 'MR',
        PatientID: 'P1',
        ...elements,
      },
      ...rest,
    }),
  );
}

/** Pixels whose values follow from their place, smooth enough for every codec. */
export function pattern(
  shape: Omit<PixelsToWrite, 'data'>,
  value: (index: number) => number,
): PixelsToWrite & { data: number[] } {
  const count = shape.rows * shape.columns * (shape.samplesPerPixel ?? 1) * (shape.frames ?? 1);
  return { ...shape, data: Array.from({ length: count }, (_, index) => value(index)) };
}

export const grey8 = pattern({ rows: 13, columns: 21, bitsAllocated: 8 }, (index) => (index * 7) & 255);
export const grey12 = pattern(
  { rows: 13, columns: 21, bitsAllocated: 16, bitsStored: 12 },
  (index) => (index * 37) & 4095,
);
export const signed16 = pattern(
  { rows: 13, columns: 21, bitsAllocated: 16, signed: true },
  (index) => ((index * 131) % 4000) - 2000,
);
export const colour8 = pattern(
  { rows: 13, columns: 21, bitsAllocated: 8, samplesPerPixel: 3 },
  (index) => (index * 5 + (index % 3) * 40) & 255,
);
