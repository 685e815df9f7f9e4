import { refuse } from '../refusal.ts';

/**
 * RLE Lossless (PS3.5 Annex G) to planes of little-endian samples, one sample's plane after the other.
 *
 * @throws GraftError `broken` when segments are missing or hold fewer bytes than a plane
 */
export function decodeRle(
  bytes: Buffer,
  pixels: number,
  samplesPerPixel: number,
  bytesPerSample: number,
): Uint8Array {
  const segments = samplesPerPixel * bytesPerSample;
  if (bytes.length < 64 || bytes.readUInt32LE(0) !== segments) {
    throw refuse('broken', `Expected ${segments} RLE segments for this image, found another number.`);
  }
  const out = new Uint8Array(pixels * segments);
  for (let segment = 0; segment < segments; segment++) {
    const start = bytes.readUInt32LE(4 + 4 * segment);
    const next = segment + 1 < segments ? bytes.readUInt32LE(8 + 4 * segment) : bytes.length;
    const sample = Math.floor(segment / bytesPerSample);
    // Segments hold the most significant byte first.
    const byte = bytesPerSample - 1 - (segment % bytesPerSample);
    unpack(bytes.subarray(start, next), out, sample * pixels * bytesPerSample + byte, bytesPerSample, pixels);
  }
  return out;
}

function unpack(packed: Uint8Array, out: Uint8Array, start: number, stride: number, count: number): void {
  let at = 0;
  let done = 0;
  while (done < count && at < packed.length) {
    const control = packed[at++];
    if (control === 128) continue;
    const literal = control < 128;
    const run = Math.min(literal ? control + 1 : 257 - control, count - done);
    for (let index = 0; index < run; index++)
      out[start + (done + index) * stride] = packed[literal ? at + index : at];
    if (literal && at + run > packed.length) break;
    done += run;
    at += literal ? control + 1 : 1;
  }
  if (done < count) throw refuse('truncated', `An RLE segment holds ${done} of ${count} bytes.`);
}
