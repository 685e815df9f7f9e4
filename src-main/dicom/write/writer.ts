import { deflateRawSync } from 'node:zlib';
import type { PixelPacking } from '../transfer-syntaxes.ts';
import { transferSyntax } from '../transfer-syntaxes.ts';
import type { Elements, Encoding } from './elements.ts';
import { elementHeader, encodeElements, itemHeader } from './elements.ts';
import { encodeFrame } from './encode.ts';
import type { CompletePixels, PixelsToWrite } from './pixels.ts';
import { completePixels, nativePixelBytes } from './pixels.ts';

export interface DicomToWrite {
  /** Any of `transfer-syntaxes.ts` that Graft encodes. */
  transferSyntaxUID: string;
  /** Everything but the description of the pixels, which follows from `pixels`; what is given here wins. */
  elements: Elements;
  pixels?: PixelsToWrite;
  /** Frames already encoded, in place of encoding `pixels.data` (whose values then do not matter). */
  encodedFrames?: readonly Uint8Array[];
  /** How encapsulated frames are found: offsets in the first item (default), nowhere, or the extended tables. */
  offsetTable?: 'basic' | 'empty' | 'extended';
  /** Pieces that each encapsulated frame is cut into; default 1. */
  fragmentsPerFrame?: number;
  /** Sequences end with delimiters in place of lengths; default false. */
  undefinedLengths?: boolean;
  /** Turns text into bytes; default UTF-8 (then say `SpecificCharacterSet: 'ISO_IR 192'`). */
  encodeText?: (text: string) => Uint8Array;
  /** False leaves out the 128 bytes and `DICM`; default true. */
  preamble?: boolean;
  /** False leaves out the file meta information, `no-transfer-syntax` only its transfer syntax; default true. */
  meta?: boolean | 'no-transfer-syntax';
  /** Cuts the file to this many bytes. */
  truncateTo?: number;
}

/** Graft's own implementation UID, from a UUID (PS3.5 B.2). */
export const implementationClassUID = '2.25.118296842206143563374620945310471820553';

/**
 * A DICOM Part 10 file (PS3.10) as bytes. Lossless transfer syntaxes keep every stored value.
 *
 * @example
 * await writeDicom({
 *   transferSyntaxUID: explicitLittleEndian,
 *   elements: { SOPInstanceUID: '2.25.1', PatientID: 'A', Modality: 'MR' },
 *   pixels: { rows: 2, columns: 2, bitsAllocated: 16, bitsStored: 12, data: [0, 1, 2, 4095] },
 * });
 */
export async function writeDicom(file: DicomToWrite): Promise<Uint8Array> {
  const syntax = transferSyntax(file.transferSyntaxUID);
  const encoding: Encoding = {
    explicit: syntax.explicit,
    bigEndian: syntax.bigEndian,
    undefinedLengths: file.undefinedLengths,
    encodeText: file.encodeText,
  };
  const pixels =
    file.pixels && completePixels({ ...encodedColour(file.pixels, syntax.packing), ...file.pixels });
  const pixelData = pixels && (await encodePixelData(file, pixels, encoding));
  const elements = { ...(pixels && describePixels(pixels)), ...pixelData?.elements, ...file.elements };
  let dataSet: Uint8Array = Buffer.concat([
    encodeElements(elements, encoding),
    pixelData?.bytes ?? new Uint8Array(0),
  ]);
  if (syntax.deflated) dataSet = padToEven(deflateRawSync(dataSet));
  const parts = [
    file.preamble === false ? new Uint8Array(0) : Buffer.concat([new Uint8Array(128), Buffer.from('DICM')]),
    file.meta === false ? new Uint8Array(0) : encodeMeta(file),
    dataSet,
  ];
  const whole = Buffer.concat(parts);
  return Uint8Array.from(file.truncateTo === undefined ? whole : whole.subarray(0, file.truncateTo));
}

/** What the encoders make of colour by themselves: luminance and chrominance. */
function encodedColour(pixels: PixelsToWrite, packing: PixelPacking): Partial<PixelsToWrite> {
  if (pixels.samplesPerPixel !== 3) return {};
  if (packing === 'jpeg') return { photometricInterpretation: 'YBR_FULL' };
  return packing === 'jpeg-2000' || packing === 'htj2k' ? { photometricInterpretation: 'YBR_RCT' } : {};
}

