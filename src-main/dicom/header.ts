import type { ByteSource } from './byte-source.ts';
import { openFile } from './byte-source.ts';
import type { DataSet } from './data-set.ts';
import type { Keyword } from './dictionary.ts';
import { findNameInPath } from './name-in-path.ts';
import type { FileStart } from './part10.ts';
import { parseFile } from './part10.ts';
import { refusalFrom, refuse } from './refusal.ts';
import type { HeaderOutcome, InstanceHeader } from './types.ts';

const mediaStorageDirectory = '1.2.840.10008.1.3.10';
/** All that is indexed stands in groups 0008 to 0028. */
const afterImageDescription = 0x00290000;

/**
 * Reads what is indexed of a file, and never throws: what gives no image comes back as a refusal with its reason. Reads
 * the first 16 KiB, and more only where the header is longer; pixels are never read.
 */
export async function readHeader(path: string): Promise<HeaderOutcome> {
  return readHeaderSync(path);
}

/** `readHeader` without a promise, for workers that read thousands in a row. */
export function readHeaderSync(path: string): HeaderOutcome {
  let file: ByteSource | null = null;
  try {
    file = openFile(path);
    const { header, name } = headerOf(file);
    // The name goes no further than this line.
    const nameAt = name === null ? -1 : findNameInPath(path, name);
    return { kind: 'image', header, ...(nameAt < 0 ? {} : { nameAt }) };
  } catch (thrown) {
    return refusalFrom(thrown);
  } finally {
    file?.close();
  }
}

function headerOf(file: ByteSource): { header: InstanceHeader; name: string | null } {
  if (file.size === 0) throw refuse('not-dicom', 'The file is empty.');
  const { start, dataSet, source } = parseFile(file, afterImageDescription, 'header');
  const header = imageHeader(dataSet, start);
  checkSupported(header, start);
  // What was unpacked in part has no known size, and an encapsulated image can be checked frame by frame only.
  if (source === file && start.syntax.packing === 'native') {
    const needed = nativeLength(header);
    // The pixels' own element header lies between the two: 12 bytes, 8 in implicit files.
    const available = Math.max(0, file.size - dataSet.endOffset - (dataSet.encoding.explicit ? 12 : 8));
    if (available < needed) {
      throw refuse(
        'truncated',
        `The image needs ${needed} bytes of pixels, and the file holds at most ${available}; it was cut short.`,
      );
    }
  }
  return { header, name: dataSet.text('PatientName') };
}

/** Bytes of all frames without compression. */
export function nativeLength(header: InstanceHeader): number {
  const halved = header.PhotometricInterpretation === 'YBR_FULL_422' ? 2 / 3 : 1;
  const values = header.Rows * header.Columns * header.SamplesPerPixel * header.NumberOfFrames * halved;
  return Math.ceil((values * header.BitsAllocated) / 8);
}

