import { Decoder as LosslessDecoder } from '@cornerstonejs/jpeg-lossless-decoder-js';
import { GraftError } from '../../contract/errors.ts';
import type { FrameInfo, JpegLsDecoder, WasmDecoder } from '../codecs.ts';
import { codecs, dropCodecs } from '../codecs.ts';
import type { PixelPacking } from '../transfer-syntaxes.ts';
import type { InstanceHeader } from '../types.ts';
import { markAsRgb, readJpegFrame } from './jpeg-markers.ts';
import { decodeRle } from './rle.ts';

/** What a codec gave: little-endian samples of one or two bytes. */
export interface CodecOutput {
  bytes: Uint8Array;
  bytesPerSample: number;
  /** Significant bits of a sample. */
  precision: number;
  planar: boolean;
  /** Colour is RGB already, whatever the header calls it. */
  isRgb: boolean;
  /** Bits above the stored ones may be in use (overlays), or the sign missing: take the stored ones only. */
  extractStoredBits: boolean;
}

/**
 * Decodes one compressed frame and checks that it has the shape the header promises: codecs fed with damaged bytes
 * often give pictures of another size, or none, without a word.
 *
 * @throws GraftError `frame-undecodable`, `frame-wrong-size`, or a refusal's code
 */
export async function decodeCompressed(
  packing: PixelPacking,
  bytes: Buffer,
  header: InstanceHeader,
): Promise<CodecOutput> {
  try {
    const output = await decodeWith(packing, bytes, header);
    const expected = header.Rows * header.Columns * header.SamplesPerPixel * output.bytesPerSample;
    if (output.bytes.length !== expected) throw wrongSize(`${expected} bytes`, `${output.bytes.length}`);
    return output;
  } catch (thrown) {
    dropCodecs();
    if (thrown instanceof GraftError) throw thrown;
    // Codecs throw numbers, strings, traps and Errors.
    const why = thrown instanceof Error ? thrown.message.slice(0, 200) : String(thrown);
    throw new GraftError('frame-undecodable', `The frame's compressed bytes are damaged (${why}).`, {
      cause: thrown,
    });
  }
}

function wrongSize(expected: string, found: string): GraftError {
  return new GraftError(
    'frame-wrong-size',
    `Expected a frame of ${expected}, the decoder gave ${found}; the file is damaged.`,
  );
}

function decodeWith(packing: PixelPacking, bytes: Buffer, header: InstanceHeader): Promise<CodecOutput> {
  switch (packing) {
    case 'rle':
      return Promise.resolve(rle(bytes, header));
    case 'jpeg':
    case 'jpeg-lossless':
      return jpeg(bytes, header);
    case 'jpeg-ls':
      return jpegLs(bytes, header);
    case 'jpeg-2000':
      return jpeg2000(bytes, header, false);
    case 'htj2k':
      return jpeg2000(bytes, header, true);
    case 'jpeg-xl':
      return jpegXl(bytes, header);
    default:
      throw new GraftError('frame-undecodable', `Pixels packed as ${packing} have no decoder.`);
  }
}

function rle(bytes: Buffer, header: InstanceHeader): CodecOutput {
  const bytesPerSample = header.BitsAllocated / 8;
  return {
    bytes: decodeRle(bytes, header.Rows * header.Columns, header.SamplesPerPixel, bytesPerSample),
    bytesPerSample,
    precision: header.BitsAllocated,
    planar: header.SamplesPerPixel === 3,
    isRgb: false,
    extractStoredBits: true,
  };
}

/** The bytes decide the process: files of .50 hold 12-bit pictures, and of .51 lossless ones. */
async function jpeg(bytes: Buffer, header: InstanceHeader): Promise<CodecOutput> {
  const frame = readJpegFrame(bytes);
  if (!frame) throw new GraftError('frame-undecodable', 'The frame is no JPEG.');
  if (frame.components !== header.SamplesPerPixel) {
    throw wrongSize(`${header.SamplesPerPixel} samples a pixel`, `${frame.components}`);
  }
  if (frame.process === 0xc3) return jpegLossless(bytes, frame.precision);
  if (frame.precision !== 8) return jpeg12(bytes, header);
  const unmarkedRgb =
    header.PhotometricInterpretation === 'RGB' && !frame.hasAdobeSegment && !frame.hasJfifSegment;
  const decoder = new (await codecs.jpeg8()).JPEGDecoder();
  const output = runWasm(decoder, unmarkedRgb ? markAsRgb(bytes) : bytes, header);
  return { ...output, isRgb: true };
}

