import type { NativeCodecs } from 'dcmjs-codecs';
import { GraftError } from '../../contract/errors.ts';
import type { FrameInfo, WasmEncoder } from '../codecs.ts';
import { codecs } from '../codecs.ts';
import { jpegXlLossless, transferSyntax } from '../transfer-syntaxes.ts';
import type { CompletePixels } from './pixels.ts';
import { frameValues, planes, valueBytes } from './pixels.ts';
import { encodeRle } from './rle.ts';

/** One frame in the encoding of a transfer syntax; lossless wherever the transfer syntax allows it. */
export async function encodeFrame(
  pixels: CompletePixels,
  frame: number,
  transferSyntaxUID: string,
): Promise<Uint8Array> {
  const values = frameValues(pixels, frame);
  const bytes = valueBytes(values, pixels);
  const info: FrameInfo = {
    width: pixels.columns,
    height: pixels.rows,
    bitsPerSample: pixels.bitsStored,
    componentCount: pixels.samplesPerPixel,
    isSigned: pixels.signed,
  };
  switch (transferSyntax(transferSyntaxUID).packing) {
    case 'rle': {
      const width = pixels.bitsAllocated / 8;
      const separate = planes(values, pixels.samplesPerPixel).map((plane) => valueBytes(plane, pixels));
      return encodeRle(separate, pixels.rows, pixels.columns, width);
    }
    case 'jpeg-ls': {
      const encoder = new (await codecs.jpegLs()).JpegLSEncoder();
      encoder.setNearLossless(0);
      encoder.setInterleaveMode(pixels.samplesPerPixel === 3 ? 2 : 0);
      return run(encoder, { ...info, isSigned: false }, bytes);
    }
    case 'jpeg-2000': {
      const encoder = new (await codecs.jpeg2000()).J2KEncoder();
      encoder.setQuality(true, 0);
      encoder.setDecompositions(decompositions(pixels));
      return run(encoder, info, extendSign(bytes, pixels));
    }
    case 'htj2k': {
      const encoder = new (await codecs.htj2k()).HTJ2KEncoder();
      encoder.setQuality(true, 0);
      encoder.setDecompositions(decompositions(pixels));
      const colour = pixels.photometricInterpretation === 'YBR_RCT';
      return run(encoder, { ...info, isUsingColorTransform: colour }, extendSign(bytes, pixels));
    }
    case 'jpeg-xl': {
      const encoder = new (await codecs.jpegXlEncoder()).JpegXLEncoder();
      encoder.setLossless(transferSyntaxUID === jpegXlLossless);
      return run(encoder, { ...info, isSigned: false }, bytes);
    }
    case 'jpeg':
      // The encoder beside libjpeg-turbo's decoder overruns its buffer on small noisy pictures and fails on grey.
      return encodeWithDcmjs(pixels, bytes, {
        lossy: true,
        quality: 95,
        sampleFactor: halved(pixels) ? 1 : 0,
      });
    case 'jpeg-lossless':
      return encodeWithDcmjs(pixels, bytes, { lossy: false, predictor: 1 });
    default:
      throw new GraftError('cannot-encode', `Graft cannot write ${transferSyntax(transferSyntaxUID).name}.`, {
        kind: 'bug',
      });
  }
}

/** Chrominance at half the resolution across. */
function halved(pixels: CompletePixels): boolean {
  return pixels.photometricInterpretation === 'YBR_FULL_422';
}

/** Five as usual, fewer where the picture would be halved to nothing: the encoder then traps. */
function decompositions(pixels: CompletePixels): number {
  return Math.min(5, Math.floor(Math.log2(Math.min(pixels.rows, pixels.columns))));
}

function run(encoder: WasmEncoder, info: FrameInfo, bytes: Uint8Array): Uint8Array {
  try {
    encoder.getDecodedBuffer(info).set(bytes);
    encoder.encode();
    const encoded = Uint8Array.from(encoder.getEncodedBuffer());
    if (encoded.length === 0) {
      throw new GraftError('cannot-encode', 'The encoder gave no bytes for a frame.', { kind: 'bug' });
    }
    return encoded;
  } finally {
    encoder.delete();
  }
}

/** The JPEG 2000 encoders want signed values sign-extended to the full width. */
function extendSign(bytes: Uint8Array, pixels: CompletePixels): Uint8Array {
  if (!pixels.signed || pixels.bitsAllocated !== 16 || pixels.bitsStored === 16) return bytes;
  const values = new Int16Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 2);
  const shift = 16 - pixels.bitsStored;
  return new Uint8Array(values.map((value) => (value << (16 + shift)) >> (16 + shift)).buffer);
}

async function encodeWithDcmjs(
  pixels: CompletePixels,
  bytes: Uint8Array,
  parameters: Parameters<typeof NativeCodecs.encodeJpeg>[1],
): Promise<Uint8Array> {
  const { NativeCodecs: native, Context } = await codecs.dcmjs();
  const context = new Context({
    width: pixels.columns,
    height: pixels.rows,
    bitsAllocated: pixels.bitsAllocated,
    bitsStored: pixels.bitsStored,
    samplesPerPixel: pixels.samplesPerPixel,
    pixelRepresentation: pixels.signed ? 1 : 0,
    planarConfiguration: 0,
    photometricInterpretation: pixels.samplesPerPixel === 3 ? 'RGB' : 'MONOCHROME2',
    decodedBuffer: bytes,
  });
  const encoded = native.encodeJpeg(context, parameters);
  return Uint8Array.from(encoded.getEncodedBuffer() ?? []);
}