/** The header of a parsed data set; throws a refusal where it describes no image. */
export function imageHeader(dataSet: DataSet, start: FileStart): InstanceHeader {
  const sopClass = dataSet.text('SOPClassUID') ?? start.meta?.text('MediaStorageSOPClassUID') ?? null;
  if (sopClass === mediaStorageDirectory || dataSet.has('DirectoryRecordSequence')) {
    throw refuse('dicomdir', 'The file is a DICOMDIR, a list of other files; those are found by themselves.');
  }
  if (!dataSet.has('Rows') || !dataSet.has('Columns')) throw noImage(dataSet, start, sopClass);
  const positive = (keyword: Keyword): number => {
    const value = dataSet.number(keyword);
    if (value !== null && Number.isInteger(value) && value > 0) return value;
    throw refuse('broken', `Expected ${keyword} to be a whole number above 0, found ${value ?? 'nothing'}.`);
  };
  const text = (keyword: Keyword): string | null => dataSet.text(keyword);
  const number = (keyword: Keyword): number | null => dataSet.number(keyword);
  const BitsAllocated = positive('BitsAllocated');
  const BitsStored = number('BitsStored') ?? BitsAllocated;
  const SamplesPerPixel = number('SamplesPerPixel') ?? 1;
  return {
    transferSyntaxUID: start.syntax.uid,
    SOPInstanceUID: text('SOPInstanceUID') ?? start.meta?.text('MediaStorageSOPInstanceUID') ?? null,
    SOPClassUID: sopClass,
    StudyInstanceUID: text('StudyInstanceUID'),
    SeriesInstanceUID: text('SeriesInstanceUID'),
    FrameOfReferenceUID: text('FrameOfReferenceUID'),
    PatientID: text('PatientID'),
    PatientSex: text('PatientSex'),
    PatientAge: text('PatientAge'),
    StudyDate: text('StudyDate'),
    Modality: text('Modality'),
    ImageType: text('ImageType'),
    Manufacturer: text('Manufacturer'),
    ManufacturerModelName: text('ManufacturerModelName'),
    InstitutionName: text('InstitutionName'),
    StationName: text('StationName'),
    MagneticFieldStrength: number('MagneticFieldStrength'),
    KVP: number('KVP'),
    SliceThickness: number('SliceThickness'),
    BodyPartExamined: text('BodyPartExamined'),
    ViewPosition: text('ViewPosition'),
    SeriesDescription: text('SeriesDescription'),
    ProtocolName: text('ProtocolName'),
    Laterality: text('Laterality') ?? text('ImageLaterality'),
    BurnedInAnnotation: text('BurnedInAnnotation'),
    SeriesNumber: number('SeriesNumber'),
    InstanceNumber: number('InstanceNumber'),
    Rows: positive('Rows'),
    Columns: positive('Columns'),
    NumberOfFrames: dataSet.has('NumberOfFrames') ? Math.max(1, number('NumberOfFrames') ?? 1) : 1,
    SamplesPerPixel,
    PlanarConfiguration: number('PlanarConfiguration') ?? 0,
    PhotometricInterpretation:
      text('PhotometricInterpretation') ?? (SamplesPerPixel === 3 ? 'RGB' : 'MONOCHROME2'),
    BitsAllocated,
    BitsStored,
    HighBit: number('HighBit') ?? BitsStored - 1,
    PixelRepresentation: number('PixelRepresentation') ?? 0,
    PixelSpacing: pair(dataSet.numbers('PixelSpacing')),
    ImagerPixelSpacing: pair(dataSet.numbers('ImagerPixelSpacing')),
  };
}

function pair(numbers: number[]): [number, number] | null {
  return numbers.length >= 2 ? [numbers[0], numbers[1]] : null;
}

function noImage(dataSet: DataSet, start: FileStart, sopClass: string | null): Error {
  if (!start.hasPreamble && start.meta === null && sopClass === null && !dataSet.has('Modality')) {
    return refuse('not-dicom', 'The file does not start as DICOM does; it is something else.');
  }
  if (dataSet.end === 'short') {
    return refuse('truncated', 'The file ends inside its header, before any image; it was cut short.');
  }
  const kind = dataSet.text('Modality');
  return refuse('no-pixel-data', `The file holds no image${kind ? ` (its modality is ${kind})` : ''}.`);
}

/** Refuses what is known beforehand not to be decoded. */
export function checkSupported(header: InstanceHeader, start: FileStart): void {
  if (start.syntax.packing === 'unsupported') {
    throw refuse(
      'unsupported-transfer-syntax',
      `The image is in ${start.syntax.name}, which Graft does not decode; convert it to another transfer syntax.`,
    );
  }
  const { BitsAllocated, BitsStored, HighBit, SamplesPerPixel, PhotometricInterpretation } = header;
  if (![1, 8, 16, 32, 64].includes(BitsAllocated)) {
    throw refuse('unsupported-pixels', `Expected 1, 8, 16, 32 or 64 bits allocated, found ${BitsAllocated}.`);
  }
  if (BitsStored < 1 || BitsStored > BitsAllocated || HighBit < BitsStored - 1 || HighBit >= BitsAllocated) {
    throw refuse(
      'broken',
      `${BitsStored} bits stored with high bit ${HighBit} do not fit into ${BitsAllocated} allocated.`,
    );
  }
  if (SamplesPerPixel !== 1 && SamplesPerPixel !== 3) {
    throw refuse('unsupported-pixels', `Expected 1 or 3 samples per pixel, found ${SamplesPerPixel}.`);
  }
  if (SamplesPerPixel === 3 && (BitsAllocated === 1 || BitsAllocated === 64)) {
    throw refuse('unsupported-pixels', `Colour of ${BitsAllocated} bits a sample is not decoded.`);
  }
  const known = SamplesPerPixel === 3 ? colours : greys;
  if (!known.has(PhotometricInterpretation)) {
    throw refuse(
      'unsupported-pixels',
      `${PhotometricInterpretation} with ${SamplesPerPixel} samples per pixel is not decoded.`,
    );
  }
}

const greys = new Set(['MONOCHROME1', 'MONOCHROME2', 'PALETTE COLOR']);
const colours = new Set(['RGB', 'YBR_FULL', 'YBR_FULL_422', 'YBR_RCT', 'YBR_ICT', 'YBR_PARTIAL_420']);
