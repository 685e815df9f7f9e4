import type { PixelPacking } from '../transfer-syntaxes.ts';
import { readJpegFrame } from './jpeg-markers.ts';

/** The encoding of a frame whose file does not name one, by how it starts; null when nothing fits. */
export function sniffPacking(bytes: Buffer): PixelPacking | null {
  if (bytes.length < 64) return null;
  const start = bytes.readUInt32BE(0);
  if (start === 0xff4fff51 || start === 0x0000000c) {
    // A high-throughput codestream has a CAP marker right after SIZ (ISO/IEC 15444-15).
    const next = 4 + bytes.readUInt16BE(4);
    const cap = start === 0xff4fff51 && next + 2 <= bytes.length && bytes.readUInt16BE(next) === 0xff50;
    return cap ? 'htj2k' : 'jpeg-2000';
  }
  if (start >>> 16 === 0xff0a) return 'jpeg-xl';
  const jpeg = readJpegFrame(bytes);
  if (jpeg) return jpeg.process === 0xc3 ? 'jpeg-lossless' : 'jpeg';
  // JPEG-LS has its own frame marker, FFF7.
  if (start >>> 16 === 0xffd8 && bytes.includes(Buffer.of(0xff, 0xf7))) return 'jpeg-ls';
  const segments = bytes.readUInt32LE(0);
  return segments >= 1 && segments <= 15 && bytes.readUInt32LE(4) === 64 ? 'rle' : null;
}