function encodeMeta(file: DicomToWrite): Uint8Array {
  const encoding: Encoding = { explicit: true, bigEndian: false };
  const content = encodeElements(
    {
      '00020001:OB': Uint8Array.of(0, 1),
      MediaStorageSOPClassUID: file.elements.SOPClassUID ?? '1.2.840.10008.5.1.4.1.1.7',
      MediaStorageSOPInstanceUID: file.elements.SOPInstanceUID ?? '2.25.0',
      ...(file.meta === 'no-transfer-syntax' ? {} : { TransferSyntaxUID: file.transferSyntaxUID }),
      ImplementationClassUID: implementationClassUID,
      ImplementationVersionName: 'GRAFT_1',
    },
    encoding,
  );
  const length = encodeElements({ FileMetaInformationGroupLength: content.length }, encoding);
  return Buffer.concat([length, content]);
}

function describePixels(pixels: CompletePixels): Elements {
  return {
    SamplesPerPixel: pixels.samplesPerPixel,
    PhotometricInterpretation: pixels.photometricInterpretation,
    ...(pixels.samplesPerPixel === 3 ? { PlanarConfiguration: pixels.planarConfiguration } : {}),
    ...(pixels.frames > 1 ? { NumberOfFrames: String(pixels.frames) } : {}),
    Rows: pixels.rows,
    Columns: pixels.columns,
    BitsAllocated: pixels.bitsAllocated,
    BitsStored: pixels.bitsStored,
    HighBit: pixels.highBit,
    PixelRepresentation: pixels.signed ? 1 : 0,
  };
}

async function encodePixelData(
  file: DicomToWrite,
  pixels: CompletePixels,
  encoding: Encoding,
): Promise<{ elements: Elements; bytes: Uint8Array }> {
  if (transferSyntax(file.transferSyntaxUID).packing === 'native' && !file.encodedFrames) {
    const wide = pixels.bitsAllocated > 8;
    const bytes = nativePixelBytes(pixels);
    const key = wide ? '7fe00010:OW' : '7fe00010:OB';
    const swapped = pixels.bitsAllocated === 32 && encoding.bigEndian ? swapHalves(bytes) : bytes;
    return { elements: {}, bytes: encodeElements({ [key]: swapped } as Elements, encoding) };
  }
  const frames =
    file.encodedFrames ??
    (await Promise.all(
      Array.from({ length: pixels.frames }, (_, frame) => encodeFrame(pixels, frame, file.transferSyntaxUID)),
    ));
  return encapsulate(frames.map(padToEven), file, encoding);
}

/** OW swaps 16-bit words only; a 32-bit big-endian value has its words the other way round as well. */
function swapHalves(bytes: Uint8Array): Uint8Array {
  const words = new Uint16Array(Uint8Array.from(bytes).buffer);
  for (let at = 0; at < words.length; at += 2) [words[at], words[at + 1]] = [words[at + 1], words[at]];
  return new Uint8Array(words.buffer);
}

/** PS3.5 A.4: an offset table, then the fragments of every frame, each an item. */
function encapsulate(
  frames: readonly Uint8Array[],
  file: DicomToWrite,
  encoding: Encoding,
): { elements: Elements; bytes: Uint8Array } {
  const offsets: number[] = [];
  const items: Uint8Array[] = [];
  let at = 0;
  for (const frame of frames) {
    offsets.push(at);
    for (const fragment of fragments(frame, file.fragmentsPerFrame ?? 1)) {
      items.push(itemHeader(0xfffee000, fragment.length, encoding), fragment);
      at += 8 + fragment.length;
    }
  }
  const basic = file.offsetTable === undefined || file.offsetTable === 'basic' ? offsets : [];
  const table = new Uint8Array(Uint32Array.from(basic).buffer);
  const extended = file.offsetTable === 'extended';
  return {
    elements: extended
      ? { ExtendedOffsetTable: offsets, ExtendedOffsetTableLengths: frames.map((frame) => frame.length) }
      : {},
    bytes: Buffer.concat([
      elementHeader(0x7fe00010, 'OB', 0xffffffff, encoding),
      itemHeader(0xfffee000, table.length, encoding),
      table,
      ...items,
      itemHeader(0xfffee0dd, 0, encoding),
    ]),
  };
}

function fragments(frame: Uint8Array, count: number): Uint8Array[] {
  const size = 2 * Math.ceil(frame.length / count / 2);
  return Array.from({ length: count }, (_, index) => frame.subarray(index * size, (index + 1) * size)).filter(
    (piece) => piece.length > 0,
  );
}

function padToEven(bytes: Uint8Array): Uint8Array {
  return bytes.length % 2 === 0 ? bytes : Buffer.concat([bytes, Uint8Array.of(0)]);
}
