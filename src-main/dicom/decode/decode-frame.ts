import { GraftError } from '../../contract/errors.ts';
import type { ByteSource } from '../byte-source.ts';
import { openFile } from '../byte-source.ts';
import type { Element } from '../data-set.ts';
import { readGrayscale } from '../grayscale.ts';
import { checkSupported, imageHeader, nativeLength } from '../header.ts';
import type { ParsedFile } from '../part10.ts';
import { parseFile } from '../part10.ts';
import { refuse } from '../refusal.ts';
import type { DecodedFrame, InstanceHeader, StoredValues } from '../types.ts';
import { applyPalette, expand422, ybrToRgb } from './colour.ts';
import { decodeCompressed } from './decoders.ts';
import { encapsulatedFrame } from './encapsulated.ts';
import { extractBits, extractSamples, interleave, swapBytes } from './samples.ts';
import { sniffPacking } from './sniff.ts';

/** Past (7FE0,0010), so that pixel data is seen and nothing after it. */
const afterPixelData = 0x7fe00011;
const afterHeader = 0x00290000;
/** Room for everything in a packed file that is not pixels. */
const packedAllowance = 64 * 1024 * 1024;
/** No scanner makes frames of this many samples; a header that promises them only asks for memory. */
const mostSamples = 2 ** 28;

/**
 * Decodes one frame to stored values. Call it in a process that may be killed: codecs fed with damaged bytes can run for
 * seconds or trap.
 *
 * @param frameIndex from 0
 * @throws GraftError with a refusal's code, or `no-such-frame`, `frame-wrong-size`, `frame-undecodable`
 */
export async function decodeFrame(path: string, frameIndex = 0): Promise<DecodedFrame> {
  const file = openFile(path);
  try {
    const headerOnly = parseFile(file, afterHeader, 'header');
    const header = imageHeader(headerOnly.dataSet, headerOnly.start);
    checkSupported(header, headerOnly.start);
    checkRequest(header, frameIndex);
    const parsed = parseFile(file, afterPixelData, nativeLength(header) + packedAllowance);
    return await decodeParsed(parsed, header, frameIndex);
  } finally {
    file.close();
  }
}

function checkRequest(header: InstanceHeader, frameIndex: number): void {
  if (!Number.isInteger(frameIndex) || frameIndex < 0 || frameIndex >= header.NumberOfFrames) {
    throw new GraftError(
      'no-such-frame',
      `Expected a frame from 0 to ${header.NumberOfFrames - 1}, asked for ${frameIndex}.`,
    );
  }
  if (header.Rows * header.Columns * header.SamplesPerPixel > mostSamples) {
    throw refuse('too-large', `A frame of ${header.Rows} × ${header.Columns} is more than Graft decodes.`);
  }
}

interface RawFrame {
  values: StoredValues;
  bitsStored: number;
  isRgb: boolean;
}

async function decodeParsed(
  parsed: ParsedFile,
  header: InstanceHeader,
  frameIndex: number,
): Promise<DecodedFrame> {
  const { dataSet, start } = parsed;
  const raw = await rawFrame(parsed, header, frameIndex);
  let data = raw.values;
  let bitsStored = raw.bitsStored;
  let samplesPerPixel = header.SamplesPerPixel as 1 | 3;
  let photometricInterpretation: DecodedFrame['photometricInterpretation'] = 'MONOCHROME2';
  if (header.PhotometricInterpretation === 'PALETTE COLOR') {
    ({ data, bits: bitsStored } = applyPalette(data, dataSet));
    samplesPerPixel = 3;
    photometricInterpretation = 'RGB';
  } else if (samplesPerPixel === 3) {
    if (!raw.isRgb && header.PhotometricInterpretation.startsWith('YBR_FULL')) ybrToRgb(data, bitsStored);
    photometricInterpretation = 'RGB';
  } else if (header.PhotometricInterpretation === 'MONOCHROME1') photometricInterpretation = 'MONOCHROME1';
  return {
    rows: header.Rows,
    columns: header.Columns,
    samplesPerPixel,
    data,
    photometricInterpretation,
    bitsStored,
    signed: header.PixelRepresentation === 1 && samplesPerPixel === 1,
    frameIndex,
    numberOfFrames: header.NumberOfFrames,
    transferSyntaxUID: start.syntax.uid,
    grayscale: readGrayscale(dataSet, frameIndex),
  };
}