function jpegLossless(bytes: Buffer, precision: number): CodecOutput {
  const copy = Uint8Array.from(bytes);
  const bytesPerSample = precision > 8 ? 2 : 1;
  const decoded = new LosslessDecoder().decode(copy.buffer, 0, copy.length, bytesPerSample);
  return {
    bytes: new Uint8Array(decoded.buffer, decoded.byteOffset, decoded.byteLength),
    bytesPerSample,
    precision,
    planar: false,
    isRgb: false,
    extractStoredBits: true,
  };
}

async function jpeg12(bytes: Buffer, header: InstanceHeader): Promise<CodecOutput> {
  const { NativeCodecs, Context } = await codecs.dcmjs();
  const context = new Context({
    width: header.Columns,
    height: header.Rows,
    bitsAllocated: 16,
    bitsStored: 12,
    samplesPerPixel: header.SamplesPerPixel,
    pixelRepresentation: header.PixelRepresentation,
    planarConfiguration: 0,
    photometricInterpretation: header.PhotometricInterpretation,
    encodedBuffer: bytes,
  });
  const decoded = NativeCodecs.decodeJpeg(context, { convertColorspaceToRgb: header.SamplesPerPixel === 3 });
  return {
    bytes: Uint8Array.from(decoded.getDecodedBuffer() ?? []),
    bytesPerSample: 2,
    precision: 12,
    planar: false,
    isRgb: true,
    extractStoredBits: false,
  };
}

async function jpegLs(bytes: Buffer, header: InstanceHeader): Promise<CodecOutput> {
  let planar = false;
  const decoder = new (await codecs.jpegLs()).JpegLSDecoder();
  const output = runWasm<JpegLsDecoder>(decoder, bytes, header, (done) => {
    planar = header.SamplesPerPixel === 3 && done.getInterleaveMode() === 0;
  });
  return { ...output, planar, extractStoredBits: true };
}

async function jpeg2000(
  bytes: Buffer,
  header: InstanceHeader,
  highThroughput: boolean,
): Promise<CodecOutput> {
  const decoder = highThroughput
    ? new (await codecs.htj2k()).HTJ2KDecoder()
    : new (await codecs.jpeg2000()).J2KDecoder();
  // The codestream's own colour transform is undone by the codec; without one the header's YBR_FULL stands.
  const isRgb = header.PhotometricInterpretation !== 'YBR_FULL';
  return { ...runWasm(decoder, bytes, header), isRgb };
}

async function jpegXl(bytes: Buffer, header: InstanceHeader): Promise<CodecOutput> {
  const decoder = new (await codecs.jpegXlDecoder()).JpegXLDecoder();
  return { ...runWasm(decoder, bytes, header), isRgb: true, extractStoredBits: true };
}

function runWasm<D extends WasmDecoder>(
  decoder: D,
  bytes: Uint8Array,
  header: InstanceHeader,
  inspect: (decoder: D) => void = () => {},
): CodecOutput {
  try {
    decoder.getEncodedBuffer(bytes.length).set(bytes);
    decoder.decode();
    const info = decoder.getFrameInfo();
    checkShape(info, header);
    inspect(decoder);
    return {
      // The buffer belongs to the codec and goes with it.
      bytes: Uint8Array.from(decoder.getDecodedBuffer()),
      bytesPerSample: info.bitsPerSample > 8 ? 2 : 1,
      precision: info.bitsPerSample,
      planar: false,
      isRgb: false,
      extractStoredBits: false,
    };
  } finally {
    release(decoder);
  }
}

function checkShape(info: FrameInfo, header: InstanceHeader): void {
  const same =
    info.width === header.Columns &&
    info.height === header.Rows &&
    info.componentCount === header.SamplesPerPixel;
  if (same) return;
  throw wrongSize(
    `${header.Rows} × ${header.Columns} × ${header.SamplesPerPixel}`,
    `${info.height} × ${info.width} × ${info.componentCount}`,
  );
}

function release(decoder: WasmDecoder): void {
  try {
    decoder.delete();
  } catch {
    // After a trap even freeing may trap; the codec is dropped whole then.
  }
}