async function rawFrame(parsed: ParsedFile, header: InstanceHeader, frameIndex: number): Promise<RawFrame> {
  const { dataSet, source, start } = parsed;
  const element = dataSet.element('PixelData');
  if (!element) {
    const float = dataSet.element('FloatPixelData') ?? dataSet.element('DoubleFloatPixelData');
    if (float) return floatFrame(source, float, header, frameIndex);
    throw dataSet.end === 'short' || source.size <= dataSet.endOffset
      ? refuse('truncated', 'The file ends before its pixels.')
      : refuse('no-pixel-data', 'The file describes an image and holds no pixels.');
  }
  const encapsulated = element.length < 0;
  if (!encapsulated && (start.syntax.packing === 'native' || !start.syntaxStated)) {
    return nativeFrame(source, element, header, frameIndex);
  }
  if (!encapsulated)
    throw refuse('broken', `Pixels in ${start.syntax.name} must be encapsulated, and are not.`);
  const bytes = encapsulatedFrame(source, dataSet, element, frameIndex, header.NumberOfFrames);
  const packing = start.syntax.packing === 'native' ? sniffPacking(bytes) : start.syntax.packing;
  if (!packing)
    throw refuse('broken', 'The pixels are encapsulated, and the file does not say in which encoding.');
  const output = await decodeCompressed(packing, bytes, header);
  const signed = header.PixelRepresentation === 1;
  const bitsStored = output.extractStoredBits ? header.BitsStored : output.precision;
  const highBit = output.extractStoredBits
    ? Math.min(header.HighBit, 8 * output.bytesPerSample - 1)
    : bitsStored - 1;
  const values = extractSamples(output.bytes, {
    bytesPerSample: output.bytesPerSample,
    bitsStored: Math.min(bitsStored, 8 * output.bytesPerSample),
    highBit,
    signed,
  });
  return {
    values: output.planar ? interleave(values, header.SamplesPerPixel) : values,
    bitsStored,
    isRgb: output.isRgb,
  };
}

function nativeFrame(
  source: ByteSource,
  element: Element,
  header: InstanceHeader,
  frameIndex: number,
): RawFrame {
  const { Rows, Columns, SamplesPerPixel, BitsAllocated, BitsStored, HighBit, NumberOfFrames } = header;
  const pixels = Rows * Columns;
  const signed = header.PixelRepresentation === 1;
  if (BitsAllocated === 64) throw refuse('unsupported-pixels', 'Whole numbers of 64 bits are not decoded.');
  if (BitsAllocated === 1) {
    const firstBit = frameIndex * pixels;
    // No shift, which would keep 32 bits: frames may lie beyond the first 256 MiB.
    const firstByte = Math.floor(firstBit / 8);
    const length = Math.ceil((firstBit + pixels) / 8) - firstByte;
    const bytes = readExactly(source, element, firstByte, length);
    return { values: extractBits(bytes, firstBit - 8 * firstByte, pixels), bitsStored: 1, isRgb: false };
  }
  const width = BitsAllocated / 8;
  const whole = pixels * SamplesPerPixel * width;
  // Some files call full colour 4:2:2: the length tells.
  const halved =
    header.PhotometricInterpretation === 'YBR_FULL_422' && element.length < whole * NumberOfFrames;
  const length = halved ? (whole * 2) / 3 : whole;
  const little = readLittleEndian(source, element, frameIndex * length, length, width);
  const values = extractSamples(little, {
    bytesPerSample: width,
    bitsStored: BitsStored,
    highBit: HighBit,
    signed,
  });
  if (halved) return { values: expand422(values, width), bitsStored: BitsStored, isRgb: false };
  const planar = SamplesPerPixel === 3 && header.PlanarConfiguration === 1;
  return {
    values: planar ? interleave(values, SamplesPerPixel) : values,
    bitsStored: BitsStored,
    isRgb: false,
  };
}

/** Big-endian OW swaps 16-bit words even where samples are bytes (PS3.5 A.3): whole words are read, whatever is cut out. */
function readLittleEndian(
  source: ByteSource,
  element: Element,
  at: number,
  length: number,
  width: number,
): Uint8Array {
  if (!element.encoding.bigEndian || (width === 1 && element.vr !== 'OW')) {
    return readExactly(source, element, at, length);
  }
  const word = Math.max(2, width);
  const from = at - (at % word);
  const to = Math.ceil((at + length) / word) * word;
  return swapBytes(readExactly(source, element, from, to - from), word).subarray(
    at - from,
    at - from + length,
  );
}

function floatFrame(
  source: ByteSource,
  element: Element,
  header: InstanceHeader,
  frameIndex: number,
): RawFrame {
  const width = element.tag === 0x7fe00008 ? 4 : 8;
  const count = header.Rows * header.Columns;
  const bytes = readExactly(source, element, frameIndex * count * width, count * width);
  const little = Uint8Array.from(element.encoding.bigEndian ? swapBytes(bytes, width) : bytes);
  const values = width === 4 ? new Float32Array(little.buffer) : new Float64Array(little.buffer);
  return { values, bitsStored: 8 * width, isRgb: false };
}

function readExactly(source: ByteSource, element: Element, at: number, length: number): Uint8Array {
  const available = Math.max(0, Math.min(length, element.length - at));
  const bytes = source.read(element.offset + at, available);
  if (bytes.length < length) {
    throw refuse('truncated', `The frame needs ${length} bytes of pixels, and ${bytes.length} are there.`);
  }
  return bytes;
}
